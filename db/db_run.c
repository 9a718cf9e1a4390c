/*
 * Keeping a replay's results in an existing database, in one transaction.
 */
#include "db/db.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "db/db_open.h"
#include "db/db_tables.h"

/* Name ids of the caller to those of the file, where new names are added. */
struct name_store {
	sqlite3 *sql;
	const struct names *names;
	sqlite3_stmt *find, *add;
	struct map known;
};

static int name_store_open(struct name_store *store, struct err *err)
{
	int ret = row_prepare(store->sql, "SELECT id FROM name WHERE text = ?1",
			      &store->find, err);

	if (!ret)
		ret = row_prepare(store->sql, "INSERT INTO name VALUES (?,?)",
				  &store->add, err);
	return ret;
}

static void name_store_close(struct name_store *store)
{
	sqlite3_finalize(store->find);
	sqlite3_finalize(store->add);
	map_fini(&store->known);
}

/* The file's id of a text, given now if the file does not have it. */
static int find_or_add(struct name_store *store, const char *text,
		       int64_t *file_id, struct err *err)
{
	sqlite3_stmt *next = NULL;
	bool more = false;
	int ret;

	sqlite3_reset(store->find);
	if (sqlite3_bind_text(store->find, 1, text, -1, SQLITE_TRANSIENT))
		return row_fail(store->sql, "bind", err);
	ret = row_step(store->find, &more, err);
	if (!ret && more)
		return row_integer(store->find, 0, 0, UINT32_MAX, file_id, err);
	if (!ret)
		ret = row_prepare(store->sql,
				  "SELECT coalesce(max(id), -1) + 1 FROM name",
				  &next, err);
	if (!ret)
		ret = row_step(next, &more, err);
	if (!ret)
		ret = row_integer(next, 0, 0, UINT32_MAX, file_id, err);
	sqlite3_finalize(next);
	if (!ret)
		ret = row_put(store->add, err, "it", *file_id, text);
	return ret;
}

static int translate(struct name_store *store, uint32_t *id, struct err *err)
{
	const uint64_t *known = map_find(&store->known, *id);
	int64_t file_id = 0;
	int ret;

	if (known) {
		*id = (uint32_t)*known;
		return 0;
	}
	ret = find_or_add(store, names_get(store->names, *id), &file_id, err);
	if (ret)
		return ret;
	if (map_put(&store->known, *id, (uint64_t)file_id))
		return err_set(err, ERR_NOMEM, "out of memory");
	*id = (uint32_t)file_id;
	return 0;
}

/* The id of an earlier run of the same model and settings, 0: none. */
static int find_run(sqlite3 *sql, const struct replay_result *result,
		    int64_t *id, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	bool more = false;
	int ret = row_prepare(sql,
			      "SELECT id FROM run "
			      "WHERE model = ?1 AND settings = ?2",
			      &stmt, err);

	*id = 0;
	if (!ret &&
	    (sqlite3_bind_text(stmt, 1, result->model, -1, SQLITE_TRANSIENT) ||
	     sqlite3_bind_text(stmt, 2, result->settings, -1,
			       SQLITE_TRANSIENT)))
		ret = row_fail(sql, "bind", err);
	if (!ret)
		ret = row_step(stmt, &more, err);
	if (!ret && more)
		*id = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return ret;
}

static int delete_run(sqlite3 *sql, int64_t run, struct err *err)
{
	static const char *const deletes[] = {
	    "DELETE FROM sample WHERE run = ?1",
	    "DELETE FROM sample_order WHERE run = ?1",
	    "DELETE FROM sample_cache WHERE run = ?1",
	    "DELETE FROM cache_result WHERE run = ?1",
	    "DELETE FROM waterfall WHERE run = ?1",
	    "DELETE FROM run WHERE id = ?1"};
	int ret = 0;

	for (size_t i = 0; i < sizeof(deletes) / sizeof(deletes[0]) && !ret;
	     i++) {
		sqlite3_stmt *stmt = NULL;

		ret = row_prepare(sql, deletes[i], &stmt, err);
		if (!ret)
			ret = row_put(stmt, err, "i", run);
		sqlite3_finalize(stmt);
	}
	return ret;
}

static int put_result(sqlite3 *sql, const struct replay_result *result,
		      int64_t *run, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	bool more = false;
	int ret = row_prepare(sql, "SELECT coalesce(max(id), 0) + 1 FROM run",
			      &stmt, err);

	if (!ret)
		ret = row_step(stmt, &more, err);
	if (!ret)
		ret = row_integer(stmt, 0, 1, INT64_MAX, run, err);
	sqlite3_finalize(stmt);
	if (!ret)
		ret = row_insert_one(sql, &table_run, run, result, err);
	return ret;
}

