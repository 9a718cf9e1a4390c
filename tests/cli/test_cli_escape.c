/*
 * cli_escape: hostile text, and numbers for people.
 */
#include "cli/cli_escape.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

static void test_visible(void **state)
{
	char out[64], small[12];

	(void)state;
	expect_str_eq(escape_visible("kmalloc-64", out, sizeof(out)),
		      "kmalloc-64");
	expect_str_eq(escape_visible("a\033[0m\\\n\xc3\xa9", out, sizeof(out)),
		      "a\\x1b[0m\\\\\\x0a\\xc3\\xa9");
	escape_visible("\1\2\3\4\5\6", small, sizeof(small));
	expect_str_eq(small, "\\x01\\x02");
}

static void test_utf8(void **state)
{
	char out[64];

	(void)state;
	expect_str_eq(escape_utf8("caf\xc3\xa9 \xe2\x82\xac", out, sizeof(out)),
		      "caf\xc3\xa9 \xe2\x82\xac");
	expect_str_eq(escape_utf8("\xff\xc3(", out, sizeof(out)),
		      "\\xff\\xc3(");
	/* Overlong, a surrogate, cut short. */
	expect_str_eq(escape_utf8("\xc0\xaf", out, sizeof(out)), "\\xc0\\xaf");
	expect_str_eq(escape_utf8("\xed\xa0\x80", out, sizeof(out)),
		      "\\xed\\xa0\\x80");
	expect_str_eq(escape_utf8("\xf0\x9f\x98", out, sizeof(out)),
		      "\\xf0\\x9f\\x98");
}

static void expect_csv(const char *text, const char *want)
{
	char *out = NULL;
	size_t size;
	FILE *file = open_memstream(&out, &size);

	expect_true(file != NULL);
	escape_csv(file, text);
	fclose(file);
	expect_str_eq(out, want);
	free(out);
}

static void test_csv(void **state)
{
	(void)state;
	expect_csv("kmalloc-64", "kmalloc-64");
	expect_csv("a,b", "\"a,b\"");
	expect_csv("a\"b", "\"a\"\"b\"");
	expect_csv("a\033b", "\"a\033b\"");
	expect_csv("", "");
}

static void expect_short(const char *text, size_t width, const char *want)
{
	char copy[64];

	strcpy(copy, text);
	expect_str_eq(shorten_middle(copy, width), want);
}

static void test_shorten(void **state)
{
	(void)state;
	expect_short("sock_alloc_inode+0x19", 30, "sock_alloc_inode+0x19");
	expect_short("sock_alloc_inode+0x19", 21, "sock_alloc_inode+0x19");
	expect_short("sock_alloc_inode+0x19", 12, "sock_..+0x19");
	expect_short("abcdefgh", 5, "ab..h");
	expect_short("abcdefgh", 3, "abc");
	expect_short("abcdefgh", 0, "");
}

static void test_numbers(void **state)
{
	char text[NUMBER_TEXT_MAX];

	(void)state;
	expect_str_eq(number_text(0, text), "0");
	expect_str_eq(number_text(999, text), "999");
	expect_str_eq(number_text(1000, text), "1,000");
	expect_str_eq(number_text(-1234567, text), "-1,234,567");
	expect_str_eq(number_text((long long)INT64_MIN, text),
		      "-9,223,372,036,854,775,808");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_visible), cmocka_unit_test(test_utf8),
	    cmocka_unit_test(test_csv),	    cmocka_unit_test(test_shorten),
	    cmocka_unit_test(test_numbers),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
