/*
 * What SLAB takes back with time: numbers worked out by hand from mm/slab.c's
 * cache_reap(), drain_array() and drain_freelist().
 */
#include <stdlib.h>

#include "replay/page_endless.h"
#include "replay/slab.h"
#include "tests/support/test.h"

#define PERIOD 2000000000ull /* between two reaps */
enum { CPUS = 4, NODES = 2 };

static const uint16_t cpu_nodes[CPUS] = {0, 0, 1, 1};

struct bed {
	struct page_model *pages;
	struct slab_model *slab;
	uint32_t cache; /* objects of a page: limit 24, batch 12, one a slab */
	uint64_t now;
	uint64_t handles[64];
};

static void bed_make(struct bed *bed, uint32_t cpus, uint32_t nodes)
{
	const uint16_t *nodes_of = nodes > 1 ? cpu_nodes : NULL;
	struct page_endless_config pages = {.memory = memory_libc(),
					    .nodes = nodes,
					    .cpus = cpus,
					    .cpu_node = nodes_of};
	struct slab_config config = {
	    .env = slab_layout_env_default(VARIANT_6_1, 4096, cpus),
	    .nodes = nodes,
	    .cpu_node = nodes_of,
	    .memory = memory_libc(),
	};
	struct slab_cache_spec spec = {.slab_size = 4096};
	struct err err = {0};
	const struct slab_layout *layout;

	expect_i64_eq(page_endless_create(&bed->pages, &pages), 0);
	config.pages = bed->pages;
	expect_i64_eq(slab_create(&bed->slab, &config, &err), 0);
	expect_i64_eq(bed->slab->ops->cache_add(bed->slab, &spec, &bed->cache),
		      0);
	layout = slab_cache_layout(bed->slab, bed->cache);
	expect_u64_eq(layout->limit, 24);
	expect_u64_eq(layout->batchcount, 12);
	expect_u64_eq(layout->objs_per_slab, 1);
	bed->now = PERIOD / 2;
	bed->slab->ops->tick(bed->slab, bed->now);
}

static void bed_end(struct bed *bed)
{
	struct err err = {0};

	expect_i64_eq(bed->slab->ops->check(bed->slab, &err), 0);
	slab_model_destroy(bed->slab);
	page_model_destroy(bed->pages);
}

static void take(struct bed *bed, uint32_t count, uint16_t cpu, int16_t node)
{
	struct slab_request request = {
	    .cache = bed->cache, .cpu = cpu, .node = node};

	for (uint32_t i = 0; i < count; i++)
		expect_i64_eq(bed->slab->ops->alloc(bed->slab, &request,
						    &bed->handles[i]),
			      0);
}

static void give(struct bed *bed, uint32_t count, uint16_t cpu)
{
	for (uint32_t i = 0; i < count; i++)
		bed->slab->ops->free(bed->slab, bed->cache, bed->handles[i],
				     cpu);
}

/* One reap later: how many slabs went back to the page allocator in all. */
static uint64_t reaped_next(struct bed *bed)
{
	bed->now += PERIOD;
	bed->slab->ops->tick(bed->slab, bed->now);
	return slab_stats(bed->slab)->reaped;
}

/*
 * An array of 20: spared once because allocations touched it, then a fifth of
 * its limit each time. Every second reap frees (free_limit + 4) / 5 = 5 slabs.
 */
static void array_goes_in_fifths(void **state)
{
	static const uint64_t reaped[] = {0, 0, 5, 5, 10, 10, 15, 15, 20};
	struct bed bed;

	(void)state;
	bed_make(&bed, 1, 1);
	take(&bed, 20, 0, -1);
	give(&bed, 20, 0);
	expect_u64_eq(bed.slab->pages, 20);
	for (size_t i = 0; i < sizeof(reaped) / sizeof(*reaped); i++)
		expect_u64_eq(reaped_next(&bed), reaped[i]);
	expect_u64_eq(bed.slab->pages, 0);
	bed_end(&bed);
}

/* What is in use again and again stays. */
static void used_arrays_stay(void **state)
{
	struct bed bed;

	(void)state;
	bed_make(&bed, 1, 1);
	take(&bed, 20, 0, -1);
	give(&bed, 20, 0);
	for (int i = 0; i < 50; i++) {
		expect_u64_eq(reaped_next(&bed), 0);
		take(&bed, 1, 0, -1);
		give(&bed, 1, 0);
	}
	expect_u64_eq(bed.slab->pages, 20);
	bed_end(&bed);
}

/* Free slabs that somebody needed since the last time are spared once. */
static void touched_free_slabs_stay(void **state)
{
	struct bed bed;

	(void)state;
	bed_make(&bed, 1, 1);
	take(&bed, 20, 0, -1);
	give(&bed, 20, 0);
	reaped_next(&bed);
	reaped_next(&bed);     /* 5 of 20 are free slabs now */
	take(&bed, 16, 0, -1); /* 15 of the array, one from a free slab */
	expect_u64_eq(reaped_next(&bed), 0);
	give(&bed, 16, 0);
	reaped_next(&bed);
	expect_true(reaped_next(&bed) > 0);
	bed_end(&bed);
}

/*
 * Objects of node 1 that CPU 0 freed wait in its node's alien array; CPU 0's
 * first reap brings them to node 1's shared array, where CPU 2 finds them.
 */
static void alien_arrays_go_home(void **state)
{
	struct bed bed;
	uint64_t grown;

	(void)state;
	bed_make(&bed, CPUS, NODES);
	take(&bed, 6, 0, 1);
	grown = slab_stats(bed.slab)->grown;
	give(&bed, 6, 0);
	take(&bed, 1, 2, -1);
	expect_u64_eq(slab_stats(bed.slab)->grown, grown + 1);
	reaped_next(&bed);
	take(&bed, 6, 2, -1);
	expect_u64_eq(slab_stats(bed.slab)->grown, grown + 1);
	bed_end(&bed);
}

/*
 * A full array gives a batch to the shared one, which only every second reap
 * looks at: a fifth of 8 * 12 at most, half of what it has if that is less.
 */
static void shared_array_is_drained(void **state)
{
	static const uint64_t reaped[] = {6, 6, 14};
	struct bed bed;

	(void)state;
	bed_make(&bed, 2, 1);
	take(&bed, 25, 0, -1);
	give(&bed, 25, 0);
	expect_u64_eq(slab_stats(bed.slab)->freemiss, 1);
	/*
	 * Of 12 shared ones 6 go at once. Then the array, of 13, gives 5 and 5
	 * and the shared one 3 of 6: 13 free slabs, of which 8 may go.
	 */
	for (size_t i = 0; i < sizeof(reaped) / sizeof(*reaped); i++)
		expect_u64_eq(reaped_next(&bed), reaped[i]);
	for (int i = 0; i < 60; i++)
		reaped_next(&bed);
	expect_u64_eq(bed.slab->pages, 0);
	bed_end(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(array_goes_in_fifths),
	    cmocka_unit_test(used_arrays_stay),
	    cmocka_unit_test(touched_free_slabs_stay),
	    cmocka_unit_test(alien_arrays_go_home),
	    cmocka_unit_test(shared_array_is_drained),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
