/*
 * stat_totals: sums of hand-made rows.
 */
#include "analysis/stat_totals.h"

#include "tests/analysis/made_sites.h"
#include "tests/support/test.h"

static void test_sums(void **state)
{
	struct stat_totals totals;

	(void)state;
	stat_totals_make(&totals, sites, ROWS, false, PAGE);
	expect_u64_eq(totals.slab.allocs, 7);
	expect_u64_eq(totals.slab.failed, 1);
	expect_u64_eq(totals.slab.bytes_req, 926);
	expect_u64_eq(totals.slab.bytes_alloc, 1024);
	expect_u64_eq(totals.slab.bytes_alloc_freed, 64);
	expect_u64_eq(totals.slab.unknown_frees, 3);
	expect_u64_eq(totals.slab.null_frees, 2);
	expect_u64_eq(totals.self_slab.allocs, 9);
	expect_u64_eq(totals.page.allocs, 2);
	expect_u64_eq(totals.page.bytes_failed, 8 * PAGE);
	expect_u64_eq(totals.page.unknown_frees, 1);
	expect_u64_eq(totals.page.bytes_unknown, 2 * PAGE);
	expect_u64_eq(totals.page.free_events, 1);
	expect_u64_eq(totals.backing[SITE_BACKS_SLAB].allocs, 2);
	expect_u64_eq(totals.orders[3][1], 2);
	expect_u64_eq(totals.order_max, 3);
	stat_totals_make(&totals, sites, ROWS, true, PAGE);
	expect_u64_eq(totals.slab.allocs, 16);
	expect_u64_eq(totals.self_slab.allocs, 0);
}

static void test_impossible_rows(void **state)
{
	struct stat_totals totals;

	(void)state;
	stat_totals_make(&totals, impossible_sites, IMPOSSIBLE_ROWS, false,
			 PAGE);
	expect_u64_eq(totals.page.allocs, 1);
	expect_u64_eq(totals.page.bytes_failed, 0);
	expect_u64_eq(totals.order_max, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sums),
	    cmocka_unit_test(test_impossible_rows),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
