/*
 * db_insert: batches of events into the tables event and event_detail.
 */
#ifndef DB_DB_INSERT_H
#define DB_DB_INSERT_H

#include <sqlite3.h>

#include "core/err.h"
#include "db/db_ring.h"

struct inserter {
	/* Private */
	sqlite3 *sql;
	sqlite3_stmt *event, *detail;
	const struct event_batch *batch; /* what the statement reads now */
};

/*
 * The inserter stays where it is until sql is closed: SQLite points to it.
 * Errors of row_fail().
 */
MUST_CHECK int inserter_open(struct inserter *inserter, sqlite3 *sql,
			     struct err *err);

/* Before sql is closed. */
void inserter_close(struct inserter *inserter);

/* Writes a batch of events. Errors of row_fail(). */
MUST_CHECK int inserter_batch(struct inserter *inserter,
			      const struct event_batch *batch, struct err *err);

#endif
