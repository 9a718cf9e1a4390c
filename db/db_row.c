#include "db/db_row.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SQL_TEXT_MAX = 4096,
	LIST_MAX = 1 << 28 /* more rows than any machine has */
};

int row_fail(sqlite3 *sql, const char *doing, struct err *err)
{
	int code = sqlite3_extended_errcode(sql);
	const char *path = sqlite3_db_filename(sql, "main");

	path = path ? path : "database";
	switch (code & 0xff) {
	case SQLITE_NOMEM:
		return err_set(err, ERR_NOMEM, "%s: out of memory", path);
	case SQLITE_FULL:
		return err_set(err, ERR_IO,
			       "%s: no space left on the device: free some, or "
			       "name a file on another one",
			       path);
	case SQLITE_IOERR:
		return err_set(err, ERR_IO, "%s: %s failed: %s (%d)", path,
			       doing, sqlite3_errmsg(sql), code);
	case SQLITE_NOTADB:
		return err_set(err, ERR_FORMAT, "%s is not a database", path);
	case SQLITE_CORRUPT:
		return err_set(err, ERR_FORMAT,
			       "%s is damaged (%s): import the capture again",
			       path, sqlite3_errmsg(sql));
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(err, ERR_SQL,
			       "%s is in use by another program: try again "
			       "when it is done",
			       path);
	case SQLITE_READONLY:
		return err_set(err, ERR_PERM, "%s cannot be written", path);
	case SQLITE_INTERRUPT:
		return err_set(err, ERR_INTERRUPTED, "interrupted");
	default:
		return err_set(err, ERR_SQL, "%s: %s failed: %s", path, doing,
			       sqlite3_errmsg(sql));
	}
}

int row_exec(sqlite3 *sql, const char *text, struct err *err)
{
	if (sqlite3_exec(sql, text, NULL, NULL, NULL) != SQLITE_OK)
		return row_fail(sql, text, err);
	return 0;
}

int row_prepare(sqlite3 *sql, const char *text, sqlite3_stmt **stmt,
		struct err *err)
{
	if (sqlite3_prepare_v3(sql, text, -1, SQLITE_PREPARE_PERSISTENT, stmt,
			       NULL) != SQLITE_OK)
		return row_fail(sql, text, err);
	return 0;
}

static unsigned int key_count(const struct row_table *table)
{
	unsigned int count = 0;

	while (count < ROW_KEYS_MAX && table->keys[count])
		count++;
	return count;
}

/* Appends one column name, quoted: some are words of SQL. */
static void append_column(char text[SQL_TEXT_MAX], const char *column,
			  bool first)
{
	size_t len = strlen(text);
	int added = snprintf(text + len, SQL_TEXT_MAX - len, "%s\"%s\"",
			     first ? "" : ", ", column);

	assert(added > 0 && (size_t)added < SQL_TEXT_MAX - len);
	(void)added;
}

static void append(char text[SQL_TEXT_MAX], const char *more)
{
	size_t len = strlen(text);

	assert(len + strlen(more) < SQL_TEXT_MAX);
	snprintf(text + len, SQL_TEXT_MAX - len, "%s", more);
}

static void append_columns(char text[SQL_TEXT_MAX],
			   const struct row_table *table)
{
	unsigned int keys = key_count(table);

	for (unsigned int i = 0; i < keys; i++)
		append_column(text, table->keys[i], i == 0);
	for (unsigned int i = 0; i < table->field_count; i++)
		append_column(text, table->fields[i].column, keys + i == 0);
}

int row_insert_prepare(sqlite3 *sql, const struct row_table *table,
		       sqlite3_stmt **stmt, struct err *err)
{
	unsigned int columns = key_count(table) + table->field_count;
	char text[SQL_TEXT_MAX] = "INSERT INTO ";

	append(text, table->name);
	append(text, " (");
	append_columns(text, table);
	append(text, ") VALUES (");
	for (unsigned int i = 0; i < columns; i++)
		append(text, i ? ",?" : "?");
	append(text, ")");
	return row_prepare(sql, text, stmt, err);
}

int row_select_prepare(sqlite3 *sql, const struct row_table *table,
		       const char *tail, const int64_t *params,
		       unsigned int param_count, sqlite3_stmt **stmt,
		       struct err *err)
{
	char text[SQL_TEXT_MAX] = "SELECT ";
	int ret;

	append_columns(text, table);
	append(text, " FROM ");
	append(text, table->name);
	append(text, " ");
	append(text, tail);
	ret = row_prepare(sql, text, stmt, err);
	for (unsigned int i = 0; i < param_count && !ret; i++)
		if (sqlite3_bind_int64(*stmt, (int)i + 1, params[i]))
			ret = row_fail(sql, "bind", err);
	return ret;
}

static int bind_count(sqlite3_stmt *stmt, int at, uint64_t value)
{
	if (value == UINT64_MAX)
		return sqlite3_bind_null(stmt, at);
	return sqlite3_bind_int64(stmt, at, (int64_t)value);
}

