/*
 * db_cgroups: the control group of each task, as table task_cgroup.
 */
#ifndef DB_DB_CGROUPS_H
#define DB_DB_CGROUPS_H

#include <sqlite3.h>

#include "core/err.h"
#include "core/trace.h"

/* A row for each task whose group is known. Errors of row_put(). */
MUST_CHECK int db_cgroups_store(sqlite3 *sql, const struct trace *trace,
				struct err *err);

/*
 * Into trace->cgroups; its names must be there already. ERR_FORMAT, ERR_NOMEM.
 */
MUST_CHECK int db_cgroups_load(sqlite3 *sql, struct trace *trace,
			       struct err *err);

#endif
