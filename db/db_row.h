/*
 * db_row: a C struct as a row of a table, in both directions.
 *
 * A table is described once, by the list of its columns and the struct members
 * they hold. Key columns come first, are plain integers and are no members.
 * Everything read is checked against the range of its member.
 *
 * Errors: ERR_FORMAT, a value that no file of ours has; ERR_NOMEM; what
 * row_fail() makes of SQLite's (ERR_IO, ERR_PERM, ERR_SQL, ERR_INTERRUPTED).
 */
#ifndef DB_DB_ROW_H
#define DB_DB_ROW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "core/err.h"

enum row_type {
	ROW_BOOL,
	ROW_U8,
	ROW_I8,
	ROW_U16,
	ROW_U32,
	ROW_INT,
	ROW_U64,   /* 64 bits as SQLite's signed integer */
	ROW_COUNT, /* uint64_t; UINT64_MAX, "not known", is NULL */
	ROW_TEXT   /* char array, NUL-terminated */
};

struct row_field {
	const char *column;
	size_t offset;
	size_t size;
	enum row_type type;
};

#define ROW_TYPE_OF(member)                                                    \
	_Generic((member),                                                     \
	    bool: ROW_BOOL,                                                    \
	    uint8_t: ROW_U8,                                                   \
	    int8_t: ROW_I8,                                                    \
	    uint16_t: ROW_U16,                                                 \
	    uint32_t: ROW_U32,                                                 \
	    int: ROW_INT,                                                      \
	    uint64_t: ROW_U64,                                                 \
	    int64_t: ROW_U64,                                                  \
	    char *: ROW_TEXT)

#define ROW_AS(column, type, member)                                           \
	{                                                                      \
		column, offsetof(type, member), sizeof(((type *)0)->member),   \
		    ROW_TYPE_OF(((type *)0)->member)                           \
	}
#define ROW(type, member) ROW_AS(#member, type, member)
#define ROW_COUNT_OF(type, member)                                             \
	{                                                                      \
#member, offsetof(type, member), sizeof(((type *)0)->member),  \
		    ROW_COUNT                                                  \
	}

enum { ROW_KEYS_MAX = 4 };

struct row_table {
	const char *name;
	const char *keys[ROW_KEYS_MAX]; /* NULL after the last */
	const struct row_field *fields;
	unsigned int field_count;
};

/* INSERT of keys and fields. */
MUST_CHECK int row_insert_prepare(sqlite3 *sql, const struct row_table *table,
				  sqlite3_stmt **stmt, struct err *err);

/* Binds keys (as many as the table has) and row, steps, resets. */
MUST_CHECK int row_insert(sqlite3_stmt *stmt, const struct row_table *table,
			  const int64_t *keys, const void *row,
			  struct err *err);

/* The same for one row alone. */
MUST_CHECK int row_insert_one(sqlite3 *sql, const struct row_table *table,
			      const int64_t *keys, const void *row,
			      struct err *err);

/*
 * Binds loose values, steps, resets. One letter of types for each: i int64_t,
 * t const char * (NULL is NULL), n nothing: NULL.
 */
MUST_CHECK int row_put(sqlite3_stmt *stmt, struct err *err, const char *types,
		       ...);

/*
 * SELECT of keys and fields in this order; tail is what follows the table's
 * name ("WHERE moment = ?1 ORDER BY zone"), params what ?1 and so on stand for.
 */
MUST_CHECK int row_select_prepare(sqlite3 *sql, const struct row_table *table,
				  const char *tail, const int64_t *params,
				  unsigned int param_count, sqlite3_stmt **stmt,
				  struct err *err);

/*
 * Steps to the next row. *more tells whether there is one; then keys and row
 * are filled. Members that are no columns stay as they are.
 */
MUST_CHECK int row_next(sqlite3_stmt *stmt, const struct row_table *table,
			int64_t *keys, void *row, bool *more, struct err *err);

/*
 * All rows of such a SELECT as a list of structs of the given size, whose other
 * members are 0. If numbered, the key after those in params must count up from
 * 0. The caller frees *list, after a failure too.
 */
MUST_CHECK int row_load(sqlite3 *sql, const struct row_table *table,
			const char *tail, const int64_t *params,
			unsigned int param_count, bool numbered, size_t size,
			void **list, size_t *count, struct err *err);

/* Column as an integer between low and high, or ERR_FORMAT. */
MUST_CHECK int row_integer(sqlite3_stmt *stmt, int column, int64_t low,
			   int64_t high, int64_t *value, struct err *err);

/* Column as text, until the next step. ERR_FORMAT if it is none. */
MUST_CHECK int row_text(sqlite3_stmt *stmt, int column, const char **text,
			struct err *err);

/* Steps to the next row of any SELECT. */
MUST_CHECK int row_step(sqlite3_stmt *stmt, bool *more, struct err *err);

/* "The file is damaged", with the name of the thing that shows it. */
int row_damaged(sqlite3 *sql, const char *what, struct err *err);

/* What SQLite's last failure means, as an error that names the file. */
int row_fail(sqlite3 *sql, const char *doing, struct err *err);

/* One or more statements that return no rows. Errors of row_fail(). */
MUST_CHECK int row_exec(sqlite3 *sql, const char *text, struct err *err);
/* The caller finalizes *stmt, after a failure too. Errors of row_fail(). */
MUST_CHECK int row_prepare(sqlite3 *sql, const char *text, sqlite3_stmt **stmt,
			   struct err *err);

#endif