static int bind_field(sqlite3_stmt *stmt, int at, const struct row_field *field,
		      const void *row)
{
	const void *member = (const char *)row + field->offset;

	switch (field->type) {
	case ROW_BOOL:
		return sqlite3_bind_int(stmt, at, *(const bool *)member);
	case ROW_U8:
		return sqlite3_bind_int(stmt, at, *(const uint8_t *)member);
	case ROW_I8:
		return sqlite3_bind_int(stmt, at, *(const int8_t *)member);
	case ROW_U16:
		return sqlite3_bind_int(stmt, at, *(const uint16_t *)member);
	case ROW_U32:
		return sqlite3_bind_int64(stmt, at, *(const uint32_t *)member);
	case ROW_INT:
		return sqlite3_bind_int(stmt, at, *(const int *)member);
	case ROW_U64:
		return sqlite3_bind_int64(stmt, at,
					  (int64_t) * (const uint64_t *)member);
	case ROW_COUNT:
		return bind_count(stmt, at, *(const uint64_t *)member);
	case ROW_TEXT:
		return sqlite3_bind_text(stmt, at, member,
					 (int)strnlen(member, field->size - 1),
					 SQLITE_TRANSIENT);
	}
	return SQLITE_MISUSE;
}

int row_insert(sqlite3_stmt *stmt, const struct row_table *table,
	       const int64_t *keys, const void *row, struct err *err)
{
	int at = 1;
	int ret = SQLITE_OK;

	for (unsigned int i = 0; i < key_count(table) && ret == SQLITE_OK; i++)
		ret = sqlite3_bind_int64(stmt, at++, keys[i]);
	for (unsigned int i = 0; i < table->field_count && ret == SQLITE_OK;
	     i++)
		ret = bind_field(stmt, at++, &table->fields[i], row);
	if (ret == SQLITE_OK && sqlite3_step(stmt) == SQLITE_DONE &&
	    sqlite3_reset(stmt) == SQLITE_OK)
		return 0;
	return row_fail(sqlite3_db_handle(stmt), "insert", err);
}

int row_insert_one(sqlite3 *sql, const struct row_table *table,
		   const int64_t *keys, const void *row, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int ret = row_insert_prepare(sql, table, &stmt, err);

	if (!ret)
		ret = row_insert(stmt, table, keys, row, err);
	sqlite3_finalize(stmt);
	return ret;
}

int row_put(sqlite3_stmt *stmt, struct err *err, const char *types, ...)
{
	int ret = SQLITE_OK;
	va_list ap;

	va_start(ap, types);
	for (int at = 1; types[at - 1] && ret == SQLITE_OK; at++) {
		switch (types[at - 1]) {
		case 'i':
			ret = sqlite3_bind_int64(stmt, at, va_arg(ap, int64_t));
			break;
		case 't':
			ret = sqlite3_bind_text(stmt, at,
						va_arg(ap, const char *), -1,
						SQLITE_TRANSIENT);
			break;
		default:
			ret = sqlite3_bind_null(stmt, at);
		}
	}
	va_end(ap);
	if (ret == SQLITE_OK && sqlite3_step(stmt) == SQLITE_DONE &&
	    sqlite3_reset(stmt) == SQLITE_OK)
		return 0;
	return row_fail(sqlite3_db_handle(stmt), "insert", err);
}

int row_damaged(sqlite3 *sql, const char *what, struct err *err)
{
	const char *path = sqlite3_db_filename(sql, "main");

	return err_set(err, ERR_FORMAT,
		       "%s: impossible values in %s: the file is damaged, "
		       "import the capture again",
		       path ? path : "database", what);
}

static int bad_value(sqlite3_stmt *stmt, int column, struct err *err)
{
	return row_damaged(sqlite3_db_handle(stmt),
			   sqlite3_column_name(stmt, column), err);
}

int row_integer(sqlite3_stmt *stmt, int column, int64_t low, int64_t high,
		int64_t *value, struct err *err)
{
	int64_t got;

	if (sqlite3_column_type(stmt, column) != SQLITE_INTEGER)
		return bad_value(stmt, column, err);
	got = sqlite3_column_int64(stmt, column);
	if (got < low || got > high)
		return bad_value(stmt, column, err);
	*value = got;
	return 0;
}

