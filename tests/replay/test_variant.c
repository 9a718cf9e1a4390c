/*
 * Which kernel's rules are taken for which, and that a user is told.
 */
#include "replay/variant.h"

#include <string.h>

#include "tests/support/test.h"

static void nearest(void **state)
{
	(void)state;
	expect_u64_eq(variant_of(5, 15), VARIANT_5_15);
	expect_u64_eq(variant_of(5, 16), VARIANT_6_1);
	expect_u64_eq(variant_of(6, 6), VARIANT_6_1);
	expect_u64_eq(variant_of(6, 7), VARIANT_6_12);
	expect_u64_eq(variant_of(6, 17), VARIANT_6_12);
	expect_u64_eq(variant_of(6, 19), VARIANT_6_18);
	expect_u64_eq(variant_of(7, 0), VARIANT_7_0);
	expect_u64_eq(variant_of(8, 3), VARIANT_7_0);
}

static void none_to_tell(void **state)
{
	static const int minors[] = {1, 12, 18};
	char text[VARIANT_NOTE] = "x";

	(void)state;
	expect_true(!variant_note(5, 15, text));
	expect_str_eq(text, "");
	for (size_t i = 0; i < sizeof(minors) / sizeof(*minors); i++)
		expect_true(!variant_note(6, minors[i], text));
}

static void told(void **state)
{
	char text[VARIANT_NOTE];

	(void)state;
	expect_true(variant_note(6, 16, text));
	expect_str_eq(text, "this kernel is 6.16, the rules are those of 6.12");
	expect_true(variant_note(5, 17, text));
	expect_str_eq(text,
		      "this kernel is 5.17; its slabs follow the rules of "
		      "6.1, its pages those of 5.15");
	expect_true(variant_note(0, 0, text));
	expect_str_eq(text, "5.15's, because the recording does not say of "
			    "which kernel it is");
	expect_true(variant_note(6, 19, text));
	expect_true(!strstr(text, "sheaves"));
	expect_true(variant_note(7, 2, text));
	expect_true(strstr(text, "7.2, the rules are those of 6.18. From 7.0"));
	expect_true(strlen(text) < VARIANT_NOTE - 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nearest),
	    cmocka_unit_test(none_to_tell),
	    cmocka_unit_test(told),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
