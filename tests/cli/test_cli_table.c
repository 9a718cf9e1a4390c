/*
 * cli_table: widths, and one column that gives way.
 */
#include "cli/cli_table.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

static const char *const names[] = {
    "short",
    "a_very_long_symbol_name_that_does_not_fit_into_eighty_columns_at_all+0x1f",
};

static void cells(const void *context, size_t row, char out[][TABLE_CELL_MAX])
{
	(void)context;
	strcpy(out[0], names[row]);
	strcpy(out[1], row ? "12,345,678" : "1");
	strcpy(out[2], "x");
}

static const struct cli_column columns[] = {
    {"Name", true, true}, {"Bytes", false, false}, {"Use", true, false}};

static char *print(size_t rows)
{
	struct cli_table table = {columns, 3, rows, cells, NULL};
	char *out = NULL;
	size_t size;
	FILE *file = open_memstream(&out, &size);

	expect_true(file != NULL);
	table_print(&table, file);
	fclose(file);
	return out;
}

static void test_narrow(void **state)
{
	char *out = print(1);

	(void)state;
	expect_str_eq(out, "Name  Bytes Use\n"
			   "----- ----- ---\n"
			   "short     1 x\n");
	free(out);
}

static void test_gives_way(void **state)
{
	char *out = print(2), *rest = out;

	(void)state;
	for (int line = 0; line < 4; line++) {
		char *end = strchr(rest, '\n');

		expect_true(end && end - rest <= TABLE_WIDTH);
		rest = end + 1;
	}
	expect_true(!*rest);
	expect_true(strstr(out, "a_very_long_symbol_name") &&
		    strstr(out, "at_all+0x1f 12,345,678 x"));
	free(out);
}

static void test_measure(void **state)
{
	struct cli_table table = {columns, 3, 2, cells, NULL};
	size_t left, wanted;

	(void)state;
	table_measure(&table, &left, &wanted);
	expect_u64_eq(left, 80 - 10 - 3 - 2);
	expect_u64_eq(wanted, strlen(names[1]));
}

static void test_empty(void **state)
{
	char *out = print(0);

	(void)state;
	expect_str_eq(out, "Name Bytes Use\n---- ----- ---\n");
	free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_narrow),
	    cmocka_unit_test(test_gives_way),
	    cmocka_unit_test(test_measure),
	    cmocka_unit_test(test_empty),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
