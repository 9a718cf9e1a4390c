/*
 * stat_view: folding of hand-made rows.
 */
#include "analysis/stat_view.h"

#include <stdlib.h>

#include "tests/analysis/made_sites.h"
#include "tests/support/test.h"

static void test_fold_callers(void **state)
{
	struct stat_row *rows;
	size_t count;

	(void)state;
	expect_i64_eq(stat_fold(sites, ROWS, STAT_CALLER, false, &rows, &count),
		      0);
	expect_u64_eq(count, 2);
	expect_u64_eq(rows[0].sum.call_site, 0x100);
	expect_u64_eq(rows[0].sum.allocs, 3);
	expect_u64_eq(rows[0].sum.bytes_req, 158);
	expect_u64_eq(rows[0].sum.bytes_each, 0); /* two classes */
	expect_u64_eq(rows[0].sum.live_bytes_alloc_peak, 200);
	expect_i64_eq(stat_waste(&rows[0].sum), 98);
	free(rows);
	expect_i64_eq(stat_fold(sites, ROWS, STAT_CALLER, true, &rows, &count),
		      0);
	expect_u64_eq(count, 3);
	free(rows);
}

static void test_fold_caches(void **state)
{
	struct stat_row *rows;
	size_t count;

	(void)state;
	expect_i64_eq(stat_fold(sites, ROWS, STAT_CACHE, false, &rows, &count),
		      0);
	expect_u64_eq(count, 3); /* kmalloc-64, kmalloc-128, name 5 */
	expect_u64_eq(rows[0].sum.bytes_each, 64);
	expect_u64_eq(rows[2].sum.name, 5);
	expect_u64_eq(rows[0].sum.live_bytes_alloc_peak, 0);
	free(rows);
}

static void test_impossible_rows(void **state)
{
	struct stat_row *rows;
	size_t count;

	(void)state;
	for (enum stat_table table = STAT_CALLER; table <= STAT_ORDER;
	     table++) {
		if (table == STAT_ALLOC || table == STAT_PFN)
			continue;
		expect_i64_eq(stat_fold(impossible_sites, IMPOSSIBLE_ROWS,
					table, true, &rows, &count),
			      0);
		expect_u64_eq(count, 1);
		free(rows);
	}
}

static void test_fragmentation(void **state)
{
	(void)state;
	expect_true(stat_fragmentation(0, 0) == 0);
	expect_true(stat_fragmentation(29, 64) > 54.68 &&
		    stat_fragmentation(29, 64) < 54.69);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_fold_callers),
	    cmocka_unit_test(test_fold_caches),
	    cmocka_unit_test(test_impossible_rows),
	    cmocka_unit_test(test_fragmentation),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
