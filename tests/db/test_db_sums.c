/*
 * What the summary tables say is what the events say: in SQL over both, and
 * against a count in C. And every query of docs/schema.md gives rows.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "analysis/stat.h"
#include "tests/db/db_support.h"
#include "tests/support/test.h"

/* Sums over the events in C. */
struct sums {
	int64_t allocs, frees, bytes_req, bytes_alloc, bytes_alloc_freed;
	int64_t page_allocs;
};

static void add(struct sums *sums, const struct kmem_event *ev)
{
	if (event_is_object(ev) && event_creates(ev)) {
		sums->allocs++;
		sums->bytes_req += (int64_t)ev->bytes_req;
		sums->bytes_alloc += (int64_t)ev->bytes_alloc;
	}
	if (event_is_object(ev) && event_ends(ev) && ev->object) {
		sums->frees++;
		sums->bytes_alloc_freed += (int64_t)ev->bytes_alloc;
	}
	sums->page_allocs += ev->kind == EV_PAGE_ALLOC && event_creates(ev);
}

static void import(const char *name, const char *path, struct sums *sums)
{
	static struct kmem_event events[SOURCE_BATCH];
	struct stat_options options = {.to_ns = UINT64_MAX};
	const struct site_summary *sites;
	struct trace trace = {0};
	struct db_writer *writer;
	struct stat_sink *sink;
	struct source *source;
	struct err err = {0};
	size_t count, site_count;

	open_capture(name, &trace, &source);
	options.page_size = trace.info.page_size;
	options.topology = &trace.topology;
	assert_int_equal(stat_open(&sink, &options, &err), 0);
	assert_int_equal(db_create(path, false, &writer, &err), 0);
	do {
		assert_int_equal(
		    source_read(source, events, SOURCE_BATCH, &count, &err), 0);
		assert_int_equal(stat_feed(sink, events, count, &err), 0);
		assert_int_equal(db_write_events(writer, events, count, &err),
				 0);
		for (size_t i = 0; i < count; i++)
			add(sums, &events[i]);
	} while (count);
	sites = stat_sites(sink, &site_count);
	assert_int_equal(db_write_sites(writer, sites, site_count, &err), 0);
	assert_int_equal(db_commit(writer, &trace, &err), 0);
	stat_close(sink);
	source_close(source);
	trace_fini(&trace);
}

/* Flags: 2 failed, 4 no object, 0x10000 duplicate. */
#define CREATES "kind IN (1, 3) AND flags & (2 | 0x10000) = 0"
#define ENDS "kind IN (2, 4) AND flags & 4 = 0 AND object IS NOT NULL"

static const struct {
	const char *events, *summary;
	size_t want;
} checks[] = {
    {"SELECT count(*) FROM event WHERE " CREATES,
     "SELECT sum(allocs) FROM site_summary WHERE kind IN (1, 3)",
     offsetof(struct sums, allocs)},
    {"SELECT count(*) FROM event WHERE " ENDS,
     "SELECT sum(frees) FROM site_summary WHERE kind IN (1, 3)",
     offsetof(struct sums, frees)},
    {"SELECT sum(bytes_req) FROM event WHERE " CREATES,
     "SELECT sum(bytes_req) FROM site_summary WHERE kind IN (1, 3)",
     offsetof(struct sums, bytes_req)},
    {"SELECT sum(bytes_alloc) FROM event WHERE " CREATES,
     "SELECT sum(bytes_alloc) FROM site_summary WHERE kind IN (1, 3)",
     offsetof(struct sums, bytes_alloc)},
    {"SELECT coalesce(sum(bytes_alloc), 0) FROM event WHERE " ENDS,
     "SELECT sum(bytes_alloc_freed) FROM site_summary WHERE kind IN (1, 3)",
     offsetof(struct sums, bytes_alloc_freed)},
    {"SELECT count(*) FROM event WHERE kind = 5 AND flags & 2 = 0",
     "SELECT coalesce(sum(allocs), 0) FROM site_summary WHERE kind = 5",
     offsetof(struct sums, page_allocs)},
};

