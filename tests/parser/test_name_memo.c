#include "parser/name_memo.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/test.h"

/* The memo and the table agree, whatever came before. */
static void check(struct name_memo *memo, struct names *names, const char *text,
		  uint32_t len)
{
	char copy[128] = {0};
	uint32_t id, plain;

	memset(copy, 'x', sizeof(copy)); /* behind the text lies something */
	memcpy(copy, text, len);
	expect_i64_eq(name_memo_intern(memo, names, copy, len, &id), 0);
	expect_i64_eq(names_intern(names, text, len, &plain), 0);
	expect_u64_eq(id, plain);
}

/* Names that differ in one byte, at any place, of any length. */
static void test_one_byte_apart(void **state)
{
	static struct name_memo memo;
	struct names names = {0};
	char text[80];

	(void)state;
	for (int turn = 0; turn < 2; turn++)
		for (uint32_t len = 0; len < sizeof(text); len++)
			for (uint32_t at = 0; at <= len; at++) {
				memset(text, 'a', sizeof(text));
				if (at < len)
					text[at] = 'b';
				check(&memo, &names, text, len);
			}
	names_fini(&names);
}

/* More names than the memo holds. */
static void test_many(void **state)
{
	static struct name_memo memo;
	struct names names = {0};
	char text[32];

	(void)state;
	srand(1);
	for (int i = 0; i < 20000; i++) {
		int len = snprintf(text, sizeof(text), "%d-cache-of-%d",
				   rand() % 3, rand() % 1000);

		check(&memo, &names, text, (uint32_t)len + 1);
	}
	names_fini(&names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_one_byte_apart),
	    cmocka_unit_test(test_many),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
