#include "tests/replay/page_fixture.h"

#include <string.h>

/* 1024 frames, min 100, low 200, high 300. */
static void fixture_marks(struct page_fixture *fix, enum page_version version)
{
	fixture_init(fix, 1024);
	fix->config.version = version;
	fix->zones[0].wmark_min = 100;
	fix->zones[0].wmark_low = 200;
	fix->zones[0].wmark_high = 300;
	fixture_make(fix);
	fixture_seed_all(fix);
}

/* Single pages are taken until the counter moves; what is free before that. */
static uint64_t free_when(struct page_fixture *fix, struct page_request req,
			  const uint64_t *counter)
{
	uint64_t before = *counter, free_pages = 0;

	while (*counter == before) {
		free_pages = page_free_total(fix->pa);
		if (!free_pages)
			fail_msg("no memory before the counter moved");
		fixture_alloc(fix, req);
	}
	return free_pages;
}

/* The last page that passes a mark leaves the mark itself free. */
static void marks(void **state)
{
	static const struct {
		uint32_t flags;
		enum page_version version;
		uint64_t free_pages;
	} cases[] = {
	    {0, PAGE_VERSION_6_1, 100},
	    {PAGE_REQ_HIGH, PAGE_VERSION_6_1, 50},
	    {PAGE_REQ_HIGH | PAGE_REQ_NONBLOCK, PAGE_VERSION_6_1, 38},
	    /* Without __GFP_HIGH not blocking gives nothing; in 5.15 it did. */
	    {PAGE_REQ_NONBLOCK, PAGE_VERSION_6_1, 100},
	    {PAGE_REQ_NONBLOCK | PAGE_REQ_HARDER, PAGE_VERSION_5_15, 75},
	    {PAGE_REQ_NONBLOCK, PAGE_VERSION_5_15, 100},
	    {PAGE_REQ_HIGH | PAGE_REQ_NONBLOCK, PAGE_VERSION_5_15, 50},
	    {PAGE_REQ_HIGH | PAGE_REQ_NONBLOCK | PAGE_REQ_HARDER,
	     PAGE_VERSION_5_15, 38},
	    {PAGE_REQ_HIGH | PAGE_REQ_NONBLOCK | PAGE_REQ_NOMEMALLOC,
	     PAGE_VERSION_6_1, 50},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct page_request req = fixture_request(0);
		struct page_fixture fix;
		const struct page_counters *counters;

		fixture_marks(&fix, cases[i].version);
		counters = page_alloc_counters(fix.pa);
		req.flags = cases[i].flags;
		expect_u64_eq(free_when(&fix, req, &counters->slow), 200);
		expect_u64_eq(free_when(&fix, req, &counters->below_min),
			      cases[i].free_pages);
		fixture_check(&fix);
		fixture_free(&fix);
	}
}

/* A reserve's owner needs no mark, and that is not counted as a breach. */
static void memalloc_ignores_marks(void **state)
{
	struct page_request req = fixture_request(0);
	struct page_fixture fix;

	(void)state;
	fixture_marks(&fix, PAGE_VERSION_6_1);
	req.flags = PAGE_REQ_MEMALLOC;
	for (int i = 0; i < 1024; i++)
		fixture_alloc(&fix, req);
	expect_u64_eq(page_alloc_counters(fix.pa)->below_min, 0);
	expect_u64_eq(page_free_total(fix.pa), 0);
	fixture_free(&fix);
}

/* Not for who declines it; nor is the high-atomic reserve open to it. */
static void memalloc_has_limits(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		static const struct page_slow_policy strict = {.name =
								   "strict"};
		struct page_request req = fixture_request(0);
		struct page_fixture fix;
		uint64_t pfn;

		fixture_init(&fix, 1024);
		fix.config.version = (enum page_version)version;
		fix.config.slow = &strict;
		fix.zones[0].wmark_min = fix.zones[0].wmark_low = 100;
		fix.zones[0].wmark_high = 100;
		fixture_make(&fix);
		expect_i64_eq(
		    page_block_set_type(fix.pa, 512, PAGE_HIGHATOMIC, true), 0);
		expect_i64_eq(page_alloc_seed_free(fix.pa, 0, 3, PAGE_MOVABLE),
			      0);
		expect_i64_eq(
		    page_alloc_seed_free(fix.pa, 512, 6, PAGE_TYPE_OF_BLOCK),
		    0);
		/* To try long would open the reserve. */
		req.flags =
		    PAGE_REQ_MEMALLOC | PAGE_REQ_NOMEMALLOC | PAGE_REQ_NORETRY;
		expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
		req.flags = PAGE_REQ_MEMALLOC | PAGE_REQ_NONBLOCK;
		for (int i = 0; i < 8; i++)
			expect_true(fixture_alloc(&fix, req) < 8);
		expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
		fixture_free(&fix);
	}
}

