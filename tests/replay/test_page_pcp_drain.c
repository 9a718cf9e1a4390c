/*
 * Drains of per-CPU lists: when, how much, and from which list first.
 */
#include "tests/replay/pcp_bed.h"

/*
 * 5.15 and 6.1: the drain is batch << factor, at most high - batch, and the
 * factor grows while nothing is allocated: 4, 8, then 12 as 16 is too much.
 */
static void drains_double(void **state)
{
	static const uint32_t left[] = {12, 8, 4, 4};

	(void)state;
	for (int version = 0; version <= PAGE_VERSION_6_1; version++) {
		struct page_fixture fix;
		uint32_t pfn = 0;

		pcp_ready(&fix, (enum page_version)version, 16);
		pcp_take_pages(&fix, 64);
		expect_u64_eq(pcp_held(&fix), 0);
		for (int i = 0; i < 4; i++) {
			uint64_t drains = page_alloc_counters(fix.pa)->drains;

			while (page_alloc_counters(fix.pa)->drains == drains)
				pcp_free_one(&fix, pfn++, 0);
			expect_u64_eq(pcp_held(&fix), left[i]);
		}
		/* 16, 4, 8 and 12 frees until it was full. */
		expect_u64_eq(pfn, 40);
		expect_u64_eq(page_alloc_counters(fix.pa)->drained, 36);
		fixture_free(&fix);
	}
}

/* 4, 8, ... 128 = 32 batches, and on in 5.15 only. */
static void drains_are_limited(void **state)
{
	(void)state;
	for (int version = 0; version <= PAGE_VERSION_6_1; version++) {
		struct page_fixture fix;
		uint64_t drained = 0;
		uint32_t pfn = 0;

		fixture_init(&fix, 4096);
		fix.config.version = (enum page_version)version;
		fix.config.cpu_count = 1;
		fix.zones[0].pcp_batch = 4;
		fix.zones[0].pcp_high_min = fix.zones[0].pcp_high_max = 1000;
		fixture_make(&fix);
		fixture_seed_all(&fix);
		pcp_take_pages(&fix, 3000);
		for (uint32_t want = 4; want <= 512; want *= 2) {
			const struct page_counters *counters =
			    page_alloc_counters(fix.pa);
			uint64_t drains = counters->drains;

			while (counters->drains == drains)
				pcp_free_one(&fix, pfn++, 0);
			expect_u64_eq(counters->drained - drained,
				      version && want > 128 ? 128 : want);
			drained = counters->drained;
		}
		fixture_free(&fix);
	}
}

/* An allocation halves the factor: from 2 it is 1 again, so 8 go, not 12. */
static void allocation_calms_drains(void **state)
{
	struct page_fixture fix;
	uint32_t pfn = 0;

	(void)state;
	pcp_ready(&fix, PAGE_VERSION_6_1, 16);
	pcp_take_pages(&fix, 64);
	while (page_alloc_counters(fix.pa)->drains < 2)
		pcp_free_one(&fix, pfn++, 0);
	fixture_alloc(&fix, fixture_request(0));
	while (page_alloc_counters(fix.pa)->drains < 3)
		pcp_free_one(&fix, pfn++, 0);
	expect_u64_eq(pcp_held(&fix), 8);
	fixture_free(&fix);
}

/*
 * 6.12 on: refills double (4, 8, then 12 = high - batch), and a drain gives
 * back as many as were freed in a row: 64 pages leave 4 + 8 + 12 * 5 - 64 = 8,
 * so 8 frees fill it and 8 go; then 8 more make 16, of which 12 may go.
 */
