/*
 * Caches that a setting makes: who is served by them, and who is not.
 */
#include <stdio.h>
#include <string.h>

#include "tests/replay/replay_bed.h"

enum { SITE = 0x1010, OTHER = 0x1020, EVENTS = 6 };

struct bed {
	struct trace trace;
	struct kmem_event events[EVENTS];
	struct replay_result result;
	struct replay_cache_result caches[8];
	char names[8][64];
	size_t cache_count;
};

static struct kmem_event request(uint32_t slot, uint64_t site, uint64_t bytes)
{
	return (struct kmem_event){.ts_ns = slot + 1,
				   .call_site = site,
				   .addr = 0x100000 + slot * 4096u,
				   .bytes_req = bytes,
				   .object = slot + 1,
				   .slot = slot,
				   .kind = EV_KMALLOC,
				   .node = -1};
}

static void bed_init(struct bed *bed, enum slab_kind kind)
{
	*bed = (struct bed){0};
	small_trace(&bed->trace);
	bed->trace.info.slab_kind = kind;
	assert_int_equal(
	    symbols_add(&bed->trace.symbols, 0x1000, "evil:\x1b<b>", NULL), 0);
	assert_int_equal(symbols_add(&bed->trace.symbols, 0x2000, "next", NULL),
			 0);
	symbols_sort(&bed->trace.symbols);
	bed->events[0] = request(0, SITE, 520);
	bed->events[1] = request(1, SITE, 520);
	bed->events[2] = request(2, SITE, 521);
	bed->events[3] = request(3, OTHER, 520);
	bed->events[4] = request(4, 0x2004, 520);
	/* A free says what the allocation was. */
	bed->events[5] = request(0, 0, 520);
	bed->events[5].kind = EV_KFREE;
	bed->events[5].alloc_site = SITE;
}

static int take_cache(void *context, const struct replay_cache_result *cache)
{
	struct bed *bed = context;

	assert_true(bed->cache_count < 8);
	snprintf(bed->names[bed->cache_count], 64, "%s",
		 names_get(&bed->trace.names, cache->cache));
	bed->caches[bed->cache_count++] = *cache;
	return 0;
}

static int play(struct bed *bed, const char *model, const char *const *settings,
		struct err *err)
{
	struct replay_sink sink = {.cache = take_cache, .context = bed};
	struct replay_config config = bed_config(&bed->trace, model, NULL, 2);
	struct replay *replay;
	int ret = 0;

	bed->cache_count = 0;
	for (; *settings; settings++)
		assert_int_equal(
		    replay_settings_parse(&config.settings, *settings, err), 0);
	ret = replay_create(&replay, &config, err);
	if (ret)
		return ret;
	assert_int_equal(replay_feed(replay, bed->events, EVENTS, err), 0);
	assert_int_equal(replay_finish(replay, &sink, &bed->result, err), 0);
	assert_int_equal(replay_check(replay, err), 0);
	replay_destroy(replay);
	return 0;
}

static uint64_t allocs(const struct bed *bed, const char *name)
{
	for (size_t i = 0; i < bed->cache_count; i++)
		if (!strcmp(bed->names[i], name))
			return bed->caches[i].allocs;
	return 0;
}

static void test_site(void **state)
{
	static const char *const settings[] = {"cache.at=evil:\x1b<b>+0x10:520",
					       NULL};
	struct err err = {0};
	struct bed bed;

	(void)state;
	bed_init(&bed, SLAB_KIND_SLUB);
	assert_int_equal(play(&bed, "slub", settings, &err), 0);
	expect_u64_eq(allocs(&bed, "evil:\x1b<b>+0x10:520"), 2);
	expect_u64_eq(allocs(&bed, "kmalloc-1k"), 3);
	expect_u64_eq(bed.result.bytes_alloc_live, 520 + 3 * 1024);
	expect_str_eq(bed.result.settings, "cache.at=evil:\x1b<b>+0x10:520");
	/* What was recorded is what it was. */
	assert_int_equal(play(&bed, "recorded", settings, &err), 0);
	expect_u64_eq(allocs(&bed, "kmalloc-1k"), 5);
	trace_fini(&bed.trace);
}

static void test_site_forms(void **state)
{
	static const char *const function[] = {"cache.at=evil:\x1b<b>:520",
					       NULL};
	static const char *const address[] = {"cache.at=0x1020:520",
					      "cache.at=0x1010:521", NULL};
	static const char *const models[] = {"slub", "slab", "slob"};
	struct err err = {0};
	struct bed bed;

	(void)state;
	bed_init(&bed, SLAB_KIND_SLUB);
	assert_int_equal(play(&bed, "slub", function, &err), 0);
	expect_u64_eq(allocs(&bed, "evil:\x1b<b>:520"), 3);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(play(&bed, models[i], address, &err), 0);
		expect_u64_eq(allocs(&bed, "0x1020:520"), 1);
		expect_u64_eq(allocs(&bed, "0x1010:521"), 1);
	}
	/* SLOB: 8 bytes of header for each kmalloc, none for a cache. */
	expect_u64_eq(bed.result.bytes_alloc_live, 520 + 522 + 2 * 528);
	trace_fini(&bed.trace);
}

