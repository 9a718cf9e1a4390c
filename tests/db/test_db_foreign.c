/* Files that are none of ours, of another version, or damaged. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "db/query.h"
#include "tests/db/db_support.h"
#include "tests/support/test.h"

static struct kmem_event kmalloc_event(uint64_t number)
{
	return (struct kmem_event){.ts_ns = number * 1000,
				   .call_site = 0xffffffff81000000 + number % 5,
				   .addr = 0xffff888000000000 + number * 64,
				   .bytes_req = 50,
				   .bytes_alloc = 64,
				   .object = number,
				   .slot = (uint32_t)number - 1,
				   .name = 1,
				   .node = -1,
				   .kind = EV_KMALLOC};
}

/* A small database with a bit of everything. */
static void make_database(const char *path)
{
	struct snapshot_block blocks[] = {{4, 2}, {16, 4}};
	struct snapshot_cache cache = {.name = "kmalloc-64", .slab_size = 64};
	struct snapshot_alias alias = {.name = "twin"};
	uint64_t map = 0xf0;
	struct trace trace = {0};
	struct db_writer *writer;
	struct err err = {0};
	uint32_t id;

	trace.info.page_size = 4096;
	trace.info.long_size = 8;
	trace.info.cpu_count = 2;
	trace.info.cpus = calloc(2, sizeof(*trace.info.cpus));
	assert_int_equal(names_intern(&trace.names, "kmalloc-64", 10, &id), 0);
	trace.before = (struct snapshot){.parts = SNAPSHOT_KPAGEFLAGS,
					 .order_count = 11,
					 .blocks = blocks,
					 .block_count = 2,
					 .slab_map = &map,
					 .slab_map_pages = 64,
					 .movable_map = &map,
					 .movable_map_pages = 64,
					 .caches = &cache,
					 .cache_count = 1,
					 .aliases = &alias,
					 .alias_count = 1};
	assert_int_equal(db_create(path, true, &writer, &err), 0);
	for (uint64_t i = 1; i <= 3000; i++) {
		struct kmem_event ev = kmalloc_event(i);

		assert_int_equal(db_write_events(writer, &ev, 1, &err), 0);
	}
	assert_int_equal(db_commit(writer, &trace, &err), 0);
	trace.before = (struct snapshot){0};
	trace_fini(&trace);
}

/* Opens and reads all; the first error, or 0. */
static int read_all(const char *path, struct err *err)
{
	struct kmem_event events[64];
	struct trace trace = {0};
	struct source *source = NULL;
	size_t count = 1;
	int ret = db_source_open(path, &trace, &source, err);

	while (!ret && count)
		ret = source_read(source, events, 64, &count, err);
	source_close(source);
	trace_fini(&trace);
	return ret;
}

static void expect_failure(const char *path, int code, const char *word)
{
	struct err err = {0};

	assert_int_equal(read_all(path, &err), code);
	if (!strstr(err.text, word))
		fail_msg("\"%s\" does not say \"%s\"", err.text, word);
	/* Every message names the file. */
	expect_true(strstr(err.text, path) != NULL);
}

static void write_file(const char *path, const char *bytes, size_t len)
{
	FILE *file = fopen(path, "w");

	expect_true(file && fwrite(bytes, 1, len, file) == len);
	fclose(file);
}

static void test_not_ours(void **state)
{
	const char *path = db_path("foreign.db");

	(void)state;
	expect_failure(db_path("absent.db"), ERR_MISSING, "No such file");
	write_file(path, "just a text\n", 12);
	expect_failure(path, ERR_FORMAT, "not a database");
	write_file(path, "", 0);
	expect_failure(path, ERR_FORMAT, "none of kmemscope's");
	/* The right first bytes and nothing behind them. */
	write_file(path, "SQLite format 3\0", 16);
	expect_failure(path, ERR_FORMAT, "database");
	unlink(path);
	make_database(path);
	run_sql(path, "PRAGMA application_id = 7");
	expect_failure(path, ERR_FORMAT, "none of kmemscope's");
	make_database(path);
	run_sql(path, "PRAGMA user_version = 99");
	expect_failure(path, ERR_UNSUPPORTED, "newer");
	make_database(path);
	run_sql(path, "PRAGMA user_version = 0");
	expect_failure(path, ERR_UNSUPPORTED, "older");
}