static void newer_lists_count_frees(void **state)
{
	(void)state;
	for (int version = PAGE_VERSION_6_12; version < PAGE_VERSIONS;
	     version++) {
		struct page_fixture fix;
		uint32_t pfn = 0;

		pcp_ready(&fix, (enum page_version)version, 16);
		pcp_take_pages(&fix, 64);
		expect_u64_eq(page_alloc_counters(fix.pa)->refills, 7);
		expect_u64_eq(pcp_held(&fix), 8);
		while (page_alloc_counters(fix.pa)->drains < 1)
			pcp_free_one(&fix, pfn++, 0);
		expect_u64_eq(pfn, 8);
		expect_u64_eq(pcp_held(&fix), 8);
		while (page_alloc_counters(fix.pa)->drains < 2)
			pcp_free_one(&fix, pfn++, 0);
		expect_u64_eq(pfn, 16);
		expect_u64_eq(pcp_held(&fix), 4);
		fixture_free(&fix);
	}
}

/*
 * free_count and alloc_factor halve with every call of the other kind: 64
 * pages leave 8 and the factor 2.
 */
static void newer_lists_forget(void **state)
{
	struct page_fixture fix;
	uint32_t pfn = 0;

	(void)state;
	pcp_ready(&fix, PAGE_VERSION_6_12, 16);
	pcp_take_pages(&fix, 64);
	for (; pfn < 6; pfn++)
		pcp_free_one(&fix, pfn, 0);
	fixture_alloc(&fix, fixture_request(0));
	/* 6 frees in a row became 3, and 3 more fill the list: 6 go. */
	for (; pfn < 9; pfn++)
		pcp_free_one(&fix, pfn, 0);
	expect_u64_eq(page_alloc_counters(fix.pa)->drained, 6);
	expect_u64_eq(pcp_held(&fix), 10);
	fixture_free(&fix);
	pcp_ready(&fix, PAGE_VERSION_6_12, 16);
	pcp_take_pages(&fix, 64);
	pcp_free_one(&fix, 0, 0);
	pcp_free_one(&fix, 1, 0);
	/* The factor is 0 again: the list of 10 is refilled by 4. */
	for (int i = 0; i < 11; i++)
		fixture_alloc(&fix, fixture_request(0));
	expect_u64_eq(pcp_held(&fix), 3);
	fixture_free(&fix);
}

/*
 * Blocks of order 1 to 3 that are freed in a row are all given back: in 6.1
 * once a drain was not followed by an allocation, in 5.15 never.
 */
static void high_orders_are_given_back(void **state)
{
	static const uint32_t left[PAGE_VERSIONS] = {14, 0, 14, 14};

	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		struct page_fixture fix;
		uint64_t block, pfn = 0;

		pcp_ready(&fix, (enum page_version)version, 16);
		block = fixture_alloc(&fix, fixture_request(4));
		while (block < 64)
			block = fixture_alloc(&fix, fixture_request(4));
		page_pcp_drain_all(fix.pa);
		/* 16 single pages: a drain of a batch, or of all 16. */
		for (; pfn < 16; pfn++)
			pcp_free_one(&fix, pfn, 0);
		expect_u64_eq(page_alloc_counters(fix.pa)->drains, 1);
		expect_u64_eq(pcp_held(&fix), version < 2 ? 12 : 4);
		pcp_free_one(&fix, 16, 1);
		if (version >= PAGE_VERSION_6_12) {
			/* Only from the second one in a row on. */
			expect_u64_eq(pcp_held(&fix), 6);
			pcp_free_one(&fix, 18, 1);
			expect_u64_eq(pcp_held(&fix), 0);
		} else {
			expect_u64_eq(pcp_held(&fix), left[version]);
		}
		fixture_free(&fix);
	}
}

/* 6.18 asks for more frees in a row than 6.12: 4 + 16 / 2, not 4. */
static void high_orders_later(void **state)
{
	(void)state;
	for (int version = PAGE_VERSION_6_12; version < PAGE_VERSIONS;
	     version++) {
		struct page_fixture fix;

		pcp_ready(&fix, (enum page_version)version, 16);
		while (fixture_alloc(&fix, fixture_request(4)) < 64)
			;
		for (uint64_t pfn = 0; pfn < 6; pfn++)
			pcp_free_one(&fix, pfn, 0);
		pcp_free_one(&fix, 6, 1);
		expect_u64_eq(pcp_held(&fix), 8);
		pcp_free_one(&fix, 8, 1);
		expect_u64_eq(pcp_held(&fix),
			      version == PAGE_VERSION_6_12 ? 0 : 10);
		fixture_free(&fix);
	}
}