static void test_site_errors(void **state)
{
	static const char *const wrong[][3] = {
	    {"cache.at=nobody:8"},  {"cache.at=next+0xfffffffffffffff0:8"},
	    {"cache.at=next+0x:8"}, {"cache.at=next+0x1z:8"},
	    {"cache.at=0x:8"},	    {"cache.at=0xffffffffffffffff:8"},
	    {"cache.at=evil:8"},    {"cache.at=next:8", "cache.at=next:8"},
	    {"kmalloc.classes=12"}, {"kmalloc.classes=24,24"},
	};
	struct bed bed;

	(void)state;
	bed_init(&bed, SLAB_KIND_SLUB);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		struct err err = {0};

		assert_int_equal(play(&bed, "slub", wrong[i], &err), ERR_USAGE);
		expect_true(err.text[0] != 0);
	}
	trace_fini(&bed.trace);
}

static void test_classes(void **state)
{
	static const char *const settings[] = {"kmalloc.classes=528,520", NULL};
	struct err err = {0};
	struct bed bed;

	(void)state;
	bed_init(&bed, SLAB_KIND_SLUB);
	for (int i = 0; i < EVENTS; i++)
		bed.events[i].bytes_alloc = 1024;
	assert_int_equal(play(&bed, "slub", settings, &err), 0);
	expect_u64_eq(allocs(&bed, "kmalloc-520"), 4);
	expect_u64_eq(allocs(&bed, "kmalloc-528"), 1);
	expect_u64_eq(bed.result.bytes_alloc_live, 3 * 520 + 528);
	/* Predictions are of the recorded kernel's classes. */
	expect_u64_eq(bed.result.bytes_alloc_checked, 5);
	expect_u64_eq(bed.result.bytes_alloc_mismatch, 0);
	expect_str_eq(bed.result.settings, "kmalloc.classes=528,520");
	/* SLAB's lie at cache lines. */
	assert_int_equal(play(&bed, "slab", settings, &err), ERR_USAGE);
	assert_int_equal(play(&bed, "slob", settings, &err), ERR_USAGE);
	trace_fini(&bed.trace);
}

/* Of 64 KiB: one page where four were, two where more would not fit. */
static void test_page_size(void **state)
{
	static const char *const large[] = {"page_size=64K", NULL};
	static const char *const same[] = {"page_size=4K", NULL};
	struct err err = {0};
	struct bed bed;

	(void)state;
	bed_init(&bed, SLAB_KIND_SLUB);
	bed.events[0] = request(0, SITE, 40000);
	bed.events[1] = request(1, SITE, 200000);
	bed.events[5].bytes_req = 40000;
	assert_int_equal(play(&bed, "slub", large, &err), 0);
	/* kmalloc-64k is a class there; 200000 bytes are four pages. */
	expect_u64_eq(allocs(&bed, "kmalloc-64k"), 1);
	expect_u64_eq(bed.result.bytes_alloc_live, 262144 + 3 * 1024);
	expect_u64_eq(bed.result.bytes_alloc_checked, 0);
	expect_u64_eq(bed.result.slab_pages_end % 16, 0);
	expect_str_eq(bed.result.settings, "page_size=64K");
	assert_int_equal(play(&bed, "slub", same, &err), 0);
	expect_u64_eq(allocs(&bed, "kmalloc-64k"), 0);
	expect_u64_eq(bed.result.bytes_alloc_live, 262144 + 3 * 1024);
	expect_true(bed.result.bytes_alloc_checked > 0);
	assert_int_equal(play(&bed, "slob", large, &err), ERR_UNSUPPORTED);
	trace_fini(&bed.trace);
}

static void test_parse(void **state)
{
	static const char *const wrong[] = {
	    "kmalloc.classes=",
	    "kmalloc.classes=0",
	    "kmalloc.classes=8,",
	    "kmalloc.classes=8,,16",
	    "kmalloc.classes=8x",
	    "kmalloc.classes=-8",
	    "kmalloc.classes=1,2,3,4,5,6,7,8,9",
	    "kmalloc.classes=99999999999999999999",
	    "page_size=5K",
	    "page_size=4096",
	    "page_size=128K",
	    "cache.at=",
	    "cache.at=a",
	    "cache.at=:8",
	    "cache.at=a:",
	    "cache.at=a:0",
	    "cache.at=a:8x",
	    "cache.at=a:99999999999999999999",
	};
	struct replay_settings settings = replay_settings_none();
	struct err err = {0};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		assert_int_equal(
		    replay_settings_parse(&settings, wrong[i], &err),
		    ERR_USAGE);
	for (int i = 0; i < REPLAY_SITES_MAX; i++)
		assert_int_equal(
		    replay_settings_parse(&settings, "cache.at=a:b:8", &err),
		    0);
	assert_int_equal(replay_settings_parse(&settings, "cache.at=a:8", &err),
			 ERR_USAGE);
	expect_u64_eq(settings.sites[0].site_len, 3);
	/* Too long for the text: cut, never overrun. */
	replay_settings_format(&settings, text, sizeof(text));
	expect_u64_eq(strlen(text), 63);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_site),
	    cmocka_unit_test(test_site_forms),
	    cmocka_unit_test(test_site_errors),
	    cmocka_unit_test(test_classes),
	    cmocka_unit_test(test_page_size),
	    cmocka_unit_test(test_parse),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