/* 2^order - 1 frames do not count, and a block of that order must be there. */
static void high_orders(void **state)
{
	struct page_request req = fixture_request(4);
	struct page_fixture fix;
	const struct page_counters *counters;

	(void)state;
	fixture_marks(&fix, PAGE_VERSION_6_1);
	counters = page_alloc_counters(fix.pa);
	/* 1024 - 16 n - 15 > 200 holds for n = 50, with 224 free. */
	expect_u64_eq(free_when(&fix, req, &counters->slow), 208);
	fixture_free(&fix);
	/* Every other page is free: many frames, no block. */
	fixture_marks(&fix, PAGE_VERSION_6_1);
	counters = page_alloc_counters(fix.pa);
	for (int i = 0; i < 1024; i++)
		fixture_alloc(&fix, fixture_request(0));
	for (uint64_t pfn = 0; pfn < 1024; pfn += 2)
		expect_i64_eq(page_free(fix.pa, pfn, 0, 0), 0);
	expect_u64_eq(page_free_total(fix.pa), 512);
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &(uint64_t){0}),
		      ERR_NOMEM);
	expect_u64_eq(counters->failures, 1);
	fixture_free(&fix);
}

/*
 * The mark asks for a free block of the order in the free areas; what the CPU
 * has on its list does not count, so the next zone serves.
 */
static void blocks_on_lists_do_not_count(void **state)
{
	struct page_request req = fixture_request(1);
	struct page_fixture fix;

	(void)state;
	fixture_init(&fix, 64);
	fix.config.max_order = fix.config.pageblock_order = 4;
	fix.config.cpu_count = 1;
	fix.zones[0].pcp_batch = 2;
	fix.zones[0].pcp_high_min = fix.zones[0].pcp_high_max = 64;
	fix.zones[1] = fix.zones[0];
	fix.zones[1].kind = PAGE_ZONE_DMA;
	fix.zones[1].start_pfn = 64;
	fix.config.zone_count = 2;
	fixture_make(&fix);
	for (uint64_t pfn = 0; pfn < 16; pfn += 2)
		expect_i64_eq(page_alloc_seed_free(fix.pa, pfn, 0, 1), 0);
	expect_i64_eq(page_alloc_seed_free(fix.pa, 64, 4, 1), 0);
	expect_i64_eq(page_alloc_seed_pcp(fix.pa, 32, 1, 1, 0), 0);
	expect_u64_eq(fixture_alloc(&fix, req), 64);
	fixture_free(&fix);
}

/* A lower zone keeps its reserve from those who could have gone higher. */
static void lowmem_reserve(void **state)
{
	struct page_request req = fixture_request(0);
	struct page_fixture fix;
	struct page_zone_info info;

	(void)state;
	fixture_init(&fix, 1024);
	fix.zones[0].kind = PAGE_ZONE_DMA;
	fix.zones[0].wmark_min = fix.zones[0].wmark_low = 20;
	fix.zones[0].wmark_high = 20;
	for (int kind = PAGE_ZONE_NORMAL; kind < PAGE_ZONE_KINDS; kind++)
		fix.zones[0].lowmem_reserve[kind] = 500;
	fix.zones[1] = fix.zones[0];
	memset(fix.zones[1].lowmem_reserve, 0,
	       sizeof(fix.zones[1].lowmem_reserve));
	fix.zones[1].kind = PAGE_ZONE_NORMAL;
	fix.zones[1].start_pfn = 1024;
	fix.config.zone_count = 2;
	fixture_make(&fix);
	fixture_seed_all(&fix);
	req.zone = PAGE_ZONE_NORMAL;
	expect_u64_eq(free_when(&fix, req, &page_alloc_counters(fix.pa)->slow),
		      20 + 520);
	info = fixture_zone(&fix, 0);
	expect_u64_eq(info.free_pages, 520);
	/* A DMA request may have it. */
	req.zone = PAGE_ZONE_DMA;
	expect_u64_eq(
	    free_when(&fix, req, &page_alloc_counters(fix.pa)->below_min) -
		fixture_zone(&fix, 1).free_pages,
	    20);
	fixture_free(&fix);
}

