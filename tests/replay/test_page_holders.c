/*
 * page_holders: random allocations and frees, whole and in parts, against a
 * recount of what is live.
 */
#include "replay/page_holders.h"

#include "tests/support/long_run.h"
#include "tests/support/test.h"

enum { SLOTS = 64, COMMS = 3 };

static uint64_t next(uint64_t *seed, uint64_t limit)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (*seed >> 33) % limit;
}

/* Pages of the live blocks of a holder. */
struct block {
	uint32_t comm, gfp_flags;
	uint64_t pages;
};

static void compare(const struct page_holders *holders,
		    const struct block *blocks)
{
	for (uint32_t i = 0; i < holders->count; i++) {
		const struct page_holder *holder = &holders->list[i];
		uint64_t pages = 0;

		for (int slot = 0; slot < SLOTS; slot++)
			if (blocks[slot].comm == holder->comm &&
			    blocks[slot].gfp_flags == holder->gfp_flags)
				pages += blocks[slot].pages;
		expect_u64_eq(holder->pages, pages);
	}
}

static struct kmem_event taken(uint64_t *seed, uint32_t slot)
{
	return (struct kmem_event){.kind = EV_PAGE_ALLOC,
				   .slot = slot,
				   .object = slot + 1,
				   .order = (uint8_t)(1 + next(seed, 4)),
				   .gfp_flags = (uint32_t)next(seed, 2),
				   .flags = next(seed, 5) ? 0 : EVF_BACKS_SLAB};
}

static void test_random(void **state)
{
	struct memory memory = memory_libc();
	struct block blocks[SLOTS] = {0};
	struct kmem_event live[SLOTS] = {0};
	struct page_holders holders;
	uint64_t seed = long_run_seed(6);

	(void)state;
	page_holders_init(&holders, &memory);
	for (int step = 0; step < 5000; step++) {
		uint32_t slot = (uint32_t)next(&seed, SLOTS);
		uint32_t comm = (uint32_t)next(&seed, COMMS);
		struct kmem_event ev = live[slot];

		if (!ev.object) {
			ev = live[slot] = taken(&seed, slot);
			if (!ev.flags)
				blocks[slot] =
				    (struct block){comm, ev.gfp_flags,
						   UINT64_C(1) << ev.order};
		} else if (ev.order && next(&seed, 2)) {
			/* The upper half goes. */
			live[slot].order--;
			ev.order--;
			ev.kind = EV_PAGE_FREE;
			ev.flags |= EVF_SPLIT | EVF_BLOCK_LIVES;
			blocks[slot].pages /= 2;
		} else {
			ev.kind = EV_PAGE_FREE;
			live[slot].object = 0;
			blocks[slot].pages = 0;
		}
		assert_int_equal(page_holders_event(&holders, &ev, comm), 0);
		compare(&holders, blocks);
	}
	expect_u64_eq(holders.count, COMMS * 2);
	page_holders_fini(&holders);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_random)};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
