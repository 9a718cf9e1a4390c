#include "core/array.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

static void test_grows(void **state)
{
	uint32_t *list = NULL;
	size_t cap = 0;

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		expect_i64_eq(array_reserve(&list, &cap, i + 1, sizeof(*list)),
			      0);
		expect_true(cap > i);
		expect_u64_eq(list[i], 0);
		list[i] = i + 1;
	}
	for (uint32_t i = 0; i < 1000; i++)
		expect_u64_eq(list[i], i + 1);
	free(list);
}

/* What no memory can hold leaves the list as it was. */
static void test_too_many(void **state)
{
	uint64_t *list = NULL, *before;
	size_t cap = 0, had;

	(void)state;
	expect_i64_eq(array_reserve(&list, &cap, 1, sizeof(*list)), 0);
	before = list;
	had = cap;
	expect_i64_eq(array_reserve(&list, &cap, SIZE_MAX, sizeof(*list)),
		      ERR_NOMEM);
	expect_i64_eq(array_reserve(&list, &cap, SIZE_MAX / 4, sizeof(*list)),
		      ERR_NOMEM);
	expect_true(list == before && cap == had);
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_grows),
	    cmocka_unit_test(test_too_many),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
