/* The high-atomic reserve: how it grows, who may use it, when it is opened. */
#include "tests/replay/page_fixture.h"

enum { BLOCK = 64 };

static const struct page_slow_policy only_reclaim = {.reclaim =
							 page_reclaim_zone};

/* 64 pageblocks of 64 frames; all requests go the slow path at once. */
static void fixture_reserve(struct page_fixture *fix, enum page_version version,
			    uint64_t managed)
{
	fixture_init(fix, 64 * BLOCK);
	fix->config.version = version;
	fix->config.max_order = 8;
	fix->config.pageblock_order = 6;
	fix->config.slow = &only_reclaim;
	fix->zones[0].managed = managed;
	fix->zones[0].wmark_min = 10;
	fix->zones[0].wmark_low = fix->zones[0].wmark_high = 64 * BLOCK;
	fixture_make(fix);
	fixture_seed_all(fix);
}

static struct page_request urgent(uint32_t order)
{
	struct page_request req = fixture_request(order);

	req.migratetype = PAGE_UNMOVABLE;
	req.flags = PAGE_REQ_HIGH | PAGE_REQ_NONBLOCK | PAGE_REQ_HARDER;
	return req;
}

static uint64_t reserved_blocks(const struct page_fixture *fix)
{
	uint64_t count[PAGE_MIGRATETYPES];

	expect_i64_eq(page_zone_blocks(fix->pa, 0, count), 0);
	return count[PAGE_HIGHATOMIC];
}

/* Takes all of the reserve, so that the next block has to come from beside. */
static void grow(struct page_fixture *fix, int times)
{
	for (int i = 0; i < times; i++)
		fixture_alloc(fix, urgent(6));
}

static void limit_by_version(void **state)
{
	static const struct {
		enum page_version version;
		uint64_t managed, blocks;
	} cases[] = {
	    /* managed / 100 + one pageblock */
	    {PAGE_VERSION_5_15, 100 * BLOCK, 2},
	    {PAGE_VERSION_6_1, 100 * BLOCK, 2},
	    {PAGE_VERSION_6_1, 99 * BLOCK, 2},
	    {PAGE_VERSION_6_1, 250 * BLOCK, 4},
	    /* managed / 100, rounded up; nothing below one pageblock */
	    {PAGE_VERSION_6_12, 100 * BLOCK, 1},
	    {PAGE_VERSION_6_12, 99 * BLOCK, 0},
	    {PAGE_VERSION_6_18, 250 * BLOCK, 3},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct page_fixture fix;

		fixture_reserve(&fix, cases[i].version, cases[i].managed);
		grow(&fix, 10);
		expect_u64_eq(reserved_blocks(&fix), cases[i].blocks);
		expect_u64_eq(page_alloc_counters(fix.pa)->highatomic_reserved,
			      cases[i].blocks);
		fixture_check(&fix);
		fixture_free(&fix);
	}
}

