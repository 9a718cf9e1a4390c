/*
 * stat_sort: orders of hand-made rows, and words that are no keys.
 */
#include "analysis/stat_sort.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/stat_view.h"
#include "tests/analysis/made_sites.h"
#include "tests/support/test.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sort),
	    cmocka_unit_test(test_bad_keys),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