int row_text(sqlite3_stmt *stmt, int column, const char **text, struct err *err)
{
	if (sqlite3_column_type(stmt, column) != SQLITE_TEXT)
		return bad_value(stmt, column, err);
	*text = (const char *)sqlite3_column_text(stmt, column);
	return *text ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

int row_step(sqlite3_stmt *stmt, bool *more, struct err *err)
{
	int ret = sqlite3_step(stmt);

	*more = ret == SQLITE_ROW;
	if (ret == SQLITE_ROW || ret == SQLITE_DONE)
		return 0;
	return row_fail(sqlite3_db_handle(stmt), "reading", err);
}

static int get_text(sqlite3_stmt *stmt, int column,
		    const struct row_field *field, char *text, struct err *err)
{
	const char *got = "";
	int ret = row_text(stmt, column, &got, err);

	if (ret)
		return ret;
	if (strlen(got) >= field->size)
		return bad_value(stmt, column, err);
	/* Nothing of an earlier text stays behind the NUL. */
	memset(text, 0, field->size);
	memcpy(text, got, strlen(got) + 1);
	return 0;
}

/* What a member of each type can hold. */
static const struct {
	int64_t low, high;
} ranges[] = {
    [ROW_BOOL] = {0, 1},
    [ROW_U8] = {0, UINT8_MAX},
    [ROW_I8] = {INT8_MIN, INT8_MAX},
    [ROW_U16] = {0, UINT16_MAX},
    [ROW_U32] = {0, UINT32_MAX},
    [ROW_INT] = {INT32_MIN, INT32_MAX},
    [ROW_U64] = {INT64_MIN, INT64_MAX},
    [ROW_COUNT] = {INT64_MIN, INT64_MAX},
};

static void set_member(const struct row_field *field, void *member,
		       int64_t value)
{
	switch (field->type) {
	case ROW_BOOL:
		*(bool *)member = value != 0;
		break;
	case ROW_U8:
		*(uint8_t *)member = (uint8_t)value;
		break;
	case ROW_I8:
		*(int8_t *)member = (int8_t)value;
		break;
	case ROW_U16:
		*(uint16_t *)member = (uint16_t)value;
		break;
	case ROW_U32:
		*(uint32_t *)member = (uint32_t)value;
		break;
	case ROW_INT:
		*(int *)member = (int)value;
		break;
	case ROW_U64:
	case ROW_COUNT:
		*(uint64_t *)member = (uint64_t)value;
		break;
	case ROW_TEXT:
		break;
	}
}

static int get_field(sqlite3_stmt *stmt, int column,
		     const struct row_field *field, void *row, struct err *err)
{
	void *member = (char *)row + field->offset;
	int64_t value = 0;
	int ret;

	if (field->type == ROW_TEXT)
		return get_text(stmt, column, field, member, err);
	if (field->type == ROW_COUNT &&
	    sqlite3_column_type(stmt, column) == SQLITE_NULL) {
		*(uint64_t *)member = UINT64_MAX;
		return 0;
	}
	ret = row_integer(stmt, column, ranges[field->type].low,
			  ranges[field->type].high, &value, err);
	if (!ret)
		set_member(field, member, value);
	return ret;
}

int row_next(sqlite3_stmt *stmt, const struct row_table *table, int64_t *keys,
	     void *row, bool *more, struct err *err)
{
	int column = 0;
	int ret = row_step(stmt, more, err);

	if (ret || !*more)
		return ret;
	for (unsigned int i = 0; i < key_count(table) && !ret; i++)
		ret = row_integer(stmt, column++, INT64_MIN, INT64_MAX,
				  &keys[i], err);
	for (unsigned int i = 0; i < table->field_count && !ret; i++)
		ret = get_field(stmt, column++, &table->fields[i], row, err);
	return ret;
}

/* Makes room for one more element of a list; new ones are zeroed. */
static int reserve(void **list, size_t size, size_t count, size_t *cap,
		   struct err *err)
{
	size_t bigger_cap = *cap ? *cap * 2 : 64;
	void *bigger;

	if (count < *cap)
		return 0;
	bigger = count < LIST_MAX ? realloc(*list, bigger_cap * size) : NULL;
	if (!bigger)
		return err_set(err, ERR_NOMEM, "out of memory for a list");
	memset((char *)bigger + count * size, 0, (bigger_cap - count) * size);
	*list = bigger;
	*cap = bigger_cap;
	return 0;
}

int row_load(sqlite3 *sql, const struct row_table *table, const char *tail,
	     const int64_t *params, unsigned int param_count, bool numbered,
	     size_t size, void **list, size_t *count, struct err *err)
{
	int64_t keys[ROW_KEYS_MAX] = {0};
	sqlite3_stmt *stmt = NULL;
	bool more = true;
	size_t cap = 0;
	int ret;

	*list = NULL;
	*count = 0;
	ret = row_select_prepare(sql, table, tail, params, param_count, &stmt,
				 err);
	while (!ret) {
		ret = reserve(list, size, *count, &cap, err);
		if (!ret)
			ret =
			    row_next(stmt, table, keys,
				     (char *)*list + *count * size, &more, err);
		if (ret || !more)
			break;
		if (numbered && keys[param_count] != (int64_t)*count)
			ret = row_damaged(sql, table->name, err);
		else
			++*count;
	}
	sqlite3_finalize(stmt);
	return ret;
}