/* What is neither urgent nor of high order reserves nothing. */
static void who_reserves(void **state)
{
	static const struct {
		uint32_t order, flags;
		enum page_version version;
		uint64_t blocks;
	} cases[] = {
	    {1, PAGE_REQ_HIGH | PAGE_REQ_NONBLOCK, PAGE_VERSION_6_1, 1},
	    {0, PAGE_REQ_HIGH | PAGE_REQ_NONBLOCK, PAGE_VERSION_6_1, 0},
	    {1, PAGE_REQ_HIGH, PAGE_VERSION_6_1, 0},
	    {1, PAGE_REQ_NONBLOCK, PAGE_VERSION_6_1, 0},
	    {1, PAGE_REQ_NONBLOCK, PAGE_VERSION_5_15, 0},
	    {1, PAGE_REQ_NONBLOCK | PAGE_REQ_HARDER, PAGE_VERSION_5_15, 1},
	    {1, PAGE_REQ_HIGH | PAGE_REQ_NONBLOCK | PAGE_REQ_NOMEMALLOC,
	     PAGE_VERSION_6_1, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct page_request req = urgent(cases[i].order);
		struct page_fixture fix;

		fixture_reserve(&fix, cases[i].version, 100 * BLOCK);
		req.flags = cases[i].flags;
		fixture_alloc(&fix, req);
		expect_u64_eq(reserved_blocks(&fix), cases[i].blocks);
		fixture_free(&fix);
	}
}

/* Its owner takes from it first; others do not see what is free of it. */
static void who_uses_it(void **state)
{
	struct page_request req = fixture_request(0);
	struct page_fixture fix;
	uint64_t first, pfn;

	(void)state;
	req.flags = PAGE_REQ_NORETRY;
	fixture_reserve(&fix, PAGE_VERSION_6_1, 100 * BLOCK);
	first = fixture_alloc(&fix, urgent(1));
	expect_u64_eq(fixture_alloc(&fix, urgent(1)) / BLOCK, first / BLOCK);
	expect_u64_eq(fixture_zone(&fix, 0).free_blocks[PAGE_HIGHATOMIC][1] +
			  fixture_zone(&fix, 0).free_blocks[PAGE_HIGHATOMIC][2],
		      1);
	/* Ordinary requests stop at min + the reserve of one pageblock. */
	while (!page_alloc_pages(fix.pa, &req, &pfn))
		expect_true(pfn / BLOCK != first / BLOCK);
	expect_u64_eq(page_free_total(fix.pa), 10 + BLOCK);
	fixture_check(&fix);
	fixture_free(&fix);
	/* From 6.12 on only what is free of it is missing: 64 - 4 frames. */
	fixture_reserve(&fix, PAGE_VERSION_6_12, 100 * BLOCK);
	fixture_alloc(&fix, urgent(1));
	fixture_alloc(&fix, urgent(1));
	while (!page_alloc_pages(fix.pa, &req, &pfn))
		;
	expect_u64_eq(page_free_total(fix.pa), 10 + BLOCK - 4);
	fixture_free(&fix);
}

/*
 * Only the reserve is free. In 5.15 single pages and orders with per-CPU lists
 * never have it.
 */
static void order_decides_in_5_15(void **state)
{
	static const struct {
		uint32_t order;
		bool served[2]; /* 5.15, 6.1 */
	} cases[] = {
	    {0, {false, true}},
	    {1, {false, true}},
	    {4, {true, true}},
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		struct page_request req = urgent(cases[i / 2].order);
		struct page_fixture fix;
		uint64_t pfn;
		int rc;

		fixture_init(&fix, 64 * BLOCK);
		fix.config.version =
		    i % 2 ? PAGE_VERSION_6_1 : PAGE_VERSION_5_15;
		fix.config.pageblock_order = 6;
		fix.config.slow = &only_reclaim;
		fix.config.cpu_count = 1;
		fix.zones[0].pcp_batch = 7;
		fix.zones[0].pcp_high_min = fix.zones[0].pcp_high_max = 28;
		fixture_make(&fix);
		expect_i64_eq(
		    page_block_set_type(fix.pa, 0, PAGE_HIGHATOMIC, true), 0);
		expect_i64_eq(
		    page_alloc_seed_free(fix.pa, 0, 6, PAGE_TYPE_OF_BLOCK), 0);
		rc = page_alloc_pages(fix.pa, &req, &pfn);
		expect_i64_eq(rc, cases[i / 2].served[i % 2] ? 0 : ERR_NOMEM);
		fixture_free(&fix);
	}
}

/* __GFP_HIGH alone: 80 free, 64 of them the reserve's, half of min is 50. */
static void half_of_min_is_no_right_in_5_15(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		struct page_request req = fixture_request(0);
		struct page_fixture fix;
		uint64_t pfn;
		int rc;

		fixture_init(&fix, 64 * BLOCK);
		fix.config.version = (enum page_version)version;
		fix.config.pageblock_order = 6;
		fix.config.slow = &only_reclaim;
		fix.zones[0].wmark_min = fix.zones[0].wmark_low = 100;
		fix.zones[0].wmark_high = 100;
		fixture_make(&fix);
		expect_i64_eq(
		    page_block_set_type(fix.pa, 0, PAGE_HIGHATOMIC, true), 0);
		expect_i64_eq(
		    page_alloc_seed_free(fix.pa, 0, 6, PAGE_TYPE_OF_BLOCK), 0);
		expect_i64_eq(
		    page_alloc_seed_free(fix.pa, 1024, 4, PAGE_TYPE_OF_BLOCK),
		    0);
		req.flags = PAGE_REQ_HIGH | PAGE_REQ_NORETRY;
		rc = page_alloc_pages(fix.pa, &req, &pfn);
		expect_i64_eq(rc, version == PAGE_VERSION_5_15 ? ERR_NOMEM : 0);
		fixture_free(&fix);
	}
}

