#include "core/symbols.h"

#include "tests/support/test.h"

static void test_find_and_format(void **state)
{
	struct symbols symbols = {0};
	char text[SYMBOL_TEXT_MAX];
	const char *module;
	uint64_t offset, start, end;

	(void)state;
	assert_int_equal(symbols_add(&symbols, 0x3000, "late", "ext4"), 0);
	assert_int_equal(symbols_add(&symbols, 0x1000, "first", NULL), 0);
	assert_int_equal(symbols_add(&symbols, 0x1000, "alias", NULL), 0);
	symbols_sort(&symbols);

	expect_str_eq(symbols_format(&symbols, 0x10ff, text), "first+0xff");
	expect_str_eq(symbols_find(&symbols, 0x3004, &offset, &module), "late");
	expect_u64_eq(offset, 4);
	expect_str_eq(module, "ext4");
	expect_str_eq(symbols_find(&symbols, 0x2fff, &offset, &module),
		      "first");
	expect_true(!module);
	expect_str_eq(symbols_format(&symbols, 0xfff, text), "0xfff");
	expect_true(!symbols_find(&symbols, UINT64_MAX, NULL, NULL));
	expect_true(symbols_range(&symbols, "alias", &start, &end));
	expect_u64_eq(start, 0x1000);
	expect_u64_eq(end, 0x3000);
	expect_true(symbols_range(&symbols, "late", &start, &end));
	expect_u64_eq(start, 0x3000);
	expect_true(symbols_find(&symbols, end - 1, NULL, NULL) != NULL);
	expect_true(!symbols_range(&symbols, "none", &start, &end));
	expect_u64_eq(start, 0x3000);
	symbols_fini(&symbols);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_find_and_format),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
