/*
 * db_topology: which node each CPU is on, as table cpu_node.
 */
#ifndef DB_DB_TOPOLOGY_H
#define DB_DB_TOPOLOGY_H

#include <sqlite3.h>

#include "core/err.h"
#include "core/topology.h"

/* A row for each CPU whose node is known. Errors of row_put(). */
MUST_CHECK int db_topology_store(sqlite3 *sql, const struct topology *topology,
				 struct err *err);

/*
 * Into a zeroed topology; the caller frees it, after a failure too.
 * ERR_FORMAT, ERR_NOMEM.
 */
MUST_CHECK int db_topology_load(sqlite3 *sql, struct topology *topology,
				struct err *err);

#endif
