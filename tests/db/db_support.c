#include "tests/db/db_support.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "parser/capture.h"
#include "parser/link.h"
#include "tests/support/test.h"

static char directory[64];

static void remove_directory(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", directory);
	if (system(command))
		fprintf(stderr, "could not remove %s\n", directory);
}

const char *db_path(const char *name)
{
	static char paths[4][256];
	static unsigned int turn;
	char *path = paths[turn++ % 4];

	if (!directory[0]) {
		strcpy(directory, "/tmp/kmemscope-db-XXXXXX");
		if (!mkdtemp(directory))
			fail_msg("no temporary directory");
		atexit(remove_directory);
	}
	snprintf(path, sizeof(paths[0]), "%s/%s", directory, name);
	return path;
}

unsigned int db_files(const char *name)
{
	DIR *dir = opendir(directory);
	const struct dirent *entry;
	unsigned int count = 0;

	if (!dir) {
		fail_msg("cannot read %s", directory);
		return 0;
	}
	while ((entry = readdir(dir)))
		count += !strncmp(entry->d_name, name, strlen(name));
	closedir(dir);
	return count;
}

static void expect_ok(int ret, const struct err *err)
{
	if (ret)
		fail_msg("%s", err->text);
}

void open_capture(const char *name, struct trace *trace, struct source **source)
{
	struct source *raw;
	struct err err = {0};
	const char *dir = test_capture(name);

	expect_true(dir != NULL);
	expect_ok(capture_open(dir, trace, &raw, &err), &err);
	expect_ok(link_open(raw, trace, source, &err), &err);
}

void write_source(const char *path, struct source *source, struct trace *trace)
{
	struct kmem_event events[SOURCE_BATCH];
	struct db_writer *writer;
	struct err err = {0};
	size_t count;

	expect_ok(db_create(path, false, &writer, &err), &err);
	do {
		expect_ok(
		    source_read(source, events, SOURCE_BATCH, &count, &err),
		    &err);
		expect_ok(db_write_events(writer, events, count, &err), &err);
	} while (count);
	expect_ok(db_commit(writer, trace, &err), &err);
}

#define SAME(member)                                                           \
	if (got->member != want->member)                                       \
	fail_msg("event %zu (%s): " #member " is %" PRId64                     \
		 ", wanted %" PRId64,                                          \
		 number, event_kind_word(want->kind), (int64_t)got->member,    \
		 (int64_t)want->member)

void expect_same_event(const struct kmem_event *got,
		       const struct kmem_event *want, size_t number)
{
	SAME(ts_ns);
	SAME(call_site);
	SAME(addr);
	SAME(bytes_req);
	SAME(bytes_alloc);
	SAME(object);
	SAME(alloc_ts_ns);
	SAME(alloc_site);
	SAME(slot);
	SAME(gfp_flags);
	SAME(flags);
	SAME(name);
	SAME(pid);
	SAME(cpu);
	SAME(alloc_cpu);
	SAME(node);
	SAME(kind);
	SAME(order);
	SAME(migratetype);
	SAME(fallback_order);
	SAME(fallback_migratetype);
}

static sqlite3 *open_sql(const char *path)
{
	sqlite3 *sql = NULL;

	if (sqlite3_open_v2(path, &sql, SQLITE_OPEN_READWRITE, NULL))
		fail_msg("%s: %s", path, sqlite3_errmsg(sql));
	return sql;
}

int64_t query_integer(const char *path, const char *text)
{
	sqlite3 *sql = open_sql(path);
	sqlite3_stmt *stmt = NULL;
	int64_t value;

	if (sqlite3_prepare_v2(sql, text, -1, &stmt, NULL) ||
	    sqlite3_step(stmt) != SQLITE_ROW)
		fail_msg("%s: %s", text, sqlite3_errmsg(sql));
	value = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	sqlite3_close(sql);
	return value;
}

void run_sql(const char *path, const char *text)
{
	sqlite3 *sql = open_sql(path);

	if (sqlite3_exec(sql, text, NULL, NULL, NULL))
		fail_msg("%s: %s", text, sqlite3_errmsg(sql));
	sqlite3_close(sql);
}
