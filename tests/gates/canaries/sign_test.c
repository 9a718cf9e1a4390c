/* Canary: -1 must not equal UINT64_MAX, which plain cmocka 1.1.5 says. */
#include "tests/support/test.h"

static void test_fails(void **state)
{
	(void)state;
	expect_u64_eq(UINT32_MAX, UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_fails)};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
