/*
 * stat_view: folding, sorting and summing of hand-made rows.
 */
#include "analysis/stat_view.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

enum { PAGE = 4096, ROWS = 7 };

static const struct site_summary sites[ROWS] = {
    {.kind = EV_KMALLOC,
     .call_site = 0x100,
     .bytes_each = 64,
     .allocs = 2,
     .bytes_req = 58,
     .bytes_alloc = 128,
     .frees = 1,
     .free_events = 1,
     .bytes_req_freed = 29,
     .bytes_alloc_freed = 64,
     .live_bytes_alloc_peak = 200,
     .live_bytes_req_peak = 100},
    {.kind = EV_KMALLOC,
     .call_site = 0x100,
     .bytes_each = 128,
     .allocs = 1,
     .bytes_req = 100,
     .bytes_alloc = 128,
     .live_bytes_alloc_peak = 200,
     .live_bytes_req_peak = 100},
    {.kind = EV_CACHE_ALLOC,
     .call_site = 0x200,
     .name = 5,
     .bytes_each = 192,
     .allocs = 4,
     .bytes_req = 768,
     .bytes_alloc = 768,
     .failed = 1},
    {.kind = EV_KMALLOC,
     .call_site = 0x300,
     .bytes_each = 64,
     .self = true,
     .allocs = 9,
     .self_allocs = 9,
     .bytes_req = 9,
     .bytes_alloc = 576},
    {.kind = EV_KFREE, .call_site = 0x400, .frees = 3, .null_frees = 2},
    {.kind = EV_PAGE_ALLOC,
     .order = 3,
     .migratetype = 1,
     .backing = SITE_BACKS_SLAB,
     .allocs = 2,
     .failed = 1,
     .bytes_alloc = 16 * PAGE},
    {.kind = EV_PAGE_FREE,
     .order = 1,
     .frees = 1,
     .free_events = 1,
     .bytes_alloc_freed = 2 * PAGE},
};

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

static void test_sort(void **state)
{
	struct stat_sort sort;
	struct stat_row *rows;
	size_t count;

	(void)state;
	expect_i64_eq(stat_fold(sites, ROWS, STAT_CACHE, false, &rows, &count),
		      0);
	expect_i64_eq(stat_sort_parse("hit", STAT_CACHE, &sort, NULL), 0);
	stat_sort_rows(rows, count, &sort);
	expect_u64_eq(rows[0].sum.allocs, 4);
	expect_u64_eq(rows[2].sum.allocs, 1);
	expect_i64_eq(stat_sort_parse("frag,bytes", STAT_CACHE, &sort, NULL),
		      0);
	stat_sort_rows(rows, count, &sort);
	expect_u64_eq(rows[0].sum.bytes_each, 64);
	expect_i64_eq(stat_sort_parse("waste", STAT_CACHE, &sort, NULL), 0);
	stat_sort_rows(rows, count, &sort);
	expect_i64_eq(stat_waste(&rows[0].sum), 70);
	expect_i64_eq(stat_waste(&rows[1].sum), 28);
	free(rows);
}

static void test_bad_keys(void **state)
{
	struct stat_sort sort;
	struct err err = {0};

	(void)state;
	expect_i64_eq(stat_sort_parse("size", STAT_CALLER, &sort, &err),
		      ERR_USAGE);
	expect_true(strstr(err.text, "size") && strstr(err.text, "pingpong"));
	expect_true(!strstr(err.text, "migtype"));
	expect_i64_eq(stat_sort_parse("frag", STAT_PAGE, &sort, &err),
		      ERR_USAGE);
	expect_true(strstr(err.text, "migtype") != NULL);
	expect_i64_eq(stat_sort_parse("", STAT_PAGE, &sort, &err), ERR_USAGE);
	expect_i64_eq(stat_sort_parse("hit,", STAT_PAGE, &sort, &err),
		      ERR_USAGE);
	expect_i64_eq(stat_sort_parse("hit,hit,hit,hit,hit,hit,hit,hit,hit",
				      STAT_PAGE, &sort, &err),
		      ERR_USAGE);
}

static void test_sums(void **state)
{
	struct stat_totals totals;

	(void)state;
	stat_sum(sites, ROWS, false, PAGE, &totals);
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
	stat_sum(sites, ROWS, true, PAGE, &totals);
	expect_u64_eq(totals.slab.allocs, 16);
	expect_u64_eq(totals.self_slab.allocs, 0);
}

/* Rows of a damaged database: anything goes, nothing breaks. */
static void test_impossible_rows(void **state)
{
	static const struct site_summary bad[] = {
	    {.kind = EV_PAGE_ALLOC,
	     .order = 255,
	     .migratetype = -7,
	     .backing = 99,
	     .allocs = 1,
	     .failed = 1,
	     .frees = 5},
	    {.kind = 200, .frees = UINT64_MAX},
	    {.kind = EV_KMALLOC, .allocs = 1, .bytes_req = UINT64_MAX},
	};
	struct stat_totals totals;
	struct stat_row *rows;
	size_t count;

	(void)state;
	stat_sum(bad, 3, false, PAGE, &totals);
	expect_u64_eq(totals.page.allocs, 1);
	expect_u64_eq(totals.page.bytes_failed, 0);
	expect_u64_eq(totals.order_max, 0);
	for (enum stat_table table = STAT_CALLER; table <= STAT_ORDER;
	     table++) {
		if (table == STAT_ALLOC || table == STAT_PFN)
			continue;
		expect_i64_eq(stat_fold(bad, 3, table, true, &rows, &count), 0);
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
	    cmocka_unit_test(test_sort),
	    cmocka_unit_test(test_bad_keys),
	    cmocka_unit_test(test_sums),
	    cmocka_unit_test(test_impossible_rows),
	    cmocka_unit_test(test_fragmentation),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
