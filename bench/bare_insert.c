#include "bench/bare_insert.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <sqlite3.h>

#include "bench/bench_clock.h"
#include "db/db_schema.h"

enum { COLUMNS = 16 };

struct row {
	int64_t value[COLUMNS];
	bool is_null[COLUMNS];
};

struct rows {
	struct row *list;
	size_t count, cap;
};

static int fail(sqlite3 *sql, struct err *err)
{
	return err_set(err, ERR_SQL, "bare loop: %s", sqlite3_errmsg(sql));
}

static int add_row(struct rows *rows, sqlite3_stmt *stmt)
{
	struct row *row;

	if (rows->count == rows->cap) {
		size_t cap = rows->cap ? rows->cap * 2 : 4096;
		struct row *bigger = realloc(rows->list, cap * sizeof(*bigger));

		if (!bigger)
			return ERR_NOMEM;
		rows->list = bigger;
		rows->cap = cap;
	}
	row = &rows->list[rows->count++];
	for (int i = 0; i < COLUMNS; i++) {
		row->value[i] = sqlite3_column_int64(stmt, i);
		row->is_null[i] = sqlite3_column_type(stmt, i) == SQLITE_NULL;
	}
	return 0;
}

static int read_rows(const char *database, struct rows *rows, struct err *err)
{
	sqlite3 *sql = NULL;
	sqlite3_stmt *stmt = NULL;
	int ret = 0;

	if (sqlite3_open_v2(database, &sql, SQLITE_OPEN_READONLY, NULL) ||
	    sqlite3_prepare_v2(sql, "SELECT * FROM event", -1, &stmt, NULL))
		ret = fail(sql, err);
	while (!ret && sqlite3_step(stmt) == SQLITE_ROW)
		ret = add_row(rows, stmt);
	sqlite3_finalize(stmt);
	sqlite3_close(sql);
	return ret;
}

static int insert_rows(sqlite3 *sql, const struct rows *rows, struct err *err)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(sql,
			       "INSERT INTO event VALUES "
			       "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
			       -1, &stmt, NULL))
		return fail(sql, err);
	for (size_t i = 0; i < rows->count; i++) {
		const struct row *row = &rows->list[i];

		/* The first column is the id, which SQLite gives itself. */
		for (int at = 1; at < COLUMNS; at++) {
			if (row->is_null[at])
				sqlite3_bind_null(stmt, at + 1);
			else
				sqlite3_bind_int64(stmt, at + 1,
						   row->value[at]);
		}
		if (sqlite3_step(stmt) != SQLITE_DONE)
			break;
		sqlite3_reset(stmt);
	}
	return sqlite3_finalize(stmt) ? fail(sql, err) : 0;
}

static int write_rows(const char *output, const struct rows *rows,
		      struct err *err)
{
	sqlite3 *sql = NULL;
	int ret = 0;
	int fd;

	if (sqlite3_open_v2(output, &sql,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
				SQLITE_OPEN_NOMUTEX,
			    NULL) ||
	    sqlite3_exec(sql,
			 "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; "
			 "PRAGMA locking_mode = EXCLUSIVE; "
			 "PRAGMA cache_size = -8192; BEGIN",
			 NULL, NULL, NULL) ||
	    sqlite3_exec(sql, db_schema_sql, NULL, NULL, NULL))
		ret = fail(sql, err);
	if (!ret)
		ret = insert_rows(sql, rows, err);
	if (!ret && sqlite3_exec(sql, "COMMIT", NULL, NULL, NULL))
		ret = fail(sql, err);
	sqlite3_close(sql);
	fd = ret ? -1 : open(output, O_RDONLY | O_CLOEXEC);
	if (!ret && (fd < 0 || fsync(fd)))
		ret = err_set(err, ERR_IO, "cannot sync %s", output);
	if (fd >= 0)
		close(fd);
	return ret;
}

int bare_insert(const char *database, const char *output,
		struct bench_time *time, struct err *err)
{
	struct rows rows = {0};
	struct bench_time start;
	int ret = read_rows(database, &rows, err);

	start = bench_now();
	if (!ret)
		ret = write_rows(output, &rows, err);
	*time = bench_since(start);
	free(rows.list);
	return ret;
}