/*
 * While kswapd is at work a list is kept to four batches, here 16, however high
 * it might go; above the high mark it may grow again.
 */
static void kswapd_keeps_lists_short(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		struct page_request req = fixture_request(4);
		struct page_fixture fix;
		uint64_t pfn = 0;

		fixture_init(&fix, 1024);
		fix.config.version = (enum page_version)version;
		fix.config.cpu_count = 1;
		fix.zones[0].pcp_batch = 4;
		fix.zones[0].pcp_high_min = fix.zones[0].pcp_high_max = 64;
		fix.zones[0].wmark_min = 10;
		fix.zones[0].wmark_low = 300;
		fix.zones[0].wmark_high = 400;
		fixture_make(&fix);
		fixture_seed_all(&fix);
		while (!page_alloc_counters(fix.pa)->slow)
			expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), 0);
		for (pfn = 0; pfn < 40; pfn++)
			pcp_free_one(&fix, pfn, 0);
		expect_true(pcp_held(&fix) < 16);
		for (; pfn < 160; pfn += 16)
			expect_i64_eq(
			    page_free(fix.pa, (pfn + 15) & ~15ull, 4, 0), 0);
		expect_true(page_free_total(fix.pa) > 400);
		for (pfn = 256; pfn < 288; pfn++)
			pcp_free_one(&fix, pfn, 0);
		expect_true(pcp_held(&fix) >= 32 && pcp_held(&fix) < 64);
		fixture_free(&fix);
	}
}

/* When nothing else is left, other CPUs' lists are emptied for it. */
static void others_lists_are_drained(void **state)
{
	struct page_request req = fixture_request(0);
	struct page_fixture fix;
	uint64_t pfn;

	(void)state;
	fixture_init(&fix, 16);
	fix.config.cpu_count = 2;
	fix.config.max_order = fix.config.pageblock_order = 4;
	fix.zones[0].pcp_batch = 16;
	fix.zones[0].pcp_high_min = fix.zones[0].pcp_high_max = 64;
	fixture_make(&fix);
	fixture_seed_all(&fix);
	expect_u64_eq(fixture_alloc(&fix, req), 0);
	expect_u64_eq(pcp_held(&fix), 15);
	req.cpu = 1;
	req.order = 3;
	expect_u64_eq(fixture_alloc(&fix, req), 8);
	fixture_check(&fix);
	expect_u64_eq(page_alloc_counters(fix.pa)->drain_alls, 1);
	req.order = 4;
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
	fixture_free(&fix);
}

