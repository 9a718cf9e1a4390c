#include "db/query.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "db/db_facts.h"
#include "db/db_open.h"
#include "db/db_tables.h"

int db_query_trace(struct db *db, struct trace *trace, struct err *err)
{
	struct site_list sites = {0};
	int ret = facts_load(db->sql, trace, &sites, err);

	site_list_fini(&sites);
	return ret;
}

/* Name ids of the file to ids in names. */
struct translation {
	sqlite3_stmt *find;
	struct names *names;
	struct map known;
};

static int translate(struct translation *to, uint32_t *id, struct err *err)
{
	const uint64_t *known = map_find(&to->known, *id);
	const char *text;
	uint32_t found;
	bool more;
	int ret;

	if (known) {
		*id = (uint32_t)*known;
		return 0;
	}
	sqlite3_reset(to->find);
	if (sqlite3_bind_int64(to->find, 1, *id))
		return row_fail(sqlite3_db_handle(to->find), "bind", err);
	ret = row_step(to->find, &more, err);
	if (!ret && !more)
		ret = row_damaged(sqlite3_db_handle(to->find), "name", err);
	if (!ret)
		ret = row_text(to->find, 0, &text, err);
	if (ret)
		return ret;
	if (names_intern(to->names, text, strlen(text), &found) ||
	    map_put(&to->known, *id, found))
		return err_set(err, ERR_NOMEM, "out of memory");
	*id = found;
	return 0;
}

/* Translates the name id at offset in each of count rows. */
static int translate_rows(struct db *db, struct names *names, void *rows,
			  size_t size, size_t count, size_t offset,
			  struct err *err)
{
	struct translation to = {.names = names};
	int ret = row_prepare(db->sql, "SELECT text FROM name WHERE id = ?1",
			      &to.find, err);

	for (size_t i = 0; i < count && !ret; i++) {
		void *member = (char *)rows + i * size + offset;
		uint32_t id;

		memcpy(&id, member, sizeof(id));
		/* 0 is the empty name everywhere. */
		if (id)
			ret = translate(&to, &id, err);
		memcpy(member, &id, sizeof(id));
	}
	sqlite3_finalize(to.find);
	map_fini(&to.known);
	return ret;
}

/* SQLite's LIMIT: negative is no limit. */
static int64_t limit_of(size_t limit)
{
	return limit && limit < INT64_MAX ? (int64_t)limit : -1;
}

int db_query_sites(struct db *db, struct names *names, enum db_site_order order,
		   size_t limit, struct site_summary **sites, size_t *count,
		   struct err *err)
{
	static const char *const tails[] = {
	    [DB_SITES_AS_STORED] = "ORDER BY rowid LIMIT ?1",
	    [DB_SITES_BY_WASTE] =
		"ORDER BY bytes_alloc - bytes_req DESC, rowid LIMIT ?1",
	};
	int64_t params[] = {limit_of(limit)};
	void *list = NULL;
	int ret;

	ret = row_load(db->sql, &table_site_summary, tails[order], params, 1,
		       false, sizeof(**sites), &list, count, err);
	if (!ret)
		ret = translate_rows(db, names, list, sizeof(**sites), *count,
				     offsetof(struct site_summary, name), err);
	if (ret)
		free(list);
	else
		*sites = list;
	return ret;
}

/* A run as one row of its table: the key, then what table_run has. */
static int load_run(sqlite3_stmt *stmt, struct db_run_row *row, bool *more,
		    struct err *err)
{
	int ret = row_next(stmt, &table_run, &row->id, &row->result, more, err);

	if (!ret && *more && row->result.order_count > SNAPSHOT_ORDERS_MAX)
		ret = row_damaged(sqlite3_db_handle(stmt), "run", err);
	return ret;
}

int db_query_runs(struct db *db, struct db_run_row **runs, size_t *count,
		  struct err *err)
{
	struct db_run_row *list = NULL;
	sqlite3_stmt *stmt = NULL;
	size_t done = 0;
	bool more = true;
	int ret = row_select_prepare(db->sql, &table_run, "ORDER BY id", NULL,
				     0, &stmt, err);

