#include "core/names.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/test.h"

static void test_same_string_same_id(void **state)
{
	struct names names = {0};
	char text[32];
	uint32_t id, again;

	(void)state;
	for (uint32_t i = 0; i < 5000; i++) {
		int len = snprintf(text, sizeof(text), "cache-%u", i);

		assert_int_equal(names_intern(&names, text, (size_t)len, &id),
				 0);
		expect_u64_eq(id, i + 1); /* 0 is the empty string */
		assert_int_equal(
		    names_intern(&names, text, (size_t)len, &again), 0);
		expect_u64_eq(again, id);
		expect_str_eq(names_get(&names, id), text);
	}
	expect_u64_eq(names_find(&names, "cache-17"), 18);
	expect_u64_eq(names_find(&names, "cache-5000"), 0);
	expect_str_eq(names_get(&names, 0), "");
	expect_str_eq(names_get(&names, 123456), "");
	names_fini(&names);
}

static void test_stops_at_nul(void **state)
{
	struct names names = {0};
	uint32_t id, whole;

	(void)state;
	assert_int_equal(names_intern(&names, "ab\0cd", 5, &id), 0);
	assert_int_equal(names_intern(&names, "abc", 2, &whole), 0);
	expect_u64_eq(id, whole);
	names_fini(&names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_same_string_same_id),
	    cmocka_unit_test(test_stops_at_nul),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
