/*
 * db_schema: db/schema.sql, built into the library.
 */
#ifndef DB_DB_SCHEMA_H
#define DB_DB_SCHEMA_H

/* PRAGMA application_id and user_version of db/schema.sql. */
enum { DB_APPLICATION_ID = 0x6b6d656d, DB_VERSION = 2 };

extern const char db_schema_sql[];

#endif
