/*
 * db_open: a database file, opened and known to be one of ours.
 */
#ifndef DB_DB_OPEN_H
#define DB_DB_OPEN_H

#include <stdbool.h>

#include <sqlite3.h>

#include "core/err.h"

struct db {
	sqlite3 *sql;
};

/*
 * Opens and checks: application_id, user_version, and that every table is the
 * one of db/schema.sql, not a view or something else by its name.
 */
MUST_CHECK int sql_open(const char *path, bool writable, sqlite3 **sql,
			struct err *err);

#endif
