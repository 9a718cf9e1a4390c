/*
 * db_snapshot: struct snapshot in the snapshot_ tables, member by member.
 */
#ifndef DB_DB_SNAPSHOT_H
#define DB_DB_SNAPSHOT_H

#include <sqlite3.h>

#include "core/err.h"
#include "core/snapshot.h"

enum snapshot_moment { MOMENT_BEFORE, MOMENT_AFTER };

/* Writes nothing for a snapshot without parts. Errors of row_insert(). */
MUST_CHECK int snapshot_store(sqlite3 *sql, enum snapshot_moment moment,
			      const struct snapshot *snapshot, struct err *err);

/*
 * Reads what snapshot_store() wrote; parts is 0 if there was none. snapshot
 * must be zeroed. The caller frees it, after a failure too. ERR_FORMAT: the
 * file is damaged; ERR_NOMEM.
 */
MUST_CHECK int snapshot_load(sqlite3 *sql, enum snapshot_moment moment,
			     struct snapshot *snapshot, struct err *err);

#endif
