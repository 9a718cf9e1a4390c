/* Replays kept in a database and asked for again; lists in their orders. */
#include <stdlib.h>
#include <string.h>

#include "db/query.h"
#include "tests/db/db_support.h"
#include "tests/support/test.h"

static uint32_t intern(struct names *names, const char *text)
{
	uint32_t id;

	assert_int_equal(names_intern(names, text, strlen(text), &id), 0);
	return id;
}

/* Two call sites, one event, no more. */
static void make_database(const char *path)
{
	struct trace trace = {0};
	struct db_writer *writer;
	struct err err = {0};
	struct kmem_event ev = {.ts_ns = 5000,
				.call_site = 0xffffffff81000010,
				.addr = 0xffff888000001000,
				.bytes_req = 29,
				.bytes_alloc = 64,
				.object = 1,
				.node = -1,
				.kind = EV_KMALLOC};
	struct site_summary sites[] = {
	    {.call_site = 1,
	     .kind = EV_KMALLOC,
	     .allocs = 1,
	     .bytes_req = 90,
	     .bytes_alloc = 96,
	     .bytes_alloc_freed = 96},
	    {.call_site = 2,
	     .kind = EV_CACHE_ALLOC,
	     .allocs = 1,
	     .bytes_req = 29,
	     .bytes_alloc = 64},
	    {.kind = EV_PAGE_ALLOC, .order = 3, .migratetype = -1},
	};

	trace.info.page_size = 4096;
	trace.info.long_size = 8;
	trace.info.cpu_count = 1;
	trace.info.cpus = calloc(1, sizeof(*trace.info.cpus));
	sites[1].name = intern(&trace.names, "dentry");
	assert_int_equal(db_create(path, true, &writer, &err), 0);
	assert_int_equal(db_write_events(writer, &ev, 1, &err), 0);
	assert_int_equal(db_write_sites(writer, sites, 3, &err), 0);
	assert_int_equal(db_commit(writer, &trace, &err), 0);
	trace_fini(&trace);
}

static struct db *open_database(const char *path)
{
	struct db *db = NULL;
	struct err err = {0};

	make_database(path);
	if (db_open(path, true, &db, &err))
		fail_msg("%s", err.text);
	return db;
}

static void test_sites(void **state)
{
	struct db *db = open_database(db_path("sites.db"));
	struct site_summary *sites = NULL;
	struct names names = {0};
	struct err err = {0};
	size_t count;

	(void)state;
	intern(&names, "another id than in the file");
	assert_int_equal(db_query_sites(db, &names, DB_SITES_AS_STORED, 0,
					&sites, &count, &err),
			 0);
	expect_u64_eq(count, 3);
	expect_u64_eq(sites[0].call_site, 1);
	expect_str_eq(names_get(&names, sites[1].name), "dentry");
	expect_u64_eq(sites[2].order, 3);
	expect_i64_eq(sites[2].migratetype, -1);
	free(sites);
	assert_int_equal(db_query_sites(db, &names, DB_SITES_BY_WASTE, 1,
					&sites, &count, &err),
			 0);
	expect_u64_eq(count, 1);
	expect_u64_eq(sites[0].call_site, 2);
	free(sites);
	db_close(db);
	names_fini(&names);
}

enum { SAMPLES = 100, CACHES = 3, ORDERS = 11 };

struct results {
	struct names names;
	struct replay_result result;
	struct replay_sample samples[SAMPLES];
	struct replay_cache_sample cache_samples[SAMPLES];
	struct replay_cache_result caches[CACHES];
	struct replay_waterfall waterfall[WATERFALL_MOMENTS];
	struct db_run run;
};

static void make_waterfall(struct results *made, uint64_t scale)
{
	for (uint64_t i = 0; i < WATERFALL_MOMENTS; i++)
		made->waterfall[i] =
		    (struct replay_waterfall){.moment = (uint8_t)i,
					      .ts_ns = 100 * scale + i,
					      .requested = 1 + i,
					      .rounding = 2,
					      .padding = 3,
					      .old_objects = 4,
					      .free_slots = 5,
					      .slab_tail = 6,
					      .unknown = -7,
					      .large_requested = 8,
					      .large_rounding = 9,
					      .area_requested = 10,
					      .area_rounding = 11,
					      .per_cpu = 12,
					      .slab_pages = 13,
					      .large_pages = 14,
					      .area_pages = 15,
					      .pcp_pages = 16};
}