/* Boost and high-atomic pageblocks come on top. */
static void boost_and_reserve(void **state)
{
	struct page_fixture fix;

	(void)state;
	fixture_init(&fix, 1024);
	fix.config.pageblock_order = 5;
	fix.zones[0].wmark_min = 100;
	fix.zones[0].wmark_low = fix.zones[0].wmark_high = 100;
	fix.zones[0].boost = 10;
	fixture_make(&fix);
	fixture_seed_all(&fix);
	expect_i64_eq(page_block_set_type(fix.pa, 0, PAGE_HIGHATOMIC, false),
		      0);
	fixture_check(&fix);
	expect_u64_eq(free_when(&fix, fixture_request(0),
				&page_alloc_counters(fix.pa)->slow),
		      142);
	fixture_free(&fix);
}

/* Of min 100 + 60, a half is 80 and three eighths are 60; of 100, 50 and 38. */
static void urgent_pages_ignore_the_boost(void **state)
{
	enum { atomic = PAGE_REQ_NONBLOCK | PAGE_REQ_HARDER };
	static const struct {
		uint32_t flags;
		enum page_version version;
		uint64_t free_pages;
	} cases[] = {
	    {0, PAGE_VERSION_6_1, 160},
	    {PAGE_REQ_HIGH, PAGE_VERSION_6_1, 80},
	    /* It is __GFP_ATOMIC that counts, up to 6.2. */
	    {PAGE_REQ_HIGH | PAGE_REQ_NONBLOCK, PAGE_VERSION_6_1, 60},
	    {atomic, PAGE_VERSION_6_1, 100},
	    {PAGE_REQ_HIGH | atomic, PAGE_VERSION_6_1, 38},
	    {PAGE_REQ_HIGH | PAGE_REQ_NONBLOCK, PAGE_VERSION_5_15, 80},
	    {atomic, PAGE_VERSION_5_15, 75},
	    {PAGE_REQ_HIGH | atomic, PAGE_VERSION_5_15, 38},
	    {PAGE_REQ_HIGH, PAGE_VERSION_6_12, 50},
	    {PAGE_REQ_HIGH | PAGE_REQ_NONBLOCK, PAGE_VERSION_6_12, 38},
	    {atomic, PAGE_VERSION_6_12, 160},
	    {PAGE_REQ_HIGH, PAGE_VERSION_6_18, 50},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct page_request req = fixture_request(0);
		struct page_fixture fix;

		fixture_init(&fix, 1024);
		fix.config.version = cases[i].version;
		fix.zones[0].wmark_min = 100;
		fix.zones[0].wmark_low = fix.zones[0].wmark_high = 200;
		fix.zones[0].boost = 60;
		fix.config.slow = &fixture_no_kswapd;
		fixture_make(&fix);
		fixture_seed_all(&fix);
		req.flags = cases[i].flags;
		expect_u64_eq(
		    free_when(&fix, req,
			      &page_alloc_counters(fix.pa)->below_min),
		    cases[i].free_pages);
		fixture_free(&fix);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(marks),
	    cmocka_unit_test(memalloc_ignores_marks),
	    cmocka_unit_test(memalloc_has_limits),
	    cmocka_unit_test(high_orders),
	    cmocka_unit_test(blocks_on_lists_do_not_count),
	    cmocka_unit_test(lowmem_reserve),
	    cmocka_unit_test(boost_and_reserve),
	    cmocka_unit_test(urgent_pages_ignore_the_boost),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
