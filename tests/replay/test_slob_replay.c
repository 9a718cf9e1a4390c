/*
 * SLOB in the engine: its own kernel's capture against that kernel's count of
 * slab pages, and captures of other allocators.
 */
#include <string.h>

#include "replay/kmalloc.h"
#include "replay/rcu_caches.h"
#include "tests/replay/replay_bed.h"

struct played {
	struct replay_result result;
	struct replay_notes notes;
	uint64_t allocs, free_after;
	uint64_t large_pages; /* the most in a sample */
	uint64_t objects_kmalloc;
	const struct names *names;
};

static int take_sample(void *context, const struct replay_sample *sample)
{
	struct played *played = context;

	if (sample->large_pages > played->large_pages)
		played->large_pages = sample->large_pages;
	return 0;
}

static int take_cache(void *context, const struct replay_cache_result *cache)
{
	struct played *played = context;

	if (strcmp(names_get(played->names, cache->cache), "kmalloc") == 0)
		played->objects_kmalloc = cache->objects_end;
	/* Only objects with pages of their own have a slab each. */
	expect_true(!cache->slab_size || cache->slab_size >= 4096 ||
		    !cache->slabs_end);
	played->allocs += cache->allocs;
	return 0;
}

static void play(const char *name, const char *model, struct played *played)
{
	struct replay_sink sink = {
	    .sample = take_sample, .cache = take_cache, .context = played};
	struct replay_config config;
	struct capture_bed bed;
	struct replay *replay;
	struct err err = {0};

	*played = (struct played){.names = &bed.trace.names};
	capture_bed_open(&bed, test_capture(name), 0);
	config = bed_config(&bed.trace, model, NULL, 50);
	must(replay_create(&replay, &config, &err), &err);
	bed_feed(replay, bed.source, NULL, NULL);
	bed_finish(replay, &sink, &played->result);
	played->notes = *replay_notes(replay);
	played->free_after = capture_bed_free_after(&bed);
	replay_destroy(replay);
	capture_bed_close(&bed);
}

static void expect_between(int64_t got, int64_t least, int64_t most)
{
	if (got < least || got > most) {
		print_error("%lld is not between %lld and %lld\n",
			    (long long)got, (long long)least, (long long)most);
		fail();
	}
}

/* The README of the captures: 1775 pages before, 5635 after. */
static void test_own(void **state)
{
	struct played played, again;

	(void)state;
	play("mixed-slob", "slob", &played);
	expect_str_eq(played.result.start, "warm");
	expect_u64_eq(played.result.slab_pages_start, 1775);
	expect_between(slab_growth(&played.result), 3783,
		       3937); /* +3860 within 2 % */
	expect_u64_eq(played.result.failed, 0);
	expect_u64_eq(played.result.bytes_alloc_mismatch, 0);
	/* All but those of unknown caches, and large kmallocs besides. */
	expect_true(played.result.bytes_alloc_checked >=
		    played.allocs - played.notes.cache_unknown);
	expect_true(played.result.bytes_alloc_checked > 145000);
	expect_true(played.large_pages > 0);
	expect_true(played.objects_kmalloc > 0);
	expect_between((int64_t)played.result.free_pages_end,
		       (int64_t)played.free_after * 99 / 100,
		       (int64_t)played.free_after * 101 / 100);
	play("mixed-slob", "slob", &again);
	assert_memory_equal(&again.result, &played.result,
			    sizeof(played.result));
}

/* The books of the same capture predict the same sizes. */
static void test_recorded(void **state)
{
	struct played played;

	(void)state;
	play("mixed-slob", "recorded", &played);
	expect_i64_eq(slab_growth(&played.result), 3860);
	expect_u64_eq(played.result.bytes_alloc_mismatch, 0);
	expect_true(played.result.bytes_alloc_checked > 145000);
}

/* Other allocators' captures of the same workload. */
static void test_elsewhere(void **state)
{
	static const char *const names[] = {"mixed-slub", "mixed-slab"};
	struct played played;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		play(names[i], "slob", &played);
		expect_str_eq(played.result.start, "warm");
		expect_u64_eq(played.result.failed, 0);
		expect_u64_eq(played.result.bytes_alloc_checked, 0);
		/* Merged caches show larger objects than were asked for. */
		expect_between(slab_growth(&played.result), 3860,
			       3860 * 115 / 100);
		expect_true(played.result.slab_pages_start > 1500);
	}
	play("mixed-arm64-64k", "slob", &played);
	expect_u64_eq(played.result.failed, 0);
	expect_between(slab_growth(&played.result), 100, 300);
}

/* SLOB's kmalloc has no classes; a page less the header is large. */
static void test_kmalloc(void **state)
{
	struct capture_info info = {.page_size = 4096,
				    .long_size = 8,
				    .machine = "x86_64",
				    .version_major = 6,
				    .version_minor = 1,
				    .slab_kind = SLAB_KIND_SLOB};
	struct kmalloc_rules rules;
	struct kmalloc_choice choice;

	(void)state;
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
	expect_u64_eq(kmalloc_choose(&rules, 0, 0, 0).bytes_alloc, 0);
	expect_u64_eq(kmalloc_choose(&rules, 1, 0, 0).bytes_alloc, 9);
	choice = kmalloc_choose(&rules, 4087, 0, 0);
	expect_true(!choice.large);
	expect_u64_eq(choice.bytes_alloc, 4095);
	choice = kmalloc_choose(&rules, 4088, 0, 0);
	expect_true(choice.large);
	expect_u64_eq(choice.bytes_alloc, 4096);
	expect_u64_eq(kmalloc_choose(&rules, 5000, 0, 0).bytes_alloc, 8192);
	strcpy(info.machine, "aarch64");
	assert_int_equal(kmalloc_rules_init(&rules, &info, NULL), 0);
	expect_u64_eq(kmalloc_choose(&rules, 8, 0, 0).bytes_alloc, 136);
}

static void test_rcu_caches(void **state)
{
	(void)state;
	expect_true(rcu_cache_named("anon_vma"));
	expect_true(rcu_cache_named("TCPv6"));
	expect_true(rcu_cache_named("tw_sock_TCP"));
	expect_true(!rcu_cache_named("anon_vma_chain"));
	expect_true(!rcu_cache_named("UDP"));
	expect_true(!rcu_cache_named(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_own),	       cmocka_unit_test(test_recorded),
	    cmocka_unit_test(test_elsewhere),  cmocka_unit_test(test_kmalloc),
	    cmocka_unit_test(test_rcu_caches),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
