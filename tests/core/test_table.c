/*
 * table: cells come back as they went in, whole rows only.
 */
#include "core/table.h"

#include <stdio.h>

#include "tests/support/test.h"

static const struct table_column columns[] = {
    {"site", "Call site", "Who", UNIT_TEXT, TABLE_GIVES_WAY},
    {"bytes", "Bytes", "How much", UNIT_BYTES, 0},
    {"share", "Share", "Of all", UNIT_PERCENT, 0},
};

static void test_cells(void **state)
{
	struct table table;
	char name[24];

	(void)state;
	table_init(&table, "sites", columns, 3, "%d sites", 500);
	for (int row = 0; row < 500; row++) {
		snprintf(name, sizeof(name), "site-%d", row);
		table_text(&table, name);
		table_int(&table, -row);
		if (row % 2)
			table_real(&table, row / 2.0);
		else
			table_none(&table);
	}
	table_text(&table, "half a row");
	assert_int_equal(table_status(&table, NULL), 0);
	expect_str_eq(table_title(&table), "500 sites");
	expect_u64_eq(table.row_count, 500);
	for (unsigned int row = 0; row < 500; row++) {
		const struct table_cell *cell = table_cell(&table, row, 0);

		snprintf(name, sizeof(name), "site-%u", row);
		expect_str_eq(table_text_at(&table, cell), name);
		assert_int_equal(table_cell(&table, row, 1)->as.number,
				 -(int)row);
		cell = table_cell(&table, row, 2);
		assert_int_equal(cell->kind, row % 2 ? CELL_REAL : CELL_NONE);
		if (row % 2)
			assert_true(cell->as.real == row / 2.0);
	}
	table_fini(&table);
}

static void test_cut_says_so(void **state)
{
	struct table table;

	(void)state;
	table_init(&table, "sites", columns, 1, "sites");
	table_text(&table, "a");
	table_text(&table, "b");
	table_cut(&table, 2);
	expect_u64_eq(table.note_count, 0);
	table_cut(&table, 1);
	expect_u64_eq(table.row_count, 1);
	expect_u64_eq(table.note_count, 1);
	expect_str_eq(table_note_at(&table, 0), "1 of 2 rows are shown.");
	table_text(&table, "c");
	expect_str_eq(table_text_at(&table, table_cell(&table, 1, 0)), "c");
	table_fini(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cells),
	    cmocka_unit_test(test_cut_says_so),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
