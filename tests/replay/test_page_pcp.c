/*
 * Per-CPU lists: what they hold and how much.
 */
#include "replay/page_state.h"
#include "tests/replay/pcp_bed.h"

/* A batch in address order, from the head; what was freed last comes first. */
static void a_list_is_a_stack(void **state)
{
	struct page_fixture fix;

	(void)state;
	pcp_ready(&fix, PAGE_VERSION_6_1, 16);
	pcp_take_pages(&fix, 3);
	expect_u64_eq(pcp_held(&fix), 1);
	expect_u64_eq(page_free_total(fix.pa), 4092);
	pcp_free_one(&fix, 1, 0);
	expect_u64_eq(pcp_held(&fix), 2);
	expect_i64_eq(page_lookup(fix.pa, 1, NULL, NULL), PAGE_USE_PCP);
	/* Not free to others: a second free is refused. */
	expect_i64_eq(page_free(fix.pa, 1, 0, 1), ERR_USAGE);
	expect_u64_eq(fixture_alloc(&fix, fixture_request(0)), 1);
	expect_u64_eq(fixture_alloc(&fix, fixture_request(0)), 3);
	expect_u64_eq(fixture_alloc(&fix, fixture_request(0)), 4);
	expect_u64_eq(page_alloc_counters(fix.pa)->refills, 2);
	expect_u64_eq(page_alloc_counters(fix.pa)->refilled, 8);
	expect_u64_eq(page_alloc_counters(fix.pa)->pcp_hits, 4);
	fixture_free(&fix);
}

static void which_orders_and_how_many(void **state)
{
	/* Blocks that one refill fetches: max(batch >> order, 2). */
	static const uint32_t blocks[] = {4, 2, 2, 2};
	struct page_fixture fix;

	(void)state;
	for (uint32_t order = 0; order < 4; order++) {
		pcp_ready(&fix, PAGE_VERSION_6_1, 16);
		fixture_alloc(&fix, fixture_request(order));
		expect_u64_eq(pcp_held(&fix), (blocks[order] - 1) << order);
		fixture_free(&fix);
	}
	pcp_ready(&fix, PAGE_VERSION_6_1, 16);
	fixture_alloc(&fix, fixture_request(4));
	fixture_alloc(&fix, fixture_request(9));
	expect_u64_eq(pcp_held(&fix), 0);
	fixture_free(&fix);
	/* Huge pages have lists of their own. */
	fixture_init(&fix, 4096);
	fix.config.cpu_count = 1;
	fix.config.thp_order = 9;
	fix.zones[0].pcp_batch = 4;
	fix.zones[0].pcp_high_min = fix.zones[0].pcp_high_max = 4096;
	fixture_make(&fix);
	fixture_seed_all(&fix);
	expect_u64_eq(fixture_alloc(&fix, fixture_request(9)), 0);
	expect_u64_eq(pcp_held(&fix), 512);
	pcp_free_one(&fix, 0, 9);
	expect_u64_eq(pcp_held(&fix), 1024);
	fixture_free(&fix);
}

/* 6.7 on: high follows the demand up, and the clock down again. */
static void newer_lists_grow(void **state)
{
	/* An eighth a tick, as long as this is not below what is held - 128. */
	static const uint32_t highs[] = {350, 307, 269, 236};
	struct page_fixture fix;
	uint32_t before, pfn = 0;

	(void)state;
	pcp_ready(&fix, PAGE_VERSION_6_12, 400);
	pcp_take_pages(&fix, 512);
	/* Far above high_min, with no drain in between. */
	while (pcp_held(&fix) < 300)
		pcp_free_one(&fix, pfn++, 0);
	expect_u64_eq(page_alloc_counters(fix.pa)->drains, 0);
	for (int i = 0; i < 4; i++) {
		before = pcp_held(&fix);
		page_pcp_tick(fix.pa, 0);
		expect_u64_eq(pcp_held(&fix),
			      before < highs[i] ? before : highs[i]);
	}
	for (int i = 0; i < 60; i++)
		page_pcp_tick(fix.pa, 0);
	fixture_check(&fix);
	expect_u64_eq(pcp_held(&fix), 16);
	fixture_free(&fix);
	pcp_ready(&fix, PAGE_VERSION_6_12, 2048);
	pcp_take_pages(&fix, 3000);
	for (pfn = 0; pcp_held(&fix) < 2047; pfn++)
		pcp_free_one(&fix, pfn, 0);
	page_pcp_tick(fix.pa, 0);
	expect_u64_eq(pcp_held(&fix), 2047 - 128);
	fixture_free(&fix);
	/* No more than 32 batches go at once for high orders' sake. */
	pcp_ready(&fix, PAGE_VERSION_6_12, 2048);
	pcp_take_pages(&fix, 3000);
	for (pfn = 0; pcp_held(&fix) < 1000; pfn++)
		pcp_free_one(&fix, pfn, 0);
	pcp_free_one(&fix, 2000, 1);
	pcp_free_one(&fix, 2002, 1);
	expect_u64_eq(pcp_held(&fix), 1004 - 128);
	fixture_free(&fix);
	/* Below the high watermark they do not grow. */
	fixture_init(&fix, 4096);
	fix.config.version = PAGE_VERSION_6_12;
	fix.config.cpu_count = 1;
	fix.zones[0].pcp_batch = 4;
	fix.zones[0].pcp_high_min = 16;
	fix.zones[0].pcp_high_max = 400;
	fix.zones[0].wmark_high = 5000;
	fixture_make(&fix);
	fixture_seed_all(&fix);
	pcp_take_pages(&fix, 512);
	for (pfn = 0; pfn < 300; pfn++)
		pcp_free_one(&fix, pfn, 0);
	expect_true(pcp_held(&fix) <= 16);
	fixture_free(&fix);
}

