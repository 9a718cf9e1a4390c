#include "db/db_open.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/db.h"
#include "db/db_row.h"
#include "db/db_schema.h"

bool db_is_database(const char *path)
{
	static const char magic[16] = "SQLite format 3";
	char head[sizeof(magic)] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool is;

	if (fd < 0)
		return false;
	is = read(fd, head, sizeof(head)) == (ssize_t)sizeof(head) &&
	     !memcmp(head, magic, sizeof(magic));
	close(fd);
	return is;
}

static uint32_t load_be(const uint8_t *bytes, int count)
{
	uint32_t value = 0;

	for (int i = 0; i < count; i++)
		value = value << 8 | bytes[i];
	return value;
}

/*
 * SQLite reads missing bytes of the last page as zeros, so the size that the
 * head tells is checked here (www.sqlite.org/fileformat.html, 1.3). Through
 * SQLite's own descriptor: to close another one would end its locks.
 */
static int check_size(sqlite3 *sql, const char *path, struct err *err)
{
	enum {
		PAGE_SIZE_AT = 16,
		CHANGES_AT = 24,
		PAGES_AT = 28,
		VALID_AT = 92
	};
	sqlite3_file *file = NULL;
	sqlite3_int64 size = 0;
	uint8_t head[100] = {0};
	uint64_t page_size, pages;

	if (sqlite3_file_control(sql, "main", SQLITE_FCNTL_FILE_POINTER,
				 &file) ||
	    file->pMethods->xFileSize(file, &size) ||
	    file->pMethods->xRead(file, head, sizeof(head), 0))
		return err_set(err, ERR_IO, "cannot read %s", path);
	page_size = load_be(head + PAGE_SIZE_AT, 2);
	page_size = page_size == 1 ? 65536 : page_size;
	pages = load_be(head + PAGES_AT, 4);
	/* The number of pages counts only if it was written last. */
	if (load_be(head + CHANGES_AT, 4) == load_be(head + VALID_AT, 4) &&
	    (uint64_t)size < pages * page_size)
		return err_set(err, ERR_FORMAT,
			       "%s is cut short: import the capture again",
			       path);
	return 0;
}

static int get_pragma(sqlite3 *sql, const char *text, int64_t *value,
		      struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	bool more = false;
	int ret = row_prepare(sql, text, &stmt, err);

	if (!ret)
		ret = row_step(stmt, &more, err);
	if (!ret)
		*value = more ? sqlite3_column_int64(stmt, 0) : 0;
	sqlite3_finalize(stmt);
	return ret;
}

static int check_version(sqlite3 *sql, const char *path, struct err *err)
{
	int64_t application = 0, version = 0;
	int ret = get_pragma(sql, "PRAGMA application_id", &application, err);

	if (!ret)
		ret = get_pragma(sql, "PRAGMA user_version", &version, err);
	if (ret)
		return ret;
	if (application != DB_APPLICATION_ID)
		return err_set(err, ERR_FORMAT,
			       "%s is a database, but none of kmemscope's",
			       path);
	if (version > DB_VERSION)
		return err_set(err, ERR_UNSUPPORTED,
			       "%s was made by a newer kmemscope (schema %lld, "
			       "this one knows %d): use that, or import the "
			       "capture again",
			       path, (long long)version, DB_VERSION);
	if (version < DB_VERSION)
		return err_set(err, ERR_UNSUPPORTED,
			       "%s was made by an older kmemscope (schema "
			       "%lld, this one needs %d): import the capture "
			       "again",
			       path, (long long)version, DB_VERSION);
	return 0;
}

/* The text of one CREATE TABLE, as the file has it, must be ours. */
static int check_table(sqlite3_stmt *find, const char *name, const char *want,
		       struct err *err)
{
	const char *have = NULL;
	bool more;
	int ret;

	if (sqlite3_bind_text(find, 1, name, -1, SQLITE_TRANSIENT))
		return row_fail(sqlite3_db_handle(find), "bind", err);
	ret = row_step(find, &more, err);
	if (!ret && more)
		have = (const char *)sqlite3_column_text(find, 0);
	if (!ret && (!have || strcmp(have, want) != 0))
		ret = row_damaged(sqlite3_db_handle(find), name, err);
	sqlite3_reset(find);
	return ret;
}

static int compare_tables(sqlite3 *sql, sqlite3 *ours, struct err *err)
{
	sqlite3_stmt *list = NULL, *find = NULL;
	bool more = true;
	int ret;

	ret = row_prepare(ours,
			  "SELECT name, sql FROM sqlite_schema "
			  "WHERE type = 'table'",
			  &list, err);
	if (!ret)
		ret = row_prepare(sql,
				  "SELECT sql FROM sqlite_schema "
				  "WHERE type = 'table' AND name = ?1",
				  &find, err);
	while (!ret) {
		ret = row_step(list, &more, err);
		if (ret || !more)
			break;
		ret = check_table(
		    find, (const char *)sqlite3_column_text(list, 0),
		    (const char *)sqlite3_column_text(list, 1), err);
	}
	sqlite3_finalize(list);
	sqlite3_finalize(find);
	return ret;
}

static int check_tables(sqlite3 *sql, struct err *err)
{
	sqlite3 *ours = NULL;
	int ret;

	if (sqlite3_open(":memory:", &ours) != SQLITE_OK)
		ret = err_set(err, ERR_NOMEM, "out of memory");
	else
		ret = row_exec(ours, db_schema_sql, err);
	if (!ret)
		ret = compare_tables(sql, ours, err);
	sqlite3_close(ours);
	return ret;
}

/* A foreign file shall run no code of its own. */
static void distrust(sqlite3 *sql)
{
	sqlite3_db_config(sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(sql, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(sql, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
}

int sql_open(const char *path, bool writable, sqlite3 **sql, struct err *err)
{
	sqlite3 *opened = NULL;
	int ret = 0;

	if (access(path, writable ? R_OK | W_OK : R_OK))
		return err_set(err, errno == ENOENT ? ERR_MISSING : ERR_PERM,
			       "cannot open %s: %s", path, strerror(errno));
	/* To read, too: what a killed writer left half-way is rolled back. */
	if (sqlite3_open_v2(path, &opened,
			    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE,
			    NULL) != SQLITE_OK)
		ret = opened ? row_fail(opened, "open", err)
			     : err_set(err, ERR_NOMEM, "out of memory");
	if (!ret) {
		distrust(opened);
		sqlite3_busy_timeout(opened, 2000);
		ret = check_version(opened, path, err);
	}
	if (!ret)
		ret = check_size(opened, path, err);
	if (!ret && !writable)
		ret = row_exec(opened, "PRAGMA query_only = ON", err);
	if (!ret)
		ret = check_tables(opened, err);
	if (ret)
		sqlite3_close(opened);
	else
		*sql = opened;
	return ret;
}

int db_open(const char *path, bool writable, struct db **db, struct err *err)
{
	struct db *made;
	int ret;

	assert(path && db);
	made = calloc(1, sizeof(*made));
	if (!made)
		return err_set(err, ERR_NOMEM, "out of memory");
	ret = sql_open(path, writable, &made->sql, err);
	if (ret)
		free(made);
	else
		*db = made;
	return ret;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	sqlite3_close(db->sql);
	free(db);
}
