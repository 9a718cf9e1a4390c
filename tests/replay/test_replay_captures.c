/*
 * The engine on recorded captures, held against what the kernel's own snapshot
 * says happened.
 */
#include <string.h>

#include "tests/replay/replay_bed.h"

struct outcome {
	struct replay_result result;
	struct replay_notes notes;
	struct replay_costs costs;
	size_t samples, cache_samples, caches;
	uint64_t last_ts_ns, peak_pages;
	uint64_t last_cache_pages; /* at the last sample */
	uint64_t hash;		   /* of all rows */
	uint64_t cache_slabs_end;
	struct replay_sample last;
};

/* FNV-1a: equal rows, equal sums. */
static void hash_in(struct outcome *outcome, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++)
		outcome->hash = (outcome->hash ^ bytes[i]) * 1099511628211u;
}

static int take_sample(void *context, const struct replay_sample *sample)
{
	struct outcome *outcome = context;

	expect_true(sample->ts_ns >= outcome->last_ts_ns);
	outcome->last_ts_ns = sample->ts_ns;
	outcome->samples++;
	outcome->last_cache_pages = 0;
	outcome->last = *sample;
	if (sample->slab_pages > outcome->peak_pages)
		outcome->peak_pages = sample->slab_pages;
	hash_in(outcome, sample, sizeof(*sample));
	return 0;
}

static int take_cache_sample(void *context,
			     const struct replay_cache_sample *sample)
{
	struct outcome *outcome = context;

	expect_u64_eq(sample->ts_ns, outcome->last_ts_ns);
	outcome->cache_samples++;
	outcome->last_cache_pages += sample->pages;
	hash_in(outcome, &sample->slabs, sizeof(sample->slabs));
	return 0;
}

static int take_cache(void *context, const struct replay_cache_result *cache)
{
	struct outcome *outcome = context;

	expect_true(cache->slabs_peak >= cache->slabs_end);
	expect_true(cache->slabs_peak >= cache->slabs_start);
	outcome->caches++;
	outcome->cache_slabs_end += cache->slabs_end;
	hash_in(outcome, cache, sizeof(*cache));
	return 0;
}

/* Plays a capture; free_after: free pages of the kernel's own snapshot. */
static void play(const char *name, const char *model, const char *setting,
		 struct outcome *outcome, uint64_t *free_after)
{
	struct replay_sink sink = {.sample = take_sample,
				   .cache_sample = take_cache_sample,
				   .cache = take_cache,
				   .context = outcome};
	struct replay_config config;
	struct capture_bed bed;
	struct replay *replay;
	struct err err = {0};

	capture_bed_open(&bed, test_capture(name), 0);
	config = bed_config(&bed.trace, model, setting, 100);
	must(replay_create(&replay, &config, &err), &err);
	bed_feed(replay, bed.source, NULL, NULL);
	*outcome = (struct outcome){.hash = 14695981039346656037u};
	bed_finish(replay, &sink, &outcome->result);
	outcome->notes = *replay_notes(replay);
	outcome->costs = *replay_costs(replay);
	*free_after = capture_bed_free_after(&bed);
	replay_destroy(replay);
	capture_bed_close(&bed);
}

/* What the README of the captures says happened between the snapshots. */
struct known {
	const char *name;
	int64_t growth;
};

static const struct known recorded[] = {
    {"mixed-slub", 3516}, {"mixed-slab", 3759},	    {"mixed-slob", 3860},
    {"files-slub", 2679}, {"mixed-arm64-64k", 192},
};

/* Books of what the kernel did: exact, or something was entered wrongly. */
static void test_recorded(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(recorded) / sizeof(*recorded); i++) {
		struct outcome outcome;
		uint64_t free_after;

		play(recorded[i].name, "recorded", NULL, &outcome, &free_after);
		expect_i64_eq(slab_growth(&outcome.result), recorded[i].growth);
		expect_u64_eq(outcome.result.bytes_alloc_mismatch, 0);
		expect_str_eq(outcome.result.start, "warm");
		expect_true(outcome.samples >= 40);
		expect_true(outcome.samples <= 202);
		expect_u64_eq(outcome.peak_pages,
			      outcome.result.slab_pages_peak);
		expect_within((int64_t)outcome.result.free_pages_end,
			      (int64_t)free_after, 2);
	}
}

/* SLUB from the same start, on the captures of SLUB kernels. */
static void test_slub(void **state)
{
	static const struct known slub[] = {{"mixed-slub", 3516},
					    {"files-slub", 2679},
					    {"mixed-arm64-64k", 192}};

	(void)state;
	for (size_t i = 0; i < sizeof(slub) / sizeof(*slub); i++) {
		struct outcome outcome;
		uint64_t free_after;

		play(slub[i].name, "slub", NULL, &outcome, &free_after);
		expect_within(slab_growth(&outcome.result), slub[i].growth, 5);
		expect_true(outcome.notes.silent_ends > 100);
		expect_u64_eq(outcome.notes.silent_ends_wrong, 0);
		expect_within((int64_t)outcome.result.free_pages_end,
			      (int64_t)free_after, 10);
		expect_true(outcome.result.bytes_alloc_checked > 80000);
		expect_u64_eq(outcome.result.bytes_alloc_mismatch, 0);
		expect_u64_eq(outcome.result.failed, 0);
		expect_u64_eq(outcome.last_cache_pages,
			      outcome.last.slab_pages);
	}
}

