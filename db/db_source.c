/*
 * The events of a database as a source: two cursors in the order of event.id,
 * and the ledger that the writer kept too.
 */
#include "db/db.h"

#include <assert.h>
#include <stdlib.h>

#include "db/db_facts.h"
#include "db/db_ledger.h"
#include "db/db_open.h"
#include "db/db_row.h"

enum { BLOCK_ORDER_MAX = SNAPSHOT_ORDERS_MAX - 1 };

/* One column of event and the range that its member can hold. */
struct column {
	const char *name;
	int64_t low, high;
	bool may_be_null;
};

enum {
	COL_ID,
	COL_TS,
	COL_CPU,
	COL_PID,
	COL_KIND,
	COL_FLAGS,
	COL_SITE,
	COL_ADDR,
	COL_REQ,
	COL_ALLOC,
	COL_GFP,
	COL_ORDER,
	COL_MIGRATETYPE,
	COL_NODE,
	COL_NAME,
	COL_OBJECT,
	COL_COUNT
};

static const struct column columns[COL_COUNT] = {
    [COL_ID] = {"id", 1, INT64_MAX, false},
    [COL_TS] = {"ts_ns", INT64_MIN, INT64_MAX, false},
    [COL_CPU] = {"cpu", 0, UINT16_MAX, false},
    [COL_PID] = {"pid", INT32_MIN, INT32_MAX, false},
    [COL_KIND] = {"kind", 0, EV_KIND_COUNT - 1, false},
    [COL_FLAGS] = {"flags", 0, UINT32_MAX, false},
    [COL_SITE] = {"call_site", 1, UINT32_MAX, true},
    [COL_ADDR] = {"addr", INT64_MIN, INT64_MAX, false},
    [COL_REQ] = {"bytes_req", INT64_MIN, INT64_MAX, false},
    [COL_ALLOC] = {"bytes_alloc", INT64_MIN, INT64_MAX, false},
    [COL_GFP] = {"gfp_flags", 0, UINT32_MAX, false},
    [COL_ORDER] = {"page_order", 0, BLOCK_ORDER_MAX, false},
    [COL_MIGRATETYPE] = {"migratetype", INT8_MIN, INT8_MAX, false},
    [COL_NODE] = {"node", INT16_MIN, INT16_MAX, true},
    [COL_NAME] = {"name", 1, UINT32_MAX, true},
    [COL_OBJECT] = {"object", 1, INT64_MAX, true},
};

struct db_source {
	struct source source; /* first: it is what others hold */
	struct trace *trace;
	sqlite3 *sql;
	sqlite3_stmt *event, *detail;
	struct site_list sites;
	struct ledger ledger;
	int64_t last_id;   /* of the whole table */
	int64_t at_id;	   /* of the event read last */
	int64_t detail_id; /* of the detail that the cursor is on, 0: none */
	bool ended;
	/* The event that the cursor is on. */
	int64_t values[COL_COUNT];
	bool is_null[COL_COUNT];
	int bad_column; /* -1: none */
};

static int next_detail(struct db_source *db, struct err *err)
{
	int64_t id;
	bool more;
	int ret = row_step(db->detail, &more, err);

	db->detail_id = 0;
	if (ret || !more)
		return ret;
	ret = row_integer(db->detail, 0, 1, INT64_MAX, &id, err);
	/* A detail of no event would never be passed. */
	if (!ret && id <= db->at_id)
		ret = row_damaged(db->sql, "event_detail", err);
	if (!ret)
		db->detail_id = id;
	return ret;
}

static bool is_null(sqlite3_stmt *stmt, int column)
{
	return sqlite3_column_type(stmt, column) == SQLITE_NULL;
}

static int take_alloc(struct db_source *db, struct kmem_event *ev,
		      struct err *err)
{
	int64_t ts, site, cpu;
	int ret = row_integer(db->detail, 3, INT64_MIN, INT64_MAX, &ts, err);

	if (!ret)
		ret = row_integer(db->detail, 4, INT64_MIN, INT64_MAX, &site,
				  err);
	if (!ret)
		ret = row_integer(db->detail, 5, 0, UINT16_MAX, &cpu, err);
	if (ret)
		return ret;
	ev->alloc_ts_ns = (uint64_t)ts;
	ev->alloc_site = (uint64_t)site;
	ev->alloc_cpu = (uint16_t)cpu;
	return 0;
}