static void make_results(struct results *made, const char *settings,
			 uint64_t scale)
{
	*made = (struct results){
	    .result = {.model = "slub",
		       .start = "cold: no snapshot",
		       .order_count = ORDERS,
		       .events = 1000 * scale,
		       .waste_live = UINT64_MAX, /* kept bit for bit */
		       .bytes_alloc_unknown = 2,
		       .vmap_areas = 3,
		       .vmap_areas_peak = 4,
		       .vmap_pages = 5,
		       .vmap_pages_peak = 6,
		       .vmap_lazy_peak = 7,
		       .vmap_purges = 8,
		       .vmalloc_allocs = 9,
		       .kvmalloc_fallbacks = 10,
		       .vmalloc_pages = 11,
		       .vmalloc_pages_peak = 12,
		       .vmalloc_lazy_peak = 13,
		       .vmalloc_purges = 14,
		       .wall_ns = 5}};
	strcpy(made->result.settings, settings);
	for (uint64_t i = 0; i < SAMPLES; i++) {
		made->samples[i] =
		    (struct replay_sample){.ts_ns = i * 10,
					   .bytes_req = i * scale,
					   .slab_pages = i + 1,
					   .direct_pages = i + 2,
					   .vmap_pages = i + 3,
					   .vmalloc_pages = i + 4};
		for (int order = 0; order < ORDERS; order++) {
			made->samples[i].free_blocks[order] =
			    i * 100 + (uint64_t)order;
			made->samples[i].unusable[order] =
			    (uint16_t)(order * 90);
		}
		made->cache_samples[i] = (struct replay_cache_sample){
		    .ts_ns = i * 10,
		    .cache = intern(&made->names, i % 2 ? "dentry" : "new one"),
		    .slabs = i,
		    .pages = 2 * i,
		    .objects = 3 * i};
	}
	for (uint32_t i = 0; i < CACHES; i++)
		made->caches[i] = (struct replay_cache_result){
		    .cache = intern(&made->names, i % 2 ? "dentry" : "new one"),
		    .order = i,
		    .slabs_peak = 10};
	make_waterfall(made, scale);
	made->run = (struct db_run){.names = &made->names,
				    .result = &made->result,
				    .samples = made->samples,
				    .sample_count = SAMPLES,
				    .cache_samples = made->cache_samples,
				    .cache_sample_count = SAMPLES,
				    .caches = made->caches,
				    .cache_count = CACHES,
				    .waterfall = made->waterfall};
}

static void expect_samples(struct db *db, int64_t run,
			   const struct results *want)
{
	struct replay_sample *samples = NULL;
	struct err err = {0};
	size_t count;

	assert_int_equal(db_query_samples(db, run, &samples, &count, &err), 0);
	expect_u64_eq(count, SAMPLES);
	expect_true(!memcmp(samples, want->samples, sizeof(want->samples)));
	free(samples);
}

/* From "events" on all members are 64-bit counts. */
static void expect_same_result(const struct replay_result *got,
			       const struct replay_result *want)
{
	const uint64_t *got_counts = &got->events;
	const uint64_t *want_counts = &want->events;
	size_t count = (sizeof(*got) - offsetof(struct replay_result, events)) /
		       sizeof(uint64_t);

	expect_str_eq(got->model, want->model);
	expect_str_eq(got->start, want->start);
	expect_str_eq(got->settings, want->settings);
	expect_u64_eq(got->order_count, want->order_count);
	for (size_t i = 0; i < count; i++)
		expect_u64_eq(got_counts[i], want_counts[i]);
}

static void expect_caches(struct db *db, int64_t run,
			  const struct results *want)
{
	struct replay_cache_sample *samples = NULL;
	struct replay_cache_result *caches = NULL;
	struct names names = {0};
	struct err err = {0};
	size_t count;

	assert_int_equal(
	    db_query_cache_samples(db, &names, run, &samples, &count, &err), 0);
	expect_u64_eq(count, SAMPLES);
	for (size_t i = 0; i < count; i++) {
		expect_str_eq(
		    names_get(&names, samples[i].cache),
		    names_get(&want->names, want->cache_samples[i].cache));
		expect_u64_eq(samples[i].pages, want->cache_samples[i].pages);
		expect_u64_eq(samples[i].objects,
			      want->cache_samples[i].objects);
	}
	assert_int_equal(
	    db_query_caches(db, &names, run, 2, &caches, &count, &err), 0);
	/* By pages at the peak: the highest order first. */
	expect_u64_eq(count, 2);
	expect_u64_eq(caches[0].order, CACHES - 1);
	expect_u64_eq(caches[1].order, CACHES - 2);
	free(samples);
	free(caches);
	names_fini(&names);
}

