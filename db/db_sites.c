#include "db/db_sites.h"

#include <stdbool.h>
#include <stdlib.h>

#include "db/db_row.h"

void site_list_fini(struct site_list *sites)
{
	free(sites->addresses);
	map_fini(&sites->ids);
	*sites = (struct site_list){0};
}

static int site_list_add(struct site_list *sites, uint64_t address)
{
	if (sites->count == sites->cap) {
		uint32_t cap = sites->cap ? sites->cap * 2 : 256;
		uint64_t *bigger =
		    realloc(sites->addresses, (size_t)cap * sizeof(*bigger));

		if (!bigger)
			return ERR_NOMEM;
		sites->addresses = bigger;
		sites->cap = cap;
	}
	sites->addresses[sites->count++] = address;
	if (address != UINT64_MAX)
		return map_put(&sites->ids, address, sites->count);
	sites->all_ones = sites->count;
	return 0;
}

int site_list_id(struct site_list *sites, uint64_t address, uint32_t *id)
{
	const uint64_t *known = map_find(&sites->ids, address);

	if (!address)
		*id = 0;
	else if (known)
		*id = (uint32_t)*known;
	else if (address == UINT64_MAX && sites->all_ones)
		*id = sites->all_ones;
	else if (site_list_add(sites, address))
		return ERR_NOMEM;
	else
		*id = sites->count;
	return 0;
}

int db_sites_store(sqlite3 *sql, const struct site_list *sites,
		   const struct symbols *symbols, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int ret = row_prepare(sql, "INSERT INTO call_site VALUES (?,?,?,?,?)",
			      &stmt, err);

	for (uint32_t i = 0; i < sites->count && !ret; i++) {
		uint64_t address = sites->addresses[i];
		const char *module = NULL;
		uint64_t offset = 0;
		const char *symbol =
		    symbols_find(symbols, address, &offset, &module);

		ret = row_put(stmt, err, symbol ? "iitit" : "iinnn",
			      (int64_t)i + 1, (int64_t)address, symbol,
			      (int64_t)offset, module);
	}
	sqlite3_finalize(stmt);
	return ret;
}

/* A symbol, from its distance to a call site. */
static int load_symbol(sqlite3_stmt *stmt, struct symbols *symbols,
		       uint64_t address, struct err *err)
{
	const char *symbol, *module = NULL;
	int64_t offset;
	int ret = row_text(stmt, 2, &symbol, err);

	if (!ret)
		ret = row_integer(stmt, 3, 0, INT64_MAX, &offset, err);
	if (!ret && sqlite3_column_type(stmt, 4) != SQLITE_NULL)
		ret = row_text(stmt, 4, &module, err);
	if (ret)
		return ret;
	if ((uint64_t)offset > address)
		return row_damaged(sqlite3_db_handle(stmt), "call_site", err);
	if (symbols_add(symbols, address - (uint64_t)offset, symbol, module))
		return err_set(err, ERR_NOMEM, "out of memory");
	return 0;
}

static int load_site(sqlite3_stmt *stmt, struct site_list *sites,
		     struct symbols *symbols, struct err *err)
{
	int64_t want, address;
	uint32_t id;
	int ret = row_integer(stmt, 0, 1, UINT32_MAX, &want, err);

	if (!ret)
		ret = row_integer(stmt, 1, INT64_MIN, INT64_MAX, &address, err);
	if (ret)
		return ret;
	if (site_list_id(sites, (uint64_t)address, &id))
		return err_set(err, ERR_NOMEM, "out of memory");
	if (id != want)
		return row_damaged(sqlite3_db_handle(stmt), "call_site", err);
	if (sqlite3_column_type(stmt, 2) == SQLITE_NULL)
		return 0;
	return load_symbol(stmt, symbols, (uint64_t)address, err);
}

int db_sites_load(sqlite3 *sql, struct site_list *sites,
		  struct symbols *symbols, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	bool more = true;
	int ret = row_prepare(sql,
			      "SELECT id, address, symbol, \"offset\", module "
			      "FROM call_site ORDER BY id",
			      &stmt, err);

	while (!ret) {
		ret = row_step(stmt, &more, err);
		if (ret || !more)
			break;
		ret = load_site(stmt, sites, symbols, err);
	}
	sqlite3_finalize(stmt);
	return ret;
}
