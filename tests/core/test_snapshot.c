/*
 * Look-ups in a snapshot.
 */
#include "core/snapshot.h"

#include "tests/support/test.h"

static void test_caches(void **state)
{
	struct snapshot_cache caches[] = {
	    {.name = "first", .object_size = 64, .slab_size = 64},
	    {.name = "second", .object_size = 60, .slab_size = 64},
	    {.name = "third", .object_size = 64, .slab_size = 64},
	};
	struct snapshot_alias alias = {.name = "other", .cache = 1};
	struct snapshot snapshot = {.caches = caches,
				    .cache_count = 3,
				    .aliases = &alias,
				    .alias_count = 1};

	(void)state;
	expect_true(snapshot_cache_find(&snapshot, "third") == &caches[2]);
	expect_true(snapshot_cache_find(&snapshot, "other") == &caches[1]);
	expect_true(!snapshot_cache_find(&snapshot, "fourth"));
	expect_true(snapshot_cache_of_sizes(&snapshot, 60, 64) == &caches[1]);
	/* Two have these sizes; none has those. */
	expect_true(!snapshot_cache_of_sizes(&snapshot, 64, 64));
	expect_true(!snapshot_cache_of_sizes(&snapshot, 60, 60));
}

/* Every page of every block, and none beside. */
static void test_blocks(void **state)
{
	struct snapshot_block blocks[] = {{8, 0}, {10, 1}, {16, 4}, {64, 0}};
	struct snapshot snapshot = {.blocks = blocks, .block_count = 4};

	(void)state;
	for (uint64_t pfn = 0; pfn < 80; pfn++) {
		const struct snapshot_block *want = NULL;

		for (int i = 0; i < 4; i++)
			if (pfn >> blocks[i].order ==
			    blocks[i].pfn >> blocks[i].order)
				want = &blocks[i];
		expect_true(snapshot_block_at(&snapshot, pfn) == want);
		expect_true(snapshot_is_free(&snapshot, pfn) == (want != NULL));
		expect_u64_eq(snapshot_blocks_from(&snapshot, pfn),
			      0u + (pfn > 8) + (pfn > 10) + (pfn > 16) +
				  (pfn > 64));
	}
	expect_true(!snapshot_block_at(&snapshot, UINT64_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_caches),
	    cmocka_unit_test(test_blocks),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
