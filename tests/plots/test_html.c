/*
 * Text in HTML stays text: entities, invisible characters, broken UTF-8.
 */
#include "plots/html.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

static void becomes(const char *text, const char *want)
{
	char *got = NULL;
	size_t size;
	FILE *file = open_memstream(&got, &size);

	assert_non_null(file);
	html_text(file, text);
	fclose(file);
	expect_str_eq(got, want);
	free(got);
}

static void test_text(void **state)
{
	(void)state;
	becomes("", "");
	becomes("kmalloc-64 +0x1f", "kmalloc-64 +0x1f");
	becomes("<img src=x onerror=\"a\">",
		"&lt;img src=x onerror=&quot;a&quot;&gt;");
	becomes("it's &lt;", "it&#39;s &amp;lt;");
	becomes("caf\u00e9 \u6f22", "caf\u00e9 \u6f22");
	becomes("a\tb\n\033[31m", "a\\x09b\\x0a\\x1b[31m");
	becomes("\xff\xc3(", "\\xff\\xc3(");
	/* Direction marks: shown byte by byte. */
	becomes("\u202egnp", "\\xe2\\x80\\xaegnp");
}

/* No byte at all makes a tag, ends an attribute or is a control character. */
static void test_every_byte(void **state)
{
	(void)state;
	for (int byte = 1; byte < 256; byte++) {
		char text[] = {(char)byte, '\0'};
		char *got = NULL;
		size_t size;
		FILE *file = open_memstream(&got, &size);

		assert_non_null(file);
		html_text(file, text);
		fclose(file);
		assert_null(strpbrk(got, "<>\"'\n\r\t\033"));
		assert_true(size > 0);
		free(got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_every_byte),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