static void check_sums(const char *name)
{
	const char *path = db_path(name);
	struct sums sums = {0};

	import(name, path, &sums);
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		int64_t want;

		memcpy(&want, (const char *)&sums + checks[i].want,
		       sizeof(want));
		if (query_integer(path, checks[i].events) != want ||
		    query_integer(path, checks[i].summary) != want)
			fail_msg(
			    "%s: %s is %lld, %s is %lld, wanted %lld", name,
			    checks[i].events,
			    (long long)query_integer(path, checks[i].events),
			    checks[i].summary,
			    (long long)query_integer(path, checks[i].summary),
			    (long long)want);
	}
	/* The timeline ends where allocated less freed does. */
	expect_i64_eq(query_integer(path,
				    "SELECT bytes_alloc_live FROM timeline "
				    "ORDER BY ts_ns DESC LIMIT 1"),
		      sums.bytes_alloc - sums.bytes_alloc_freed);
	expect_i64_eq(query_integer(path, "SELECT sum(events) FROM timeline"),
		      query_integer(path, "SELECT count(*) FROM event "
					  "WHERE flags & 0x20000 = 0"));
	expect_true(sums.allocs > 0 && sums.frees > 0);
}

static void test_sums(void **state)
{
	static const char *const names[] = {
	    "mixed-slub",	    "mixed-slab",    "mixed-slob",
	    "files-slub",	    "arm32-partial", "mixed-arm64-64k",
	    "debian61-boot-kmalloc"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		check_sums(names[i]);
}

/* A replay, so that the queries about replays have something to find. */
static void put_run(const char *path)
{
	struct replay_result result = {.model = "recorded", .order_count = 11};
	struct replay_sample sample = {.ts_ns = 1};
	struct replay_cache_sample cache_sample = {.ts_ns = 1};
	struct replay_cache_result cache = {.slabs_peak = 1};
	struct replay_waterfall waterfall[WATERFALL_MOMENTS] = {
	    {.slab_pages = 1, .free_slots = 96}, {.slab_pages = 1}};
	struct names names = {0};
	struct db_run run = {.names = &names,
			     .result = &result,
			     .samples = &sample,
			     .sample_count = 1,
			     .cache_samples = &cache_sample,
			     .cache_sample_count = 1,
			     .caches = &cache,
			     .cache_count = 1,
			     .waterfall = waterfall};
	struct err err = {0};
	struct db *db;

	assert_int_equal(db_open(path, true, &db, &err), 0);
	if (db_put_run(db, &run, &err))
		fail_msg("%s", err.text);
	db_close(db);
	names_fini(&names);
}

static void run_example(sqlite3 *sql, const char *text)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(sql, text, -1, &stmt, NULL))
		fail_msg("%s\n%s", text, sqlite3_errmsg(sql));
	if (sqlite3_step(stmt) != SQLITE_ROW)
		fail_msg("no rows: %s", text);
	sqlite3_finalize(stmt);
}

/* Runs what stands between the lines ```sql and ```. */
static unsigned int run_examples(const char *document, sqlite3 *sql)
{
	FILE *file = fopen(document, "r");
	char line[256], text[4096] = "";
	unsigned int count = 0;
	bool inside = false;

	expect_true(file != NULL);
	while (fgets(line, sizeof(line), file)) {
		if (inside && !strcmp(line, "```\n")) {
			run_example(sql, text);
			count++;
			inside = false;
		} else if (!strcmp(line, "```sql\n")) {
			inside = true;
			text[0] = '\0';
		} else if (inside) {
			expect_true(strlen(text) + strlen(line) < sizeof(text));
			strcat(text, line);
		}
	}
	fclose(file);
	return count;
}

static void test_examples(void **state)
{
	const char *path = db_path("mixed-slub");
	sqlite3 *sql = NULL;

	(void)state;
	put_run(path);
	assert_int_equal(
	    sqlite3_open_v2(path, &sql, SQLITE_OPEN_READONLY, NULL), 0);
	expect_u64_eq(run_examples("docs/schema.md", sql), 24);
	sqlite3_close(sql);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sums),
	    cmocka_unit_test(test_examples), /* of what test_sums() wrote */
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