	while (!ret) {
		struct db_run_row *bigger =
		    realloc(list, (done + 1) * sizeof(*list));

		if (!bigger) {
			ret = err_set(err, ERR_NOMEM, "out of memory");
			break;
		}
		list = bigger;
		list[done] = (struct db_run_row){0};
		ret = load_run(stmt, &list[done], &more, err);
		if (ret || !more)
			break;
		done++;
	}
	sqlite3_finalize(stmt);
	if (ret) {
		free(list);
		return ret;
	}
	*runs = list;
	*count = done;
	return 0;
}

static int load_orders(struct db *db, int64_t run,
		       struct replay_sample *samples, size_t count,
		       struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	bool more = true;
	int ret = row_prepare(db->sql,
			      "SELECT position, page_order, free_blocks, "
			      "unusable FROM sample_order WHERE run = ?1",
			      &stmt, err);

	if (!ret && sqlite3_bind_int64(stmt, 1, run))
		ret = row_fail(db->sql, "bind", err);
	while (!ret) {
		int64_t at, order, blocks, unusable;

		ret = row_step(stmt, &more, err);
		if (ret || !more)
			break;
		ret = row_integer(stmt, 0, 0, (int64_t)count - 1, &at, err);
		if (!ret)
			ret = row_integer(stmt, 1, 0, SNAPSHOT_ORDERS_MAX - 1,
					  &order, err);
		if (!ret)
			ret = row_integer(stmt, 2, INT64_MIN, INT64_MAX,
					  &blocks, err);
		if (!ret)
			ret =
			    row_integer(stmt, 3, 0, UINT16_MAX, &unusable, err);
		if (ret)
			break;
		samples[at].free_blocks[order] = (uint64_t)blocks;
		samples[at].unusable[order] = (uint16_t)unusable;
	}
	sqlite3_finalize(stmt);
	return ret;
}

int db_query_samples(struct db *db, int64_t run, struct replay_sample **samples,
		     size_t *count, struct err *err)
{
	void *list = NULL;
	int ret =
	    row_load(db->sql, &table_sample, "WHERE run = ?1 ORDER BY position",
		     &run, 1, true, sizeof(**samples), &list, count, err);

	if (!ret)
		ret = load_orders(db, run, list, *count, err);
	if (ret)
		free(list);
	else
		*samples = list;
	return ret;
}

int db_query_cache_samples(struct db *db, struct names *names, int64_t run,
			   struct replay_cache_sample **samples, size_t *count,
			   struct err *err)
{
	void *list = NULL;
	int ret = row_load(db->sql, &table_sample_cache,
			   "WHERE run = ?1 ORDER BY position", &run, 1, true,
			   sizeof(**samples), &list, count, err);

	if (!ret)
		ret = translate_rows(
		    db, names, list, sizeof(**samples), *count,
		    offsetof(struct replay_cache_sample, cache), err);
	if (ret)
		free(list);
	else
		*samples = list;
	return ret;
}

int db_query_caches(struct db *db, struct names *names, int64_t run,
		    size_t limit, struct replay_cache_result **caches,
		    size_t *count, struct err *err)
{
	int64_t params[] = {run, limit_of(limit)};
	void *list = NULL;
	int ret =
	    row_load(db->sql, &table_cache_result,
		     "WHERE run = ?1 ORDER BY (slabs_peak << page_order) "
		     "DESC, position LIMIT ?2",
		     params, 2, false, sizeof(**caches), &list, count, err);

	if (!ret)
		ret = translate_rows(
		    db, names, list, sizeof(**caches), *count,
		    offsetof(struct replay_cache_result, cache), err);
	if (ret)
		free(list);
	else
		*caches = list;
	return ret;
}

int db_query_waterfall(struct db *db, int64_t run,
		       struct replay_waterfall *moments, struct err *err)
{
	struct replay_waterfall *rows;
	void *list = NULL;
	size_t count;
	int ret = row_load(db->sql, &table_waterfall,
			   "WHERE run = ?1 ORDER BY moment", &run, 1, false,
			   sizeof(*rows), &list, &count, err);

	if (!ret && count != WATERFALL_MOMENTS)
		ret = row_damaged(db->sql, "waterfall", err);
	rows = list;
	for (int i = 0; i < WATERFALL_MOMENTS && !ret; i++) {
		moments[i] = rows[i];
		moments[i].moment = (uint8_t)i;
	}
	free(list);
	return ret;
}
