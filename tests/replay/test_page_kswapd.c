/*
 * kswapd: who wakes it, how far it goes, and what it leaves on per-CPU lists.
 */
#include "tests/replay/slow_bed.h"

static const struct page_slow_policy only_kswapd = {.kswapd =
							page_kswapd_balance};

/*
 * A kswapd that is seen at work limits its node's lists to four batches, until
 * a free finds the zone above the high mark; another node's does not.
 */
static void lists_are_short_while_kswapd_runs(void **state)
{
	(void)state;
	for (uint64_t high = 0; high <= 2048; high += 2048) {
		struct page_fixture fix;
		uint64_t pfn = 0;

		fixture_init(&fix, 1024);
		fix.config.cpu_count = 1;
		fix.zones[0].pcp_batch = 4;
		fix.zones[0].pcp_high_min = fix.zones[0].pcp_high_max = 512;
		fix.zones[0].wmark_high = high;
		fixture_make(&fix);
		fixture_seed_all(&fix);
		for (int i = 0; i < 100; i++)
			fixture_alloc(&fix, fixture_request(0));
		for (; pfn < 40; pfn++)
			assert_int_equal(page_free(fix.pa, pfn, 0, 0), 0);
		page_kswapd_seen(fix.pa, 1);
		assert_int_equal(page_free(fix.pa, pfn++, 0, 0), 0);
		expect_u64_eq(page_pcp_count(fix.pa, 0, 0), 41);
		page_kswapd_seen(fix.pa, 0);
		assert_int_equal(page_free(fix.pa, pfn++, 0, 0), 0);
		expect_true(page_pcp_count(fix.pa, 0, 0) < 41);
		for (; pfn < 100; pfn++)
			assert_int_equal(page_free(fix.pa, pfn, 0, 0), 0);
		expect_true((page_pcp_count(fix.pa, 0, 0) > 16) == !high);
		fixture_check(&fix);
		fixture_free(&fix);
	}
}

static void kswapd_works_to_the_high_mark(void **state)
{
	const struct page_counters *counters;
	struct page_fixture fix;
	struct owner owner;

	(void)state;
	slow_ready(&fix, &owner, &only_kswapd);
	counters = page_alloc_counters(fix.pa);
	slow_fill(&fix, &owner, 61, PAGE_MARK_RECLAIMABLE);
	expect_u64_eq(counters->kswapd_wakes, 0);
	/* This one still passes; the next finds 60, the low mark. */
	fixture_alloc(&fix, fixture_request(0));
	expect_u64_eq(counters->slow, 0);
	fixture_alloc(&fix, fixture_request(0));
	expect_u64_eq(counters->slow, 1);
	expect_u64_eq(counters->kswapd_wakes, 1);
	/* 59 + 32 are above 80. */
	expect_u64_eq(counters->kswapd_reclaimed, 32);
	expect_u64_eq(owner.reclaimed, 32);
	expect_u64_eq(page_free_total(fix.pa), 59 + 32);
	fixture_check(&fix);
	fixture_free(&fix);
	/* Who may not wake it, does not. */
	slow_ready(&fix, &owner, &only_kswapd);
	slow_fill(&fix, &owner, 60, PAGE_MARK_RECLAIMABLE);
	fixture_alloc(&fix, (struct page_request){.zone = PAGE_ZONE_NORMAL,
						  .node = PAGE_NODE_LOCAL,
						  .flags = PAGE_REQ_NOKSWAPD});
	expect_u64_eq(page_alloc_counters(fix.pa)->kswapd_wakes, 0);
	expect_u64_eq(owner.reclaimed, 0);
	fixture_free(&fix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(kswapd_works_to_the_high_mark),
	    cmocka_unit_test(lists_are_short_while_kswapd_runs),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