/* What the detail of this event says goes over what the ledger foretold. */
static int take_detail(struct db_source *db, struct kmem_event *ev,
		       struct err *err)
{
	int64_t value;
	int ret = 0;

	if (!is_null(db->detail, 1)) {
		ret =
		    row_integer(db->detail, 1, 0, BLOCK_ORDER_MAX, &value, err);
		if (!ret)
			ev->fallback_order = (uint8_t)value;
		if (!ret)
			ret = row_integer(db->detail, 2, INT8_MIN, INT8_MAX,
					  &value, err);
		if (!ret)
			ev->fallback_migratetype = (int8_t)value;
	}
	if (!ret && !is_null(db->detail, 3))
		ret = take_alloc(db, ev, err);
	if (!ret && !is_null(db->detail, 6)) {
		ret = row_integer(db->detail, 6, 0,
				  ledger_slot_max(&db->ledger), &value, err);
		if (!ret)
			ev->slot = (uint32_t)value;
	}
	if (!ret)
		ret = next_detail(db, err);
	return ret;
}

static int bad_event(struct db_source *db, int column, struct err *err)
{
	const char *path = sqlite3_db_filename(db->sql, "main");

	return err_set(err, ERR_FORMAT,
		       "%s: event %lld has an impossible %s: the file is "
		       "damaged, import the capture again",
		       path ? path : "database", (long long)db->values[COL_ID],
		       columns[column].name);
}

/*
 * SQL function take_event(id, ts_ns, ...): puts the values of one event where
 * check_event() finds them. Reading them here takes 2/3 of the time that
 * sqlite3_column_int64() would (SQLite 3.40): that locks for each column.
 */
static void take_event(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	struct db_source *db = sqlite3_user_data(context);

	db->bad_column = argc == COL_COUNT ? -1 : COL_ID;
	for (int i = 0; i < argc && i < COL_COUNT; i++) {
		int type = sqlite3_value_type(argv[i]);
		int64_t value = sqlite3_value_int64(argv[i]);

		db->values[i] = value;
		db->is_null[i] = type == SQLITE_NULL;
		if (type == SQLITE_NULL && columns[i].may_be_null)
			continue;
		if (db->bad_column < 0 &&
		    (type != SQLITE_INTEGER || value < columns[i].low ||
		     value > columns[i].high))
			db->bad_column = i;
	}
}

static int check_event(struct db_source *db, struct err *err)
{
	const int64_t *values = db->values;

	if (db->bad_column >= 0)
		return bad_event(db, db->bad_column, err);
	/* Sinks use these as indices. */
	if (values[COL_CPU] >= db->trace->info.cpu_count)
		return bad_event(db, COL_CPU, err);
	if (values[COL_SITE] > db->sites.count)
		return bad_event(db, COL_SITE, err);
	if (values[COL_NAME] >= names_count(&db->trace->names) &&
	    values[COL_NAME])
		return bad_event(db, COL_NAME, err);
	return 0;
}

static int read_event(struct db_source *db, struct kmem_event *ev,
		      struct err *err)
{
	const int64_t *values = db->values;
	int ret = check_event(db, err);

	if (ret)
		return ret;
	db->at_id = values[COL_ID];
	*ev = (struct kmem_event){
	    .ts_ns = (uint64_t)values[COL_TS],
	    .call_site = values[COL_SITE]
			     ? db->sites.addresses[values[COL_SITE] - 1]
			     : 0,
	    .addr = (uint64_t)values[COL_ADDR],
	    .bytes_req = (uint64_t)values[COL_REQ],
	    .bytes_alloc = (uint64_t)values[COL_ALLOC],
	    .object = (uint64_t)values[COL_OBJECT],
	    .gfp_flags = (uint32_t)values[COL_GFP],
	    .flags = (uint32_t)values[COL_FLAGS],
	    .name = (uint32_t)values[COL_NAME],
	    .pid = (int32_t)values[COL_PID],
	    .cpu = (uint16_t)values[COL_CPU],
	    .node =
		db->is_null[COL_NODE] ? (int16_t)-1 : (int16_t)values[COL_NODE],
	    .kind = (uint8_t)values[COL_KIND],
	    .order = (uint8_t)values[COL_ORDER],
	    .migratetype = (int8_t)values[COL_MIGRATETYPE],
	};
	ledger_foretell(&db->ledger, ev);
	if (db->detail_id == db->at_id)
		ret = take_detail(db, ev, err);
	else if (db->detail_id && db->detail_id < db->at_id)
		ret = row_damaged(db->sql, "event_detail", err);
	if (!ret && ledger_note(&db->ledger, ev))
		ret = err_set(err, ERR_NOMEM, "out of memory");
	return ret;
}

