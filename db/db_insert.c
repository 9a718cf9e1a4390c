#include "db/db_insert.h"

#include <stdbool.h>

#include "db/db_row.h"

int inserter_open(struct inserter *inserter, sqlite3 *sql, struct err *err)
{
	int ret;

	*inserter = (struct inserter){.sql = sql};
	/* Ids that SQLite gives itself, in order, are its fastest way in. */
	ret = row_prepare(sql,
			  "INSERT INTO event (ts_ns, cpu, pid, kind, flags, "
			  "call_site, addr, bytes_req, bytes_alloc, gfp_flags, "
			  "page_order, migratetype, node, name, object) "
			  "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
			  &inserter->event, err);
	if (!ret)
		ret = row_prepare(sql,
				  "INSERT INTO event_detail "
				  "VALUES (?,?,?,?,?,?,?)",
				  &inserter->detail, err);
	return ret;
}

void inserter_close(struct inserter *inserter)
{
	sqlite3_finalize(inserter->event);
	sqlite3_finalize(inserter->detail);
	*inserter = (struct inserter){0};
}

static int bind_id(sqlite3_stmt *stmt, int at, uint64_t id)
{
	if (!id)
		return sqlite3_bind_null(stmt, at);
	return sqlite3_bind_int64(stmt, at, (int64_t)id);
}

/* A bind fails only for a bad index or statement, or together with all. */
static int bind_event(sqlite3_stmt *stmt, const struct kmem_event *ev)
{
	int bad = 0;

	bad |= sqlite3_bind_int64(stmt, 1, (int64_t)ev->ts_ns);
	bad |= sqlite3_bind_int64(stmt, 2, ev->cpu);
	bad |= sqlite3_bind_int64(stmt, 3, ev->pid);
	bad |= sqlite3_bind_int64(stmt, 4, ev->kind);
	bad |= sqlite3_bind_int64(stmt, 5, ev->flags);
	bad |= bind_id(stmt, 6, ev->call_site);
	bad |= sqlite3_bind_int64(stmt, 7, (int64_t)ev->addr);
	bad |= sqlite3_bind_int64(stmt, 8, (int64_t)ev->bytes_req);
	bad |= sqlite3_bind_int64(stmt, 9, (int64_t)ev->bytes_alloc);
	bad |= sqlite3_bind_int64(stmt, 10, ev->gfp_flags);
	bad |= sqlite3_bind_int64(stmt, 11, ev->order);
	bad |= sqlite3_bind_int64(stmt, 12, ev->migratetype);
	if (ev->node == -1)
		bad |= sqlite3_bind_null(stmt, 13);
	else
		bad |= sqlite3_bind_int64(stmt, 13, ev->node);
	bad |= bind_id(stmt, 14, ev->name);
	bad |= bind_id(stmt, 15, ev->object);
	return bad;
}

static int bind_detail(sqlite3_stmt *stmt, const struct event_detail *detail)
{
	int bad = sqlite3_clear_bindings(stmt);

	bad |= sqlite3_bind_int64(stmt, 1, (int64_t)detail->event);
	if (detail->has_fallback) {
		bad |= sqlite3_bind_int64(stmt, 2, detail->fallback_order);
		bad |=
		    sqlite3_bind_int64(stmt, 3, detail->fallback_migratetype);
	}
	if (detail->has_alloc) {
		bad |=
		    sqlite3_bind_int64(stmt, 4, (int64_t)detail->alloc_ts_ns);
		bad |= sqlite3_bind_int64(stmt, 5, (int64_t)detail->alloc_site);
		bad |= sqlite3_bind_int64(stmt, 6, detail->alloc_cpu);
	}
	if (detail->has_slot)
		bad |= sqlite3_bind_int64(stmt, 7, detail->slot);
	return bad;
}

static bool step(sqlite3_stmt *stmt)
{
	return sqlite3_step(stmt) == SQLITE_DONE &&
	       sqlite3_reset(stmt) == SQLITE_OK;
}

int inserter_batch(struct inserter *inserter, const struct event_batch *batch,
		   struct err *err)
{
	for (size_t i = 0; i < batch->count; i++)
		if (bind_event(inserter->event, &batch->events[i]) ||
		    !step(inserter->event))
			return row_fail(inserter->sql, "insert", err);
	for (size_t i = 0; i < batch->detail_count; i++)
		if (bind_detail(inserter->detail, &batch->details[i]) ||
		    !step(inserter->detail))
			return row_fail(inserter->sql, "insert", err);
	return 0;
}