/* 5.15 goes round the lists, 6.1 empties the freed page's list first. */
static void drain_order(void **state)
{
	(void)state;
	for (int version = 0; version <= PAGE_VERSION_6_1; version++) {
		struct page_fixture fix;
		struct page_request req = fixture_request(5);
		struct page_zone_info info;
		uint64_t unmovable, movable;

		pcp_ready(&fix, (enum page_version)version, 16);
		movable = fixture_alloc(&fix, req);
		req.migratetype = PAGE_UNMOVABLE;
		unmovable = fixture_alloc(&fix, req);
		expect_i64_eq(page_block_type(fix.pa, unmovable),
			      PAGE_UNMOVABLE);
		for (uint64_t i = 0; i < 8; i++)
			pcp_free_one(&fix, movable + 2 * i, 0);
		for (uint64_t i = 0; i < 8; i++)
			pcp_free_one(&fix, unmovable + 2 * i, 0);
		expect_u64_eq(pcp_held(&fix), 12);
		info = fixture_zone(&fix, 0);
		/*
		 * 5.15: one of movable (list 1), then, eleven lists on, three
		 * of unmovable. 6.1: four of unmovable.
		 */
		expect_u64_eq(info.free_blocks[PAGE_MOVABLE][0],
			      version ? 0 : 1);
		expect_u64_eq(info.free_blocks[PAGE_UNMOVABLE][0],
			      version ? 4 : 3);
		fixture_free(&fix);
		/* The other way round. */
		req.migratetype = PAGE_MOVABLE;
		pcp_ready(&fix, (enum page_version)version, 16);
		movable = fixture_alloc(&fix, req);
		req.migratetype = PAGE_UNMOVABLE;
		unmovable = fixture_alloc(&fix, req);
		for (uint64_t i = 0; i < 8; i++)
			pcp_free_one(&fix, unmovable + 2 * i, 0);
		for (uint64_t i = 0; i < 8; i++)
			pcp_free_one(&fix, movable + 2 * i, 0);
		info = fixture_zone(&fix, 0);
		expect_u64_eq(info.free_blocks[PAGE_MOVABLE][0],
			      version ? 4 : 1);
		expect_u64_eq(info.free_blocks[PAGE_UNMOVABLE][0],
			      version ? 0 : 3);
		fixture_free(&fix);
	}
}

/*
 * How much a tick drains is reckoned before, and told in batches; a huge page
 * that is more than a batch does not make it less.
 */
static void decay_does_not_reckon_anew(void **state)
{
	struct page_fixture fix;

	(void)state;
	fixture_init(&fix, 8192);
	fix.config.version = PAGE_VERSION_6_12;
	fix.config.cpu_count = 1;
	fix.config.thp_order = 9;
	fix.zones[0].pcp_batch = 63;
	fix.zones[0].pcp_high_min = 1100;
	fix.zones[0].pcp_high_max = 5000;
	fixture_make(&fix);
	for (uint64_t i = 1; i <= 3; i++)
		expect_i64_eq(
		    page_alloc_seed_pcp(fix.pa, 512 * i, 9, PAGE_MOVABLE, 0),
		    0);
	/* 436 too many: in seven batches, each of which takes a huge page. */
	page_pcp_tick(fix.pa, 0);
	expect_u64_eq(pcp_held(&fix), 0);
	fixture_check(&fix);
	fixture_free(&fix);
}

/* Lists of another node's zone are emptied after three idle ticks. */
static void remote_lists_expire(void **state)
{
	struct page_fixture fix;

	(void)state;
	fixture_init(&fix, 1024);
	fix.zones[0].node = 1;
	fix.zones[0].pcp_batch = 4;
	fix.zones[0].pcp_high_min = fix.zones[0].pcp_high_max = 64;
	fix.config.cpu_count = 2;
	fix.cpu_node[1] = 1;
	fixture_make(&fix);
	fixture_seed_all(&fix);
	pcp_take_pages(&fix, 9);
	for (uint32_t pfn = 0; pfn < 9; pfn++)
		pcp_free_one(&fix, pfn, 0);
	expect_u64_eq(pcp_held(&fix), 12);
	page_pcp_tick(fix.pa, 0);
	page_pcp_tick(fix.pa, 0);
	expect_u64_eq(pcp_held(&fix), 12);
	page_pcp_tick(fix.pa, 0);
	expect_u64_eq(pcp_held(&fix), 8);
	/* Its own node's never are. */
	for (int i = 0; i < 10; i++)
		page_pcp_tick(fix.pa, 1);
	expect_u64_eq(pcp_held(&fix), 8);
	page_pcp_tick(fix.pa, 2);
	fixture_check(&fix);
	fixture_free(&fix);
}

/*
 * One page goes, as the list may hold less than a batch: 5.15 raises its list
 * number before it looks, so movable (1) is before unmovable (0); 6.1 begins
 * with the list of the page that was freed.
 */