/* It moves from there, where it moves at all. */
static void high_of_the_start(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		bool moves = version >= PAGE_VERSION_6_12;
		struct page_fixture fix;
		const struct page_pcp *pcps;

		fixture_init(&fix, 4096);
		fix.config.version = (enum page_version)version;
		fix.config.cpu_count = 2;
		fix.zones[0].pcp_batch = 4;
		fix.zones[0].pcp_high_min = 16;
		fix.zones[0].pcp_high_max = 400;
		fixture_make(&fix);
		pcps = fix.pa->zones[0].pcps;
		page_pcp_set_high(fix.pa, 0, 1, 123);
		expect_u64_eq(pcps[0].high, 16);
		expect_u64_eq(pcps[1].high, moves ? 123 : 16);
		page_pcp_set_high(fix.pa, 0, 0, 500);
		expect_u64_eq(pcps[0].high, moves ? 400 : 16);
		page_pcp_set_high(fix.pa, 0, 0, 3);
		expect_u64_eq(pcps[0].high, 16);
		page_pcp_set_high(fix.pa, 1, 0, 100);
		page_pcp_set_high(fix.pa, 0, 2, 100);
		fixture_check(&fix);
		fixture_free(&fix);
	}
}

/* Huge pages: a list per type in 5.15, then one of movable and one of all. */
static void huge_lists(void **state)
{
	(void)state;
	for (int version = 0; version <= PAGE_VERSION_6_1; version++) {
		struct page_request req = fixture_request(5);
		struct page_fixture fix;
		const struct page_counters *counters;

		fixture_init(&fix, 1024);
		fix.config.version = (enum page_version)version;
		fix.config.pageblock_order = 5;
		fix.config.thp_order = 5;
		fix.config.cpu_count = 1;
		fix.zones[0].pcp_batch = 4;
		fix.zones[0].pcp_high_min = fix.zones[0].pcp_high_max = 512;
		fixture_make(&fix);
		fixture_seed_all(&fix);
		counters = page_alloc_counters(fix.pa);
		/* A refill is of two blocks at least: one is left each time. */
		req.migratetype = PAGE_UNMOVABLE;
		fixture_alloc(&fix, req);
		req.migratetype = PAGE_MOVABLE;
		fixture_alloc(&fix, req);
		expect_u64_eq(counters->refills, 2);
		req.migratetype = PAGE_RECLAIMABLE;
		fixture_alloc(&fix, req);
		expect_u64_eq(counters->refills, version ? 2 : 3);
		fixture_check(&fix);
		fixture_free(&fix);
	}
}

/* Pages of an isolated pageblock never go to a list. */
static void isolated_pages_pass_by(void **state)
{
	struct page_fixture fix;

	(void)state;
	pcp_ready(&fix, PAGE_VERSION_6_1, 16);
	fixture_alloc(&fix, fixture_request(5));
	expect_i64_eq(page_block_set_type(fix.pa, 0, PAGE_ISOLATE, false), 0);
	pcp_free_one(&fix, 3, 0);
	expect_i64_eq(page_lookup(fix.pa, 3, NULL, NULL), PAGE_USE_FREE);
	expect_u64_eq(pcp_held(&fix), 0);
	fixture_free(&fix);
}

/* A list that may hold less than a batch holds what its limit says. */
static void lists_without_room(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		for (uint32_t high = 0; high < 3; high++) {
			struct page_fixture fix;

			fixture_init(&fix, 256);
			fix.config.version = (enum page_version)version;
			fix.config.cpu_count = 1;
			fix.zones[0].pcp_batch = 4;
			fix.zones[0].pcp_high_min = high;
			fix.zones[0].pcp_high_max = high;
			fixture_make(&fix);
			fixture_seed_all(&fix);
			for (int i = 0; i < 8; i++)
				fixture_alloc(&fix, fixture_request(0));
			/* The newer kernels then refill by one page. */
			expect_u64_eq(page_alloc_counters(fix.pa)->refills,
				      version < PAGE_VERSION_6_12 ? 2 : 8);
			for (uint64_t pfn = 0; pfn < 8; pfn++)
				pcp_free_one(&fix, pfn, 0);
			expect_u64_eq(pcp_held(&fix), high ? high - 1 : 0);
			fixture_free(&fix);
		}
	}
}

/*
 * A page freed to a list and then retyped: 5.15 and 6.1 remember the type it
 * was freed under, later kernels look at the pageblock when it is drained.
 */
static void type_on_the_list(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		bool kept = version <= PAGE_VERSION_6_1;
		struct page_fixture fix;
		struct page_zone_info info;

		pcp_ready(&fix, (enum page_version)version, 16);
		fixture_alloc(&fix, fixture_request(5));
		pcp_free_one(&fix, 0, 0);
		expect_i64_eq(
		    page_block_set_type(fix.pa, 0, PAGE_UNMOVABLE, false), 0);
		page_pcp_drain_all(fix.pa);
		fixture_check(&fix);
		info = fixture_zone(&fix, 0);
		expect_u64_eq(info.free_blocks[PAGE_MOVABLE][0], kept);
		expect_u64_eq(info.free_blocks[PAGE_UNMOVABLE][0], !kept);
		fixture_free(&fix);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_list_is_a_stack),
	    cmocka_unit_test(which_orders_and_how_many),
	    cmocka_unit_test(newer_lists_grow),
	    cmocka_unit_test(high_of_the_start),
	    cmocka_unit_test(huge_lists),
	    cmocka_unit_test(isolated_pages_pass_by),
	    cmocka_unit_test(lists_without_room),
	    cmocka_unit_test(type_on_the_list),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