/* SLAB from its own start, and what a SLUB kernel would have done with it. */
static void test_slab(void **state)
{
	struct outcome outcome;
	uint64_t free_after;

	(void)state;
	play("mixed-slab", "slab", NULL, &outcome, &free_after);
	expect_within(slab_growth(&outcome.result), 3759, 10);
	expect_within((int64_t)outcome.result.free_pages_end,
		      (int64_t)free_after, 10);
	expect_true(outcome.result.bytes_alloc_checked > 140000);
	expect_u64_eq(outcome.result.bytes_alloc_mismatch, 0);
	expect_u64_eq(outcome.result.failed, 0);
	expect_u64_eq(outcome.last_cache_pages, outcome.last.slab_pages);
	expect_str_eq(outcome.result.start, "warm");
	/* The same workload: the kernel built with SLAB grew by 3759. */
	play("mixed-slub", "slab", NULL, &outcome, &free_after);
	expect_within(slab_growth(&outcome.result), 3759, 30);
	expect_u64_eq(outcome.result.bytes_alloc_checked, 0);
	expect_u64_eq(outcome.result.failed, 0);
	play("mixed-arm64-64k", "slab", NULL, &outcome, &free_after);
	expect_within(slab_growth(&outcome.result), 192, 60);
}

/* Another kernel's trace: nothing is predicted, everything is served. */
static void test_slub_elsewhere(void **state)
{
	struct outcome outcome;
	uint64_t free_after;

	(void)state;
	play("mixed-slab", "slub", NULL, &outcome, &free_after);
	expect_u64_eq(outcome.result.bytes_alloc_checked, 0);
	expect_u64_eq(outcome.result.failed, 0);
	expect_true(slab_growth(&outcome.result) > 3000);
	play("mixed-slob", "slub", NULL, &outcome, &free_after);
	expect_u64_eq(outcome.result.failed, 0);
	expect_str_eq(outcome.result.start,
		      "warm pages, cold slabs: no slab counts in before/");
	play("mixed-arm64-64k", "slub", NULL, &outcome, &free_after);
	expect_within(slab_growth(&outcome.result), 192, 60);
}

/* Boot captures have no "before"; a partial one is replayed as far as it is. */
static void test_cold(void **state)
{
	struct outcome outcome;
	uint64_t free_after;

	(void)state;
	play("debian61-boot-kmalloc", "slub", NULL, &outcome, &free_after);
	expect_str_eq(outcome.result.start, "cold: no free blocks in before/");
	expect_u64_eq(outcome.result.slab_pages_start, 0);
	expect_u64_eq(outcome.result.bytes_alloc_mismatch, 0);
	expect_true(outcome.result.bytes_alloc_checked > 50000);
	play("arm32-partial", "recorded", NULL, &outcome, &free_after);
	expect_u64_eq(outcome.result.bytes_alloc_mismatch, 0);
	expect_true(outcome.result.bytes_alloc_checked > 3000);
}

static void test_setting(void **state)
{
	struct outcome plain, flat;
	uint64_t free_after;

	(void)state;
	play("files-slub", "slub", NULL, &plain, &free_after);
	play("files-slub", "slub", "slub.max_order=0", &flat, &free_after);
	expect_str_eq(flat.result.settings, "slub.max_order=0");
	expect_true(flat.result.slab_pages_end != plain.result.slab_pages_end);
	/* The objects of the start are the same, in slabs of other sizes. */
	expect_within((int64_t)flat.result.slab_pages_start,
		      (int64_t)plain.result.slab_pages_start, 50);
	expect_u64_eq(flat.result.bytes_alloc_live,
		      plain.result.bytes_alloc_live);
}

/* The page allocator's: slabs stay as they are, unless a slab's node changes. */
static void test_page_settings(void **state)
{
	struct outcome plain, changed;
	uint64_t free_after;

	(void)state;
	play("files-slub", "slub", NULL, &plain, &free_after);
	expect_true(plain.last.pcp_pages > 0);
	play("files-slub", "slub", "pcp.high=0", &changed, &free_after);
	expect_u64_eq(changed.result.slab_pages_end,
		      plain.result.slab_pages_end);
	expect_true(changed.last.pcp_pages < plain.last.pcp_pages);
	expect_true(changed.costs.pcp_drains > plain.costs.pcp_drains);
	play("files-slub", "slub", "pcp.batch=1", &changed, &free_after);
	expect_true(changed.costs.pcp_refills > plain.costs.pcp_refills);
	play("files-slub", "slub", "pages.group=0", &changed, &free_after);
	expect_u64_eq(changed.result.slab_pages_end,
		      plain.result.slab_pages_end);
	expect_true(memcmp(changed.last.free_blocks, plain.last.free_blocks,
			   sizeof(plain.last.free_blocks)) != 0);
	/* What was recorded stays what it was. */
	play("files-slub", "recorded", NULL, &plain, &free_after);
	play("files-slub", "recorded", "pcp.high=0", &changed, &free_after);
	expect_u64_eq(changed.result.free_pages_end,
		      plain.result.free_pages_end);
}

static void test_same_twice(void **state)
{
	struct outcome first, second;
	uint64_t free_after;

	(void)state;
	play("mixed-slub", "slub", NULL, &first, &free_after);
	play("mixed-slub", "slub", NULL, &second, &free_after);
	expect_u64_eq(first.hash, second.hash);
	expect_u64_eq(first.cache_samples, second.cache_samples);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_recorded),
	    cmocka_unit_test(test_slub),
	    cmocka_unit_test(test_slab),
	    cmocka_unit_test(test_slub_elsewhere),
	    cmocka_unit_test(test_cold),
	    cmocka_unit_test(test_setting),
	    cmocka_unit_test(test_page_settings),
	    cmocka_unit_test(test_same_twice),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
