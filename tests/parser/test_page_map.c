#include "parser/page_map.h"

#include "tests/support/test.h"

static void test_near_and_far(void **state)
{
	static const uint64_t numbers[] = {0,
					   1,
					   63,
					   64,
					   65535,
					   1ull << 27,
					   (1ull << 28) - 1,
					   1ull << 28,
					   1ull << 51,
					   0xff1100000000ull};
	const size_t count = sizeof(numbers) / sizeof(numbers[0]);
	struct page_map map = {0};

	(void)state;
	for (size_t i = 0; i < count; i++) {
		struct page *page = page_map_get(&map, numbers[i]);

		expect_true(page);
		expect_u64_eq(page->ref, 0);
		page->ref = (uint32_t)i + 1;
	}
	for (size_t i = 0; i < count; i++)
		expect_u64_eq(page_map_find(&map, numbers[i])->ref, i + 1);
	expect_true(!page_map_find(&map, 1000000));
	expect_true(!page_map_find(&map, 1ull << 40));
	page_map_clear(&map);
	for (size_t i = 0; i < count; i++)
		expect_u64_eq(page_map_find(&map, numbers[i])->ref, 0);
	page_map_fini(&map);
}

static void test_run_ends_with_chunk(void **state)
{
	(void)state;
	expect_u64_eq(page_map_run(0, 1), 1);
	expect_u64_eq(page_map_run(0, 1000), PAGE_CHUNK);
	expect_u64_eq(page_map_run(PAGE_CHUNK - 1, 2), 1);
	expect_u64_eq(page_map_run(PAGE_CHUNK + 10, 8), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_near_and_far),
	    cmocka_unit_test(test_run_ends_with_chunk),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