static void test_truncated(void **state)
{
	const char *path = db_path("cut.db");
	struct stat st;

	(void)state;
	make_database(path);
	assert_int_equal(stat(path, &st), 0);
	for (off_t size = st.st_size - 1; size > 0; size -= 7777) {
		struct err err = {0};

		make_database(path);
		assert_int_equal(truncate(path, size), 0);
		assert_int_equal(read_all(path, &err), ERR_FORMAT);
	}
}

/* What a user's or an attacker's SQL can do to the values. */
static const char *const updates[] = {
    "UPDATE event SET kind = 20 WHERE id = 1500",
    "UPDATE event SET kind = -1 WHERE id = 1500",
    "UPDATE event SET cpu = 2 WHERE id = 1500",
    "UPDATE event SET cpu = NULL WHERE id = 1500",
    "UPDATE event SET pid = 2147483648 WHERE id = 1500",
    "UPDATE event SET flags = 4294967296 WHERE id = 1500",
    "UPDATE event SET call_site = 6 WHERE id = 1500",
    "UPDATE event SET call_site = -1 WHERE id = 1500",
    "UPDATE event SET name = 2000000 WHERE id = 1500",
    "UPDATE event SET page_order = 16 WHERE id = 1500",
    "UPDATE event SET migratetype = 128 WHERE id = 1500",
    "UPDATE event SET node = 40000 WHERE id = 1500",
    "UPDATE event SET object = -1 WHERE id = 1500",
    "UPDATE event SET ts_ns = 'late' WHERE id = 1500",
    "UPDATE event SET addr = 1.5 WHERE id = 1500",
    "UPDATE event SET bytes_req = x'00' WHERE id = 1500",
    "UPDATE event SET id = -5 WHERE id = 1",
    "INSERT INTO event_detail (event, slot) VALUES (1500, 4294967290)",
    "INSERT INTO event_detail (event, slot) VALUES (1500, 1501)",
    "INSERT INTO event_detail (event, slot) VALUES (0, 1)",
    "INSERT INTO event_detail (event, fallback_order) VALUES (7, 99)",
    "INSERT INTO event_detail (event, alloc_ts_ns) VALUES (7, 9)",
    ("INSERT INTO event_detail (event) VALUES (7); "
     "DELETE FROM event WHERE id = 7"),
    "UPDATE capture SET page_size = 4095",
    "UPDATE capture SET page_size = 0",
    "UPDATE capture SET long_size = 5",
    "UPDATE capture SET cpu_count = 3",
    "UPDATE capture SET cpu_count = 4000000000",
    "UPDATE capture SET slab_kind = 9",
    "UPDATE capture SET title = printf('%300d', 1)",
    "UPDATE capture SET title = NULL",
    "DELETE FROM capture",
    "DELETE FROM cpu_loss",
    "INSERT INTO cpu_node VALUES (4096, 0, 0)",
    "INSERT INTO cpu_node VALUES (1, 1024, 0)",
    "INSERT INTO cpu_node VALUES (1, NULL, 0)",
    "INSERT INTO cpu_node VALUES (1, 1, 2)",
    "UPDATE name SET text = '' WHERE id = 1",
    "UPDATE name SET id = 9 WHERE id = 1",
    "UPDATE name SET text = x'01' WHERE id = 1",
    "UPDATE call_site SET id = 9 WHERE id = 1",
    "UPDATE call_site SET symbol = 'f', \"offset\" = -1",
    "UPDATE snapshot SET order_count = 17",
    "UPDATE snapshot SET migratetype_count = 9",
    "UPDATE snapshot SET slab_map_pages = 1 << 62",
    "UPDATE snapshot SET slab_map_pages = 7",
    "UPDATE snapshot_slab SET pages = -1",
    "UPDATE snapshot SET movable_map_pages = 1 << 62",
    "UPDATE snapshot SET movable_map_pages = 7",
    "UPDATE snapshot_movable SET pages = -1",
    "UPDATE snapshot_block SET page_order = 16",
    "UPDATE snapshot_alias SET cache = 1",
    "UPDATE snapshot_cache SET cache = 1",
    "DELETE FROM snapshot_migratetype WHERE migratetype = 3",
    ("INSERT INTO snapshot_pcp VALUES (0, 0, 0, 0, 0, 0, 0, 0, 0); "
     "INSERT INTO snapshot_zone VALUES "
     "(0, 0, 0, 'DMA', 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 1)"),
    ("INSERT INTO snapshot_zone VALUES "
     "(0, 0, 0, 'DMA', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5)"),
    ("INSERT INTO snapshot_zone VALUES "
     "(0, 0, 0, 'a name of sixteen', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)"),
    ("DROP TABLE event; CREATE VIEW event AS WITH RECURSIVE n(i) AS "
     "(SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"),
    "DROP TABLE sample",
    "ALTER TABLE event ADD COLUMN extra",
};