static int db_read(struct source *src, struct kmem_event *events, size_t cap,
		   size_t *count, struct err *err)
{
	struct db_source *db = (struct db_source *)src;
	size_t done = 0;

	while (done < cap && !db->ended) {
		bool more;
		int ret = row_step(db->event, &more, err);

		if (!ret && more)
			ret = read_event(db, &events[done], err);
		if (ret)
			return ret;
		if (more)
			done++;
		else
			db->ended = true;
	}
	*count = done;
	return 0;
}

static int db_rewind(struct source *src, struct err *err)
{
	struct db_source *db = (struct db_source *)src;

	/* A failed step says so again here: it was told when it happened. */
	sqlite3_reset(db->event);
	sqlite3_reset(db->detail);
	ledger_fini(&db->ledger);
	db->at_id = 0;
	db->ended = false;
	return next_detail(db, err);
}

static double db_position(const struct source *src)
{
	const struct db_source *db = (const struct db_source *)src;

	if (db->last_id <= 0)
		return 1;
	return (double)db->at_id / (double)db->last_id;
}

static void db_source_close(struct source *src)
{
	struct db_source *db = (struct db_source *)src;

	sqlite3_finalize(db->event);
	sqlite3_finalize(db->detail);
	sqlite3_close(db->sql);
	site_list_fini(&db->sites);
	ledger_fini(&db->ledger);
	free(db);
}

static int prepare_events(struct db_source *db, struct err *err)
{
	if (sqlite3_create_function(db->sql, "take_event", COL_COUNT,
				    SQLITE_UTF8 | SQLITE_DIRECTONLY, db,
				    take_event, NULL, NULL))
		return row_fail(db->sql, "create function", err);
	return row_prepare(db->sql,
			   "SELECT take_event(id, ts_ns, cpu, pid, kind, "
			   "flags, call_site, addr, bytes_req, bytes_alloc, "
			   "gfp_flags, page_order, migratetype, node, name, "
			   "object) FROM event ORDER BY id",
			   &db->event, err);
}

static int prepare(struct db_source *db, struct err *err)
{
	sqlite3_stmt *last = NULL;
	bool more = false;
	int ret;

	ret = row_prepare(db->sql, "SELECT coalesce(max(id), 0) FROM event",
			  &last, err);
	if (!ret)
		ret = row_step(last, &more, err);
	if (!ret && more)
		db->last_id = sqlite3_column_int64(last, 0);
	sqlite3_finalize(last);
	if (!ret)
		ret = prepare_events(db, err);
	if (!ret)
		ret = row_prepare(db->sql,
				  "SELECT event, fallback_order, "
				  "fallback_migratetype, alloc_ts_ns, "
				  "alloc_site, alloc_cpu, slot "
				  "FROM event_detail ORDER BY event",
				  &db->detail, err);
	if (!ret)
		ret = next_detail(db, err);
	return ret;
}

int db_source_open(const char *path, struct trace *trace,
		   struct source **source, struct err *err)
{
	static const struct source_ops ops = {
	    .read = db_read,
	    .rewind = db_rewind,
	    .position = db_position,
	    .close = db_source_close,
	};
	struct db_source *made;
	int ret;

	assert(path && trace && source);
	made = calloc(1, sizeof(*made));
	if (!made)
		return err_set(err, ERR_NOMEM, "out of memory");
	made->source.ops = &ops;
	made->trace = trace;
	ret = sql_open(path, false, &made->sql, err);
	if (!ret)
		ret = facts_load(made->sql, trace, &made->sites, err);
	if (!ret)
		ret = prepare(made, err);
	if (ret)
		db_source_close(&made->source);
	else
		*source = &made->source;
	return ret;
}