static void expect_waterfall(struct db *db, int64_t run,
			     const struct results *want)
{
	struct replay_waterfall moments[WATERFALL_MOMENTS];
	struct err err = {0};

	assert_int_equal(db_query_waterfall(db, run, moments, &err), 0);
	for (int m = 0; m < WATERFALL_MOMENTS; m++) {
		/* From ts_ns on all members are 64-bit counts. */
		const uint64_t *got = &moments[m].ts_ns;
		const uint64_t *wanted = &want->waterfall[m].ts_ns;

		expect_u64_eq(moments[m].moment, want->waterfall[m].moment);
		for (size_t i = 0; i < sizeof(moments[m]) / 8 - 1; i++)
			expect_u64_eq(got[i], wanted[i]);
	}
	assert_int_equal(db_query_waterfall(db, run + 100, moments, &err),
			 ERR_FORMAT);
}

static void test_runs(void **state)
{
	struct db *db = open_database(db_path("runs.db"));
	static struct results first, other, again;
	struct db_run_row *runs = NULL;
	struct err err = {0};
	size_t count;

	(void)state;
	make_results(&first, "", 1);
	make_results(&other, "slub.max_order=0", 2);
	make_results(&again, "", 3);
	assert_int_equal(db_put_run(db, &first.run, &err), 0);
	assert_int_equal(db_put_run(db, &other.run, &err), 0);
	assert_int_equal(db_put_run(db, &again.run, &err), 0);

	/* The third took the place of the first. */
	assert_int_equal(db_query_runs(db, &runs, &count, &err), 0);
	expect_u64_eq(count, 2);
	expect_same_result(&runs[0].result, &other.result);
	expect_same_result(&runs[1].result, &again.result);
	expect_samples(db, runs[0].id, &other);
	expect_samples(db, runs[1].id, &again);
	expect_caches(db, runs[1].id, &again);
	expect_waterfall(db, runs[1].id, &again);
	free(runs);
	db_close(db);
	expect_i64_eq(
	    query_integer(db_path("runs.db"), "SELECT count(*) FROM sample"),
	    2 * SAMPLES);
	expect_i64_eq(query_integer(db_path("runs.db"),
				    "SELECT count(*) FROM sample_order"),
		      2 * SAMPLES * ORDERS);
	/* "dentry" was there, "new one" came once. */
	expect_i64_eq(
	    query_integer(db_path("runs.db"), "SELECT count(*) FROM name"), 3);
	names_fini(&first.names);
	names_fini(&other.names);
	names_fini(&again.names);
}

/* A run that cannot be kept whole leaves the earlier one as it was. */
static void test_failed_run(void **state)
{
	const char *path = db_path("failed.db");
	struct db *db = open_database(path);
	static struct results first, bad;
	struct db_run_row *runs = NULL;
	struct err err = {0};
	size_t count;

	(void)state;
	make_results(&first, "", 1);
	make_results(&bad, "", 2);
	assert_int_equal(db_put_run(db, &first.run, &err), 0);
	run_sql(path, "CREATE UNIQUE INDEX no_more "
		      "ON sample_cache (run, cache, slabs)");
	for (size_t i = 0; i < SAMPLES; i++)
		bad.cache_samples[i].slabs = 7;
	assert_int_equal(db_put_run(db, &bad.run, &err), ERR_SQL);
	assert_int_equal(db_query_runs(db, &runs, &count, &err), 0);
	expect_u64_eq(count, 1);
	expect_u64_eq(runs[0].result.events, 1000);
	expect_samples(db, runs[0].id, &first);
	free(runs);
	db_close(db);
	names_fini(&first.names);
	names_fini(&bad.names);
}

static void test_read_only(void **state)
{
	const char *path = db_path("read.db");
	static struct results made;
	struct db *db = NULL;
	struct err err = {0};

	(void)state;
	make_database(path);
	make_results(&made, "", 1);
	assert_int_equal(db_open(path, false, &db, &err), 0);
	assert_int_equal(db_put_run(db, &made.run, &err), ERR_PERM);
	db_close(db);
	names_fini(&made.names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sites),
	    cmocka_unit_test(test_runs),
	    cmocka_unit_test(test_failed_run),
	    cmocka_unit_test(test_read_only),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
