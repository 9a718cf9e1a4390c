/*
 * db_reveals: struct reveals in the start_ tables.
 */
#ifndef DB_DB_REVEALS_H
#define DB_DB_REVEALS_H

#include <sqlite3.h>

#include "core/err.h"
#include "core/trace.h"

/* Writes all of it. Errors of row_insert(). */
MUST_CHECK int reveals_store(sqlite3 *sql, const struct reveals *reveals,
			     struct err *err);

/*
 * Reads what reveals_store() wrote into trace->reveals, which must be zeroed;
 * trace has its names, CPUs and snapshots already. ERR_FORMAT if a row cannot be.
 */
MUST_CHECK int reveals_load(sqlite3 *sql, struct trace *trace, struct err *err);

#endif
