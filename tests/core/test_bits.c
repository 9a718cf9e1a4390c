/*
 * bits against one at a time.
 */
#include "core/bits.h"

#include <string.h>

#include "tests/support/test.h"

enum { WORDS = 5, NUMBERS = WORDS * 64 };

/* Every range within five words, and nothing beside it. */
static void test_ranges(void **state)
{
	(void)state;
	for (uint64_t first = 0; first < NUMBERS; first++) {
		for (uint64_t count = 0; first + count <= NUMBERS; count++) {
			uint64_t words[WORDS] = {0}, want[WORDS] = {0};

			for (uint64_t n = first; n < first + count; n++)
				want[n / 64] |= 1ull << n % 64;
			bits_add(words, first, count);
			assert_memory_equal(words, want, sizeof(want));
		}
	}
}

/* What is in the set stays there. */
static void test_union(void **state)
{
	uint64_t words[2] = {5, 1ull << 63};

	(void)state;
	bits_add(words, 1, 1);
	bits_add(words, 62, 4);
	expect_u64_eq(words[0], 7 | 3ull << 62);
	expect_u64_eq(words[1], 3 | 1ull << 63);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ranges),
	    cmocka_unit_test(test_union),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
