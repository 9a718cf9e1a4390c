/*
 * The ring of SLOB's pages against a plain list.
 */
#include "replay/slob_ring.h"

#include <string.h>

#include "tests/support/test.h"

enum { RING_PAGES = 300 };

static uint32_t draw(uint64_t *seed, uint32_t below)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)((*seed >> 33) % below);
}

/* The plain list that the ring must equal. */
static void test_ring(void **state)
{
	struct ring_node nodes[RING_PAGES];
	uint16_t room[RING_PAGES] = {0};
	uint32_t list[RING_PAGES], count = 0, ring = RING_NONE;
	uint64_t seed = 3;

	(void)state;
	for (int step = 0; step < 60000; step++) {
		uint32_t page = draw(&seed, RING_PAGES), at = 0, found;
		uint16_t want = (uint16_t)(1 + draw(&seed, 2000));

		while (at < count && list[at] != page)
			at++;
		if (at == count) {
			memmove(list + 1, list, count++ * sizeof(*list));
			list[0] = page;
			room[page] = (uint16_t)(1 + draw(&seed, 1500));
			slob_ring_push(nodes, &ring, page, room[page]);
		} else if (draw(&seed, 3) == 0) {
			memmove(list + at, list + at + 1,
				(--count - at) * sizeof(*list));
			slob_ring_remove(nodes, &ring, page);
		} else if (draw(&seed, 2) == 0) {
			uint32_t turned[RING_PAGES];

			for (uint32_t i = 0; i < count; i++)
				turned[i] = list[(at + i) % count];
			memcpy(list, turned, sizeof(list));
			slob_ring_turn(nodes, &ring, page);
		} else {
			room[page] = (uint16_t)(1 + draw(&seed, 1500));
			slob_ring_room_set(nodes, page, room[page]);
		}
		found = slob_ring_find(nodes, ring, want);
		for (uint32_t i = 0; i < count; i++) {
			if (room[list[i]] < want)
				continue;
			expect_u64_eq(found, list[i]);
			found = slob_ring_find_after(nodes, found, want);
		}
		expect_u64_eq(found, RING_NONE);
		if (step % 64 == 0)
			expect_u64_eq(slob_ring_check(nodes, ring, RING_PAGES),
				      count);
	}
	/* A check that cannot fail is none. */
	nodes[ring].best++;
	expect_u64_eq(slob_ring_check(nodes, ring, RING_PAGES), UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ring),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
