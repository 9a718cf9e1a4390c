/* Canary: a failing test must fail the run, with what was got and wanted. */
#include "tests/support/test.h"

static void test_fails(void **state)
{
	(void)state;
	expect_i64_eq(-1, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_fails)};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
