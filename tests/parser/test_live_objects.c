#include "parser/live_objects.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

enum { KEYS = 3000, STEPS = 300000 };

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return *seed >> 33;
}

/*
 * Random takes and removes of "keys" addresses, held against a plain array of
 * slots.
 */
static void against_array(const uint64_t *addresses, uint64_t keys)
{
	static uint32_t want[KEYS]; /* slot + 1, 0: not live */
	struct live_objects live = {0};
	uint64_t seed = 7;
	uint32_t count = 0, most = 0;

	memset(want, 0, sizeof(want));
	for (int step = 0; step < STEPS; step++) {
		uint64_t key = next_random(&seed) % keys;
		uint64_t addr = addresses[key];
		uint32_t slot;

		if (!want[key]) {
			assert_int_equal(live_objects_take(&live, &slot), 0);
			live_objects_at(&live, slot)->addr = addr;
			live_objects_at(&live, slot)->object = key;
			assert_int_equal(live_objects_put(&live, slot), 0);
			want[key] = slot + 1;
			most = ++count > most ? count : most;
			/* Slots stay as dense as the live objects ever were. */
			expect_true(slot < most);
		} else if (live.chunks && seed >> 62) {
			slot = live_objects_find(&live, addr);
			expect_u64_eq(slot, want[key] - 1);
			expect_u64_eq(live_objects_at(&live, slot)->object,
				      key);
		} else {
			slot = live_objects_remove(&live, addr);
			expect_u64_eq(slot, want[key] - 1);
			live_objects_release(&live, slot);
			want[key] = 0;
			count--;
			expect_u64_eq(live_objects_remove(&live, addr),
				      LIVE_NONE);
		}
	}
	for (uint64_t key = 0; key < keys; key++)
		expect_u64_eq(live_objects_find(&live, addresses[key]),
			      want[key] ? want[key] - 1 : LIVE_NONE);
	live_objects_clear(&live);
	expect_u64_eq(live_objects_find(&live, addresses[0]), LIVE_NONE);
	live_objects_fini(&live);
}

static void test_random_against_array(void **state)
{
	static uint64_t addresses[KEYS];

	(void)state;
	for (uint64_t key = 0; key < KEYS; key++)
		addresses[key] = 0xff11000000000000ull + key * 192;
	against_array(addresses, KEYS);
}

/* Too many for their buckets, of which the last one overflows to the first. */
static void test_crowded(void **state)
{
	uint64_t addresses[60], addr = 0xff11000000000000ull;
	size_t count = 0;

	(void)state;
	while (count < 60) {
		uint32_t home;

		addr += 8;
		home = live_objects_tag(addr) >> 25;
		if (home == 0 || home > 124)
			addresses[count++] = addr;
	}
	against_array(addresses, count);
}

static void test_empty(void **state)
{
	struct live_objects live = {0};

	(void)state;
	expect_u64_eq(live_objects_find(&live, 64), LIVE_NONE);
	expect_u64_eq(live_objects_remove(&live, 64), LIVE_NONE);
	live_objects_clear(&live);
	live_objects_fini(&live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random_against_array),
	    cmocka_unit_test(test_crowded),
	    cmocka_unit_test(test_empty),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
