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
	uint32_t list[RING_PAGES], count = 0;
	struct slob_ring ring;
	struct ring_search search;
	uint64_t seed = 3;

	(void)state;
	slob_ring_init(&ring);
	for (int step = 0; step < 60000; step++) {
		uint32_t page = draw(&seed, RING_PAGES), at = 0;
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
			slob_ring_room_set(nodes, &ring, page, room[page]);
		}
		search = (struct ring_search){.room = want};
		for (uint32_t i = 0; i < count; i++) {
			if (room[list[i]] < want)
				continue;
			expect_true(slob_ring_next(nodes, &ring, &search));
			expect_u64_eq(search.page, list[i]);
		}
		expect_true(!slob_ring_next(nodes, &ring, &search));
		if (step % 64 == 0)
			expect_u64_eq(slob_ring_check(nodes, &ring, RING_PAGES),
				      count);
	}
	/* Down to nothing, from the head on. */
	for (uint32_t i = 0; i < count; i++) {
		expect_u64_eq(ring.head, list[i]);
		expect_u64_eq(slob_ring_room(nodes, &ring, list[i]),
			      room[list[i]]);
		slob_ring_remove(nodes, &ring, list[i]);
		expect_u64_eq(slob_ring_check(nodes, &ring, RING_PAGES),
			      count - 1 - i);
	}
	expect_u64_eq(ring.head, RING_NONE);
	search = (struct ring_search){.room = 1};
	expect_true(!slob_ring_next(nodes, &ring, &search));
}

/* A check that cannot fail is none. */
static void test_check(void **state)
{
	struct ring_node nodes[3];
	struct slob_ring ring;

	(void)state;
	slob_ring_init(&ring);
	for (uint32_t page = 0; page < 3; page++)
		slob_ring_push(nodes, &ring, page, 10);
	expect_u64_eq(slob_ring_check(nodes, &ring, 3), 3);
	expect_u64_eq(slob_ring_check(nodes, &ring, 2), UINT32_MAX);
	nodes[ring.root].best++;
	expect_u64_eq(slob_ring_check(nodes, &ring, 3), UINT32_MAX);
	nodes[ring.root].best--;
	nodes[ring.head].room = 10;
	expect_u64_eq(slob_ring_check(nodes, &ring, 3), UINT32_MAX);
	nodes[ring.head].room = 0;
	ring.head = RING_NONE;
	expect_u64_eq(slob_ring_check(nodes, &ring, 3), UINT32_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ring),
	    cmocka_unit_test(test_check),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
