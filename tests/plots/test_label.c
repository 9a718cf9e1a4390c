#include "plots/label.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/test.h"

static const char *clean(const char *name, size_t max_chars)
{
	static char text[256];

	return label_clean(name, max_chars, text, sizeof(text));
}

static void test_names_are_made_harmless(void **state)
{
	(void)state;
	expect_str_eq(clean("kmalloc-64", 20), "kmalloc-64");
	expect_str_eq(clean("a\nb\tc\033d\177", 20), "a?b?c?d?");
	expect_str_eq(clean("say \"x\"", 20), "say \u201dx\u201d");
	expect_str_eq(clean("\xff\xc3=\xed\xa0\x80", 20), "?"
							  "?=?"
							  "?"
							  "?");
	expect_str_eq(clean("\u00e9\u6f22\U0001f600", 20),
		      "\u00e9\u6f22\U0001f600");
	expect_str_eq(clean("\u202eabc\u200b\xc2\x85", 20), "?abc??");
	expect_str_eq(clean("\xf4\x90\x80\x80\xc0\xaf", 20), "??????");
	expect_str_eq(clean("", 20), "");
}

static void test_names_are_cut(void **state)
{
	char small[8];

	(void)state;
	expect_str_eq(clean("abcdef", 6), "abcdef");
	expect_str_eq(clean("abcdefg", 6), "abcde\u2026");
	expect_str_eq(clean("\u6f22\u6f22\u6f22", 2), "\u6f22\u2026");
	expect_str_eq(label_clean("abcdefghijkl", 99, small, sizeof(small)),
		      "abc\u2026");
	expect_true(strlen(small) < sizeof(small));
}

static void test_numbers(void **state)
{
	char text[32];

	(void)state;
	expect_str_eq(label_count(0, text, sizeof(text)), "0");
	expect_str_eq(label_count(999, text, sizeof(text)), "999");
	expect_str_eq(label_count(1234567, text, sizeof(text)), "1,234,567");
	expect_str_eq(label_bytes(0, text, sizeof(text)), "0 B");
	expect_str_eq(label_bytes(1023, text, sizeof(text)), "1023 B");
	expect_str_eq(label_bytes(1536, text, sizeof(text)), "1.5 KiB");
	expect_str_eq(label_bytes(4096, text, sizeof(text)), "4 KiB");
	expect_str_eq(label_bytes(200.0 * 1048576, text, sizeof(text)),
		      "200 MiB");
	expect_str_eq(label_bytes(-1536, text, sizeof(text)), "-1.5 KiB");
	expect_str_eq(label_time_unit(1).name, "ns");
	expect_str_eq(label_time_unit(1999999999).name, "ms");
	expect_str_eq(label_time_unit(2000000000).name, "s");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_names_are_made_harmless),
	    cmocka_unit_test(test_names_are_cut),
	    cmocka_unit_test(test_numbers),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