static void where_a_drain_begins(void **state)
{
	(void)state;
	for (int version = 0; version <= PAGE_VERSION_6_1; version++) {
		struct page_fixture fix;
		struct page_request req = fixture_request(5);
		uint64_t unmovable, movable;

		fixture_init(&fix, 4096);
		fix.config.version = (enum page_version)version;
		fix.config.cpu_count = 1;
		fix.zones[0].pcp_batch = 4;
		fix.zones[0].pcp_high_min = fix.zones[0].pcp_high_max = 2;
		fixture_make(&fix);
		fixture_seed_all(&fix);
		movable = fixture_alloc(&fix, req);
		req.migratetype = PAGE_UNMOVABLE;
		unmovable = fixture_alloc(&fix, req);
		pcp_free_one(&fix, movable, 0);
		pcp_free_one(&fix, unmovable, 0);
		expect_u64_eq(pcp_held(&fix), 1);
		expect_i64_eq(page_lookup(fix.pa, movable, NULL, NULL),
			      version ? PAGE_USE_PCP : PAGE_USE_FREE);
		expect_i64_eq(page_lookup(fix.pa, unmovable, NULL, NULL),
			      version ? PAGE_USE_FREE : PAGE_USE_PCP);
		fixture_free(&fix);
	}
}

/*
 * order_to_pindex() from 6.1 on: huge movable pages have the last list, so a
 * remote zone's lists, emptied from the first on, give up the others' before.
 */
static void which_huge_list_is_first(void **state)
{
	(void)state;
	for (int version = PAGE_VERSION_6_1; version < PAGE_VERSIONS;
	     version++) {
		struct page_request req = fixture_request(5);
		struct page_fixture fix;
		uint64_t movable, unmovable;

		fixture_init(&fix, 1024);
		fix.config.version = (enum page_version)version;
		fix.config.pageblock_order = 5;
		fix.config.thp_order = 5;
		fix.config.cpu_count = 2;
		fix.cpu_node[1] = 1;
		fix.zones[0].node = 1;
		fix.zones[0].pcp_batch = 4;
		fix.zones[0].pcp_high_min = fix.zones[0].pcp_high_max = 512;
		fixture_make(&fix);
		fixture_seed_all(&fix);
		movable = fixture_alloc(&fix, req);
		req.migratetype = PAGE_UNMOVABLE;
		unmovable = fixture_alloc(&fix, req);
		pcp_free_one(&fix, movable, 5);
		pcp_free_one(&fix, unmovable, 5);
		/* With one more of each from their refills. */
		expect_u64_eq(pcp_held(&fix), 4 * 32);
		for (int i = 0; i < 3; i++)
			page_pcp_tick(fix.pa, 0);
		expect_u64_eq(pcp_held(&fix), 3 * 32);
		expect_i64_eq(page_lookup(fix.pa, movable + 32, NULL, NULL),
			      PAGE_USE_PCP);
		expect_i64_eq(page_lookup(fix.pa, unmovable + 32, NULL, NULL),
			      PAGE_USE_FREE);
		fixture_check(&fix);
		fixture_free(&fix);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(drains_double),
	    cmocka_unit_test(drains_are_limited),
	    cmocka_unit_test(allocation_calms_drains),
	    cmocka_unit_test(newer_lists_count_frees),
	    cmocka_unit_test(newer_lists_forget),
	    cmocka_unit_test(decay_does_not_reckon_anew),
	    cmocka_unit_test(high_orders_later),
	    cmocka_unit_test(kswapd_keeps_lists_short),
	    cmocka_unit_test(others_lists_are_drained),
	    cmocka_unit_test(high_orders_are_given_back),
	    cmocka_unit_test(drain_order),
	    cmocka_unit_test(remote_lists_expire),
	    cmocka_unit_test(where_a_drain_begins),
	    cmocka_unit_test(which_huge_list_is_first),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
