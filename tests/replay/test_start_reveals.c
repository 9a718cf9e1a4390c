/*
 * What single events say of slots before them, and what slabs say when they
 * are freed whole.
 */
#include "replay/start_reveals.h"

#include "tests/support/test.h"

enum { BEFORE = 0, STARTED = 1, FREE = 0, ALLOC = 1, CACHE = 7 };

static uint32_t add(struct start_reveals *reveals, uint64_t pfn, uint32_t cache)
{
	uint32_t slab;

	assert_int_equal(start_reveals_add(reveals, pfn, 1, cache, 8, &slab),
			 0);
	return slab;
}

static void make(struct start_reveals *reveals)
{
	struct memory memory = memory_libc();

	start_reveals_init(reveals, &memory);
}

/* After the start the first event of a slot counts, and only it. */
static void test_first_event(void **state)
{
	struct start_reveals reveals;
	uint32_t slab;

	(void)state;
	make(&reveals);
	slab = add(&reveals, 100, CACHE);
	start_reveals_event(&reveals, slab, 0, FREE, STARTED, 3);
	start_reveals_event(&reveals, slab, 0, ALLOC, STARTED, 3);
	expect_u64_eq(reveals.slabs[slab].used, 1);
	expect_u64_eq(reveals.slabs[slab].free, 0);
	expect_u64_eq(reveals.slabs[slab].turn, 0); /* it was not free */
	start_reveals_event(&reveals, slab, 1, ALLOC, STARTED, 2);
	start_reveals_event(&reveals, slab, 1, FREE, STARTED, 1);
	start_reveals_event(&reveals, slab, 2, ALLOC, STARTED, 1);
	expect_u64_eq(reveals.slabs[slab].used, 1);
	expect_u64_eq(reveals.slabs[slab].free, 2);
	expect_u64_eq(reveals.slabs[slab].turn, 1);
	expect_u64_eq(reveals.slabs[slab].cpu, 2);
	/* No such slot. */
	start_reveals_event(&reveals, slab, 8, ALLOC, STARTED, 1);
	expect_u64_eq(reveals.slabs[slab].free, 2);
	start_reveals_fini(&reveals);
}

/* Before the start the last one counts, and it says the opposite. */
static void test_last_event_before(void **state)
{
	struct start_reveals reveals;
	uint32_t slab;

	(void)state;
	make(&reveals);
	slab = add(&reveals, 100, CACHE);
	start_reveals_event(&reveals, slab, 0, FREE, BEFORE, 0);
	expect_u64_eq(reveals.slabs[slab].free, 1);
	start_reveals_event(&reveals, slab, 0, ALLOC, BEFORE, 0);
	expect_u64_eq(reveals.slabs[slab].free, 0);
	expect_u64_eq(reveals.slabs[slab].used, 1);
	start_reveals_event(&reveals, slab, 1, FREE, BEFORE, 0);
	/* What happens after the start does not change it. */
	start_reveals_event(&reveals, slab, 0, FREE, STARTED, 0);
	start_reveals_event(&reveals, slab, 1, ALLOC, STARTED, 1);
	expect_u64_eq(reveals.slabs[slab].free, 1);
	expect_u64_eq(reveals.slabs[slab].used, 1);
	expect_u64_eq(reveals.slabs[slab].turn, 1);
	start_reveals_fini(&reveals);
}

static void test_gone(void **state)
{
	const struct start_reveal *found;
	struct start_reveals reveals;
	uint32_t slab, early;
	size_t count;

	(void)state;
	make(&reveals);
	early = add(&reveals, 50, CACHE);
	slab = add(&reveals, 100, CACHE);
	start_reveals_event(&reveals, slab, 0, FREE, STARTED, 0);
	start_reveals_event(&reveals, slab, 1, FREE, STARTED, 0);
	start_reveals_gone(&reveals, slab, STARTED);
	start_reveals_gone(&reveals, early, BEFORE);
	start_reveals_done(&reveals);
	/* Freed before the start, it was not there. */
	found = start_reveals_of(&reveals, CACHE, &count);
	expect_u64_eq(count, 1);
	expect_u64_eq(found->pfn, 100);
	expect_true(found->gone);
	expect_u64_eq(found->used, 2);
	expect_u64_eq(found->free, 6);
	start_reveals_fini(&reveals);
}

static void test_order(void **state)
{
	const struct start_reveal *found;
	struct start_reveals reveals;
	uint32_t slabs[4];
	size_t count;

	(void)state;
	make(&reveals);
	for (uint32_t i = 0; i < 4; i++)
		slabs[i] = add(&reveals, 100 - i, i == 1 ? 3 : CACHE);
	start_reveals_event(&reveals, slabs[3], 0, ALLOC, STARTED, 0);
	start_reveals_event(&reveals, slabs[1], 0, ALLOC, STARTED, 0);
	start_reveals_event(&reveals, slabs[0], 0, ALLOC, STARTED, 0);
	start_reveals_event(&reveals, slabs[2], 0, FREE, STARTED, 0);
	start_reveals_done(&reveals);
	found = start_reveals_of(&reveals, CACHE, &count);
	expect_u64_eq(count, 3);
	expect_u64_eq(found[0].pfn, 97);
	expect_u64_eq(found[1].pfn, 100);
	expect_u64_eq(found[2].pfn, 98);
	found = start_reveals_of(&reveals, 3, &count);
	expect_u64_eq(count, 1);
	expect_u64_eq(found->pfn, 99);
	expect_true(!start_reveals_of(&reveals, 5, &count));
	expect_u64_eq(count, 0);
	start_reveals_fini(&reveals);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_first_event),
	    cmocka_unit_test(test_last_event_before),
	    cmocka_unit_test(test_gone),
	    cmocka_unit_test(test_order),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