static int put_orders(sqlite3_stmt *stmt, int64_t run, int64_t position,
		      const struct replay_sample *sample, uint32_t order_count,
		      struct err *err)
{
	int ret = 0;

	for (uint32_t order = 0; order < order_count && !ret; order++)
		ret = row_put(stmt, err, "iiiii", run, position, (int64_t)order,
			      (int64_t)sample->free_blocks[order],
			      (int64_t)sample->unusable[order]);
	return ret;
}

static int put_samples(sqlite3 *sql, int64_t run, const struct db_run *from,
		       struct err *err)
{
	sqlite3_stmt *stmt = NULL, *order = NULL;
	int ret = row_insert_prepare(sql, &table_sample, &stmt, err);

	if (!ret)
		ret = row_prepare(sql,
				  "INSERT INTO sample_order VALUES (?,?,?,?,?)",
				  &order, err);
	for (size_t i = 0; i < from->sample_count && !ret; i++) {
		int64_t keys[] = {run, (int64_t)i};

		ret = row_insert(stmt, &table_sample, keys, &from->samples[i],
				 err);
		if (!ret)
			ret = put_orders(order, run, (int64_t)i,
					 &from->samples[i],
					 from->result->order_count, err);
	}
	sqlite3_finalize(stmt);
	sqlite3_finalize(order);
	return ret;
}

static int put_cache_samples(struct name_store *store, int64_t run,
			     const struct db_run *from, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int ret =
	    row_insert_prepare(store->sql, &table_sample_cache, &stmt, err);

	for (size_t i = 0; i < from->cache_sample_count && !ret; i++) {
		struct replay_cache_sample row = from->cache_samples[i];
		int64_t keys[] = {run, (int64_t)i};

		ret = translate(store, &row.cache, err);
		if (!ret)
			ret = row_insert(stmt, &table_sample_cache, keys, &row,
					 err);
	}
	sqlite3_finalize(stmt);
	return ret;
}

static int put_caches(struct name_store *store, int64_t run,
		      const struct db_run *from, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int ret =
	    row_insert_prepare(store->sql, &table_cache_result, &stmt, err);

	for (size_t i = 0; i < from->cache_count && !ret; i++) {
		struct replay_cache_result row = from->caches[i];
		int64_t keys[] = {run, (int64_t)i};

		ret = translate(store, &row.cache, err);
		if (!ret)
			ret = row_insert(stmt, &table_cache_result, keys, &row,
					 err);
	}
	sqlite3_finalize(stmt);
	return ret;
}

static int put_waterfall(sqlite3 *sql, int64_t run, const struct db_run *from,
			 struct err *err)
{
	int ret = 0;

	for (int i = 0; i < WATERFALL_MOMENTS && !ret; i++) {
		int64_t keys[] = {run, i};

		ret = row_insert_one(sql, &table_waterfall, keys,
				     &from->waterfall[i], err);
	}
	return ret;
}

static int put_all(sqlite3 *sql, const struct db_run *from, struct err *err)
{
	struct name_store store = {.sql = sql, .names = from->names};
	int64_t run;
	int ret = find_run(sql, from->result, &run, err);

	if (!ret && run)
		ret = delete_run(sql, run, err);
	if (!ret)
		ret = put_result(sql, from->result, &run, err);
	if (!ret)
		ret = put_samples(sql, run, from, err);
	if (!ret)
		ret = put_waterfall(sql, run, from, err);
	if (!ret)
		ret = name_store_open(&store, err);
	if (!ret)
		ret = put_cache_samples(&store, run, from, err);
	if (!ret)
		ret = put_caches(&store, run, from, err);
	name_store_close(&store);
	return ret;
}

int db_put_run(struct db *db, const struct db_run *run, struct err *err)
{
	int ret;

	assert(db && run && run->names && run->result && run->waterfall);
	assert(run->result->order_count <= SNAPSHOT_ORDERS_MAX);
	ret = row_exec(db->sql, "BEGIN IMMEDIATE", err);
	if (ret)
		return ret;
	ret = put_all(db->sql, run, err);
	if (!ret)
		ret = row_exec(db->sql, "COMMIT", err);
	if (ret)
		sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
	return ret;
}
