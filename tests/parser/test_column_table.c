#include "parser/column_table.h"

#include <string.h>

#include "tests/support/test.h"

static void test_tabs(void **state)
{
	char text[] = "name\tslabs\tctor\n:0000192\t3\t\nfiles\t4\n";
	struct column_table table = {0};
	char *at = text;

	(void)state;
	expect_i64_eq(column_table_start(&table, &at, NULL), 0);
	expect_true(column_table_next(&table, &at));
	expect_str_eq(table.cells[0], ":0000192");
	expect_str_eq(column_table_cell(&table, "slabs"), "3");
	expect_str_eq(column_table_cell(&table, "ctor"), "");
	expect_str_eq(column_table_cell(&table, "order"), ""); /* no column */
	expect_true(column_table_next(&table, &at));
	expect_str_eq(column_table_cell(&table, "slabs"), "4");
	expect_str_eq(column_table_cell(&table, "ctor"), ""); /* a short row */
	expect_true(!column_table_next(&table, &at));
}

static void test_blanks(void **state)
{
	char text[] = "name order\nkmalloc-64 0";
	struct column_table table = {0};
	char *at = text;

	(void)state;
	expect_i64_eq(column_table_start(&table, &at, NULL), 0);
	expect_true(column_table_next(&table, &at));
	expect_str_eq(column_table_cell(&table, "order"), "0");
}

/* More columns than there is room for are left out. */
static void test_bad(void **state)
{
	char none[] = "", other[] = "slabs\tname\n", wide[4 * COLUMN_TABLE_MAX];
	struct column_table table = {0};
	struct err err = {0};
	char *at = none;

	(void)state;
	expect_i64_eq(column_table_start(&table, &at, &err), ERR_FORMAT);
	at = other;
	expect_i64_eq(column_table_start(&table, &at, &err), ERR_FORMAT);
	expect_true(strstr(err.text, "\"name\"") != NULL);
	memset(wide, '\t', sizeof(wide));
	memcpy(wide, "name", 4);
	wide[sizeof(wide) - 1] = '\0';
	at = wide;
	expect_i64_eq(column_table_start(&table, &at, NULL), 0);
	expect_i64_eq(table.column_count, COLUMN_TABLE_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_tabs),
	    cmocka_unit_test(test_blanks),
	    cmocka_unit_test(test_bad),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