/* Reclaim that does not help opens all but the last; despair opens that. */
static void opened_under_pressure(void **state)
{
	(void)state;
	/* 5.15 merges what is free of it with pageblocks beside. */
	for (int version = PAGE_VERSION_6_1; version < PAGE_VERSIONS;
	     version++) {
		struct page_request single = fixture_request(0);
		struct page_request block = fixture_request(3);
		struct page_fixture fix;
		uint64_t first, second, pfn;

		fixture_reserve(&fix, (enum page_version)version, 200 * BLOCK);
		single.flags = block.flags = PAGE_REQ_NORETRY;
		first = fixture_alloc(&fix, urgent(6));
		second = fixture_alloc(&fix, urgent(6));
		expect_u64_eq(reserved_blocks(&fix), 2);
		expect_i64_eq(page_free(fix.pa, first, 5, 0), 0);
		expect_i64_eq(page_free(fix.pa, second, 5, 0), 0);
		while (!page_alloc_pages(fix.pa, &single, &pfn))
			;
		expect_u64_eq(page_free_total(fix.pa),
			      version == PAGE_VERSION_6_1 ? 10 + 2 * BLOCK
							  : 10 + BLOCK);
		/* A single page is all that can be had back. */
		expect_i64_eq(page_mark(fix.pa, 3000, 0, PAGE_MARK_RECLAIMABLE),
			      0);
		fixture_alloc(&fix, block);
		expect_u64_eq(page_alloc_counters(fix.pa)->reclaimed, 1);
		expect_u64_eq(reserved_blocks(&fix), 1);
		/* What the opened one had is taken; the last one stays. */
		while (!page_alloc_pages(fix.pa, &single, &pfn))
			;
		expect_u64_eq(reserved_blocks(&fix), 1);
		single.flags = 0;
		fixture_alloc(&fix, single);
		expect_u64_eq(reserved_blocks(&fix), 0);
		expect_u64_eq(
		    page_alloc_counters(fix.pa)->highatomic_unreserved, 2);
		fixture_check(&fix);
		fixture_free(&fix);
	}
}

/* An opened block that is free as a whole moves to a list, it does not merge. */
static void opened_whole_block(void **state)
{
	const struct page_request urgent = {.order = 1,
					    .zone = PAGE_ZONE_NORMAL,
					    .node = PAGE_NODE_LOCAL,
					    .flags = PAGE_REQ_HIGH |
						     PAGE_REQ_NONBLOCK};
	const struct page_request single = fixture_request(0);

	(void)state;
	for (int version = PAGE_VERSION_6_1; version < PAGE_VERSIONS;
	     version++) {
		struct page_fixture fix;
		uint64_t pfn;

		fixture_init(&fix, 131072);
		fix.config.version = (enum page_version)version;
		fix.config.slow = &page_slow_linux;
		fix.zones[0].wmark_min = 1200;
		fix.zones[0].wmark_low = 1300;
		fix.zones[0].wmark_high = 1400;
		fixture_make(&fix);
		expect_i64_eq(
		    page_alloc_seed_free(fix.pa, 0, 9, PAGE_TYPE_OF_BLOCK), 0);
		expect_i64_eq(
		    page_alloc_seed_free(fix.pa, 1024, 5, PAGE_TYPE_OF_BLOCK),
		    0);
		pfn = fixture_alloc(&fix, urgent);
		expect_i64_eq(page_block_type(fix.pa, pfn), PAGE_HIGHATOMIC);
		expect_i64_eq(page_free(fix.pa, pfn, 1, 0), 0);
		expect_i64_eq(page_free(fix.pa, 512, 9, 0), 0);
		fixture_check(&fix);
		/* Refused, because of min; but the reserve was opened. */
		expect_i64_eq(page_alloc_pages(fix.pa, &single, &pfn),
			      ERR_NOMEM);
		expect_u64_eq(
		    page_alloc_counters(fix.pa)->highatomic_unreserved, 1);
		fixture_check(&fix);
		fixture_free(&fix);
	}
}

/*
 * unreserve_highatomic_pageblock(): "preserve at least one pageblock unless
 * memory pressure is really high", even if reclaim brought something.
 */
static void the_last_one_stays(void **state)
{
	(void)state;
	for (int version = PAGE_VERSION_6_1; version < PAGE_VERSIONS;
	     version++) {
		struct page_request single = fixture_request(0);
		struct page_request block = fixture_request(3);
		struct page_fixture fix;
		uint64_t first, pfn;

		fixture_reserve(&fix, (enum page_version)version, 100 * BLOCK);
		single.flags = block.flags = PAGE_REQ_NORETRY;
		first = fixture_alloc(&fix, urgent(6));
		expect_u64_eq(reserved_blocks(&fix), 1);
		expect_i64_eq(page_free(fix.pa, first, 5, 0), 0);
		while (!page_alloc_pages(fix.pa, &single, &pfn))
			;
		expect_i64_eq(page_mark(fix.pa, 3000, 0, PAGE_MARK_RECLAIMABLE),
			      0);
		expect_i64_eq(page_alloc_pages(fix.pa, &block, &pfn),
			      ERR_NOMEM);
		expect_u64_eq(page_alloc_counters(fix.pa)->reclaimed, 1);
		expect_u64_eq(reserved_blocks(&fix), 1);
		fixture_check(&fix);
		fixture_free(&fix);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(limit_by_version),
	    cmocka_unit_test(who_reserves),
	    cmocka_unit_test(who_uses_it),
	    cmocka_unit_test(order_decides_in_5_15),
	    cmocka_unit_test(half_of_min_is_no_right_in_5_15),
	    cmocka_unit_test(opened_under_pressure),
	    cmocka_unit_test(opened_whole_block),
	    cmocka_unit_test(the_last_one_stays),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