static void test_bad_values(void **state)
{
	const char *path = db_path("bad.db");

	(void)state;
	make_database(path);
	assert_int_equal(read_all(path, NULL), 0);
	for (size_t i = 0; i < sizeof(updates) / sizeof(updates[0]); i++) {
		struct err err = {0};

		make_database(path);
		run_sql(path, updates[i]);
		if (read_all(path, &err) != ERR_FORMAT)
			fail_msg("taken for good: %s", updates[i]);
		expect_true(strstr(err.text, "damaged") != NULL);
	}
}

static void copy(const char *from, const char *to)
{
	char command[1100];

	snprintf(command, sizeof(command), "cp %s %s", from, to);
	assert_int_equal(system(command), 0);
}

/* Killed while it kept a replay: the half that was written does not count. */
static void test_killed_writer(void **state)
{
	const char *path = db_path("killed.db");
	sqlite3 *sql = NULL;
	struct err err = {0};

	(void)state;
	make_database(path);
	assert_int_equal(
	    sqlite3_open_v2(path, &sql, SQLITE_OPEN_READWRITE, NULL), 0);
	assert_int_equal(sqlite3_exec(sql,
				      "PRAGMA cache_size = 1; BEGIN; "
				      "UPDATE event SET cpu = 99",
				      NULL, NULL, NULL),
			 0);
	copy(path, db_path("half.db"));
	copy(db_path("killed.db-journal"), db_path("half.db-journal"));
	sqlite3_close(sql);
	if (read_all(db_path("half.db"), &err))
		fail_msg("%s", err.text);
}

/* Additions of a user's own are no damage. */
static void test_own_additions(void **state)
{
	const char *path = db_path("own.db");
	struct err err = {0};

	(void)state;
	make_database(path);
	run_sql(path, "CREATE TABLE notes (text); "
		      "CREATE INDEX by_site ON event (call_site); "
		      "CREATE VIEW big AS SELECT * FROM event "
		      "WHERE bytes_req > 100");
	assert_int_equal(read_all(path, &err), 0);
}

static void query_all(const char *path)
{
	struct replay_cache_result *caches = NULL;
	struct site_summary *sites = NULL;
	struct db_run_row *runs = NULL;
	struct names names = {0};
	struct db *db = NULL;
	struct err err = {0};
	size_t count;

	if (db_open(path, false, &db, &err))
		return;
	if (!db_query_runs(db, &runs, &count, &err))
		free(runs);
	if (!db_query_sites(db, &names, DB_SITES_BY_WASTE, 0, &sites, &count,
			    &err))
		free(sites);
	if (!db_query_caches(db, &names, 1, 0, &caches, &count, &err))
		free(caches);
	db_close(db);
	names_fini(&names);
}

/* Bytes changed at random: an error or other numbers, never a crash. */
static void test_damaged_bytes(void **state)
{
	const char *path = db_path("flipped.db");
	uint64_t seed = 20261122;
	struct stat st;

	(void)state;
	for (int round = 0; round < 300; round++) {
		int fd;

		make_database(path);
		assert_int_equal(stat(path, &st), 0);
		fd = open(path, O_WRONLY);
		expect_true(fd >= 0);
		for (int i = 0; i < 8; i++) {
			uint8_t byte;

			seed = seed * 6364136223846793005ull + 1;
			byte = (uint8_t)(seed >> 56);
			/* Half of them into the schema and the first tables. */
			expect_true(pwrite(fd, &byte, 1,
					   (off_t)(seed >> 20) %
					       (i % 2 ? st.st_size : 65536)) ==
				    1);
		}
		close(fd);
		(void)!read_all(path, NULL);
		query_all(path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_not_ours),
	    cmocka_unit_test(test_truncated),
	    cmocka_unit_test(test_bad_values),
	    cmocka_unit_test(test_killed_writer),
	    cmocka_unit_test(test_own_additions),
	    cmocka_unit_test(test_damaged_bytes),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
