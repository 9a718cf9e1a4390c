/*
 * Counts of the start: what each file tells, and that another layout or
 * allocator has the same objects.
 */
#include "replay/start_counts.h"

#include "tests/support/test.h"

static const struct snapshot_cache unknown = {
    .num_slabs = 10,
    .num_objs = UINT64_MAX,
    .active_objs = UINT64_MAX,
    .partial = UINT64_MAX,
    .objects_partial = UINT64_MAX,
    .cpu_slabs = UINT64_MAX,
    .slabs_cpu_partial = UINT64_MAX,
};

/* Ten slabs of 16: four full, three of the node, three of CPUs. */
static struct start_counts of_tsv(void)
{
	struct snapshot_cache cache = unknown;

	cache.partial = 3;
	cache.objects_partial = 31;
	cache.cpu_slabs = 3;
	cache.slabs_cpu_partial = 1;
	return start_counts_of(&cache, 16);
}

static void test_files(void **state)
{
	struct snapshot_cache cache = unknown;
	struct start_counts counts = of_tsv();

	(void)state;
	expect_u64_eq(counts.slabs, 10);
	expect_u64_eq(counts.node_partial, 3);
	expect_u64_eq(counts.objects_partial, 31);
	/* Those of the partial lists are counted with the CPUs' own. */
	expect_u64_eq(counts.cpu_slabs, 2);
	expect_u64_eq(counts.cpu_partial, 1);
	/* CPU slabs half full, the partial one as the node's: 31 / 3. */
	expect_u64_eq(start_counts_objects(&counts), 4 * 16 + 31 + 2 * 8 + 10);
	/* slabinfo alone: 13 free objects, in slabs about half full. */
	cache.num_objs = 160;
	cache.active_objs = 147;
	counts = start_counts_of(&cache, 16);
	expect_u64_eq(counts.node_partial, 2);
	expect_u64_eq(start_counts_objects(&counts), 147);
	/* Neither: all are full. */
	counts = start_counts_of(&unknown, 16);
	expect_u64_eq(start_counts_objects(&counts), 160);
}

/* Each CPU allocates from one slab, however many caches were put together. */
static void test_add(void **state)
{
	struct start_counts sum = of_tsv(), more = of_tsv();

	(void)state;
	start_counts_add(&sum, &more, 2);
	expect_u64_eq(sum.slabs, 20);
	expect_u64_eq(sum.node_partial, 6);
	expect_u64_eq(sum.objects_partial, 62);
	expect_u64_eq(sum.cpu_slabs, 2);
	expect_u64_eq(sum.cpu_partial, 4);
}

/* No object comes or goes when CPUs' slabs become arrays. */
static void test_pool(void **state)
{
	struct start_counts counts = of_tsv();
	uint64_t objects = start_counts_objects(&counts);

	(void)state;
	start_counts_pool(&counts);
	expect_u64_eq(counts.cpu_slabs + counts.cpu_partial, 0);
	expect_u64_eq(counts.cached, 2 * 8 + (16 - 10));
	expect_u64_eq(counts.slabs, 10);
	expect_u64_eq(start_counts_objects(&counts) - counts.cached, objects);
}

static void test_arrays(void **state)
{
	static const uint64_t cached[] = {[START_KEPT_USUAL] = 20,
					  [START_KEPT_LEAST] = 0,
					  [START_KEPT_MOST] = 40};
	struct snapshot_cache cache = unknown;

	(void)state;
	cache.num_objs = 160;
	cache.active_objs = 130;
	cache.active_slabs = 9;
	cache.batchcount = 10;
	cache.limit = 20;
	for (int kept = START_KEPT_USUAL; kept <= START_KEPT_MOST; kept++) {
		struct start_counts counts = start_counts_of(&cache, 16);

		counts.rules.kept = (enum start_kept)kept;
		start_counts_arrays(&counts, &cache, 2);
		expect_u64_eq(counts.cached, cached[kept]);
		expect_u64_eq(counts.free_slabs, 1);
		/* Of 30 free objects 16 are in the free slab. */
		expect_u64_eq(counts.node_partial, 2);
		expect_u64_eq(counts.objects_partial, 2 * 16 - 14);
	}
	/* Counts that contradict each other tell nothing but the arrays. */
	cache.active_slabs = 11;
	expect_u64_eq(start_counts_of(&cache, 16).free_slabs, 0);
}

/* All objects have a place, and no slab more than these need is there. */
static void test_scaled(void **state)
{
	struct start_counts counts = of_tsv();
	uint64_t objects = start_counts_objects(&counts);

	(void)state;
	for (uint32_t objs = 4; objs <= 64; objs++) {
		struct start_counts scaled = start_counts_scaled(counts, objs);
		uint64_t got = start_counts_objects(&scaled);
		uint64_t cpus = scaled.cpu_slabs * start_cpu_slab_fill(&scaled);

		expect_u64_eq(scaled.objs_per_slab, objs);
		expect_u64_eq(scaled.objects_partial, 31);
		expect_true(scaled.node_partial * objs >= 31);
		expect_true(got >= objects);
		expect_true(got < objects + objs + cpus);
	}
	expect_u64_eq(start_counts_scaled(counts, 16).slabs, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_files),  cmocka_unit_test(test_add),
	    cmocka_unit_test(test_pool),   cmocka_unit_test(test_arrays),
	    cmocka_unit_test(test_scaled),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
