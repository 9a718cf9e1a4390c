/*
 * db_capture: the one row of table capture, and the loss of each CPU.
 */
#ifndef DB_DB_CAPTURE_H
#define DB_DB_CAPTURE_H

#include <sqlite3.h>

#include "core/err.h"
#include "core/trace.h"

/* Errors of row_insert_one(). */
MUST_CHECK int db_capture_store(sqlite3 *sql, const struct trace *trace,
				struct err *err);

/*
 * Reads it into a zeroed trace, which owns what is made for it, after a
 * failure too. ERR_FORMAT: values that no machine has; ERR_NOMEM.
 */
MUST_CHECK int db_capture_load(sqlite3 *sql, struct trace *trace,
			       struct err *err);

#endif
