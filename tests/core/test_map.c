#include "core/map.h"

#include <stdlib.h>

#include "tests/support/test.h"

enum { KEYS = 512, STEPS = 200000 };

/* Random puts and removes, held against a plain array. */
static void test_random_against_array(void **state)
{
	struct map map = {0};
	uint64_t want[KEYS] = {0}; /* 0: absent */
	uint64_t present = 0, seed = 42;

	(void)state;
	for (int step = 0; step < STEPS; step++) {
		uint64_t key, *found, removed;

		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		key = (seed >> 33) % KEYS;
		if (seed >> 63) {
			present += !want[key];
			want[key] = (uint64_t)step + 1;
			assert_int_equal(map_put(&map, key << 12, want[key]),
					 0);
		} else if (map_remove(&map, key << 12, &removed)) {
			expect_u64_eq(removed, want[key]);
			want[key] = 0;
			present--;
		} else {
			expect_u64_eq(want[key], 0);
		}
		expect_u64_eq(map_count(&map), present);
		found = map_find(&map, key << 12);
		expect_u64_eq(found ? *found : 0, want[key]);
	}
	for (uint64_t key = 0; key < KEYS; key++) {
		uint64_t *found = map_find(&map, key << 12);

		expect_u64_eq(found ? *found : 0, want[key]);
	}
	map_fini(&map);
}

static void test_empty_map(void **state)
{
	struct map map = {0};
	size_t at = 0;

	(void)state;
	expect_true(!map_find(&map, 1));
	expect_true(!map_remove(&map, 1, NULL));
	expect_true(!map_next(&map, &at));
	map_fini(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random_against_array),
	    cmocka_unit_test(test_empty_map),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
