/*
 * SLAB against a naive reference that keeps every object by itself, with one
 * CPU, two CPUs, and two nodes of two CPUs, plus properties that hold for any
 * number of CPUs and nodes.
 */
#include "replay/slab.h"

#include <stdlib.h>
#include <string.h>

#include "tests/replay/slab_bed.h"
#include "tests/replay/slab_ref.h"
#include "tests/support/long_run.h"

enum {
	LIVE_MAX = 6000,
	STEPS = 240000,
	CPUS = SLAB_BED_CPUS,
	NODES = SLAB_BED_NODES
};

#define SECOND 1000000000ull

static struct slab_config config_of(struct slab_bed *bed, uint32_t cpus,
				    uint32_t nodes)
{
	return (struct slab_config){
	    .env = slab_layout_env_default(VARIANT_6_1, 4096, cpus),
	    .nodes = nodes,
	    .cpu_node = nodes > 1 ? slab_bed_cpu_node : NULL,
	    .pages = bed->pages,
	    .memory = memory_libc(),
	};
}

static struct slab_bed *bed_make(uint32_t cpus, uint32_t nodes, uint64_t limit)
{
	struct slab_bed *bed = slab_bed_new(cpus, nodes, limit);
	struct slab_config config = config_of(bed, cpus, nodes);
	struct err err = {0};

	assert_int_equal(slab_create(&bed->slab, &config, &err), 0);
	bed->slab->ops->tick(bed->slab, bed->now);
	return bed;
}

static uint32_t cache_of(struct slab_bed *bed, uint32_t size, bool ctor)
{
	struct slab_cache_spec spec = {.slab_size = size, .ctor = ctor};

	return slab_bed_cache(bed, &spec);
}

/* A mix of CPUs, nodes, caches and time; the sum of what was seen. */
static uint64_t random_run(uint32_t cpus, uint32_t nodes, uint64_t limit,
			   uint64_t seed, uint64_t steps)
{
	static const uint32_t sizes[] = {32, 64, 192, 512, 1024, 8192, 6016};
	enum { CACHES = sizeof(sizes) / sizeof(*sizes) };
	struct slab_bed *bed = bed_make(cpus, nodes, limit);
	uint64_t seen = 0, failures = 0;
	uint32_t caches[CACHES];

	bed->seed = seed;
	for (int i = 0; i < CACHES; i++)
		caches[i] = cache_of(bed, sizes[i], i % 2 == 0);
	for (uint64_t step = 0; step < steps; step++) {
		uint16_t cpu = (uint16_t)slab_bed_draw(bed, cpus);
		bool grow =
		    slab_bed_draw(bed, 1000) < (step / 5000 % 2 ? 400u : 600u);
		int16_t node = slab_bed_draw(bed, 8) < 2
				   ? (int16_t)slab_bed_draw(bed, nodes)
				   : -1;
		int ret = 0;

		if (bed->count < LIVE_MAX && (grow || !bed->count))
			ret = slab_bed_alloc(bed,
					     caches[slab_bed_draw(bed, CACHES)],
					     1, cpu, node);
		else
			slab_bed_free(
			    bed, slab_bed_draw(bed, (uint32_t)bed->count), cpu);
		expect_true(!ret || (limit && ret == ERR_NOMEM));
		failures += ret != 0;
		if (slab_bed_draw(bed, 100) == 0)
			slab_bed_wait(bed, slab_bed_draw(bed, 3) * SECOND);
		if (step % 500 == 0)
			slab_bed_check(bed);
		seen = seen * 31 + bed->slab->pages;
	}
	expect_true((failures > 0) == (limit > 0));
	slab_bed_check(bed);
	/* All objects freed, and nothing touched any more: all pages back. */
	while (bed->count)
		slab_bed_free(bed, bed->count - 1,
			      (uint16_t)slab_bed_draw(bed, cpus));
	slab_bed_check(bed);
	slab_bed_wait(bed, 1000 * SECOND);
	slab_bed_check(bed);
	expect_u64_eq(bed->slab->pages, 0);
	expect_u64_eq(page_endless_in_use(bed->pages), 0);
	slab_bed_end(bed);
	return seen;
}

/* With memory without end, and with so little that it runs out in each wave. */
static void test_random(void **state)
{
	uint64_t steps = long_run_part(long_run_steps(STEPS), 6);
	uint64_t seed = long_run_seed(0), once;

	(void)state;
	once = random_run(CPUS, NODES, 0, seed, steps);
	expect_u64_eq(random_run(CPUS, NODES, 0, seed, steps), once);
	expect_true(random_run(CPUS, NODES, 0, seed + 1, steps) != once);
	random_run(1, 1, 0, seed + 2, steps);
	random_run(3, 1, 0, seed + 3, steps);
	random_run(CPUS, NODES, 600, seed + 4, steps);
}

/* Of all runs against the reference */
struct seen {
	uint64_t compared;   /* operations that both did */
	uint64_t given_back; /* slabs */
};

/*
 * Handles are held against slabs too: all live objects of a slab of the
 * reference have one handle, so the same objects were taken.
 */
static void reference_run(uint32_t size, uint32_t cpus, uint32_t nodes,
			  uint64_t steps, struct seen *seen)
{
	struct slab_bed *bed = bed_make(cpus, nodes, 0);
	uint32_t cache = cache_of(bed, size, false);
	struct slab_ref *ref =
	    slab_ref_make(slab_cache_layout(bed->slab, cache), cpus, nodes,
			  slab_bed_cpu_node);
	int *objects = calloc(LIVE_MAX, sizeof(int));
	int *live = calloc(SLAB_REF_SLABS, sizeof(int));
	uint64_t *handles = calloc(SLAB_REF_SLABS, sizeof(uint64_t));

	expect_true(objects && live && handles);
	bed->seed = long_run_seed(size + cpus);
	for (uint64_t step = 0; step < steps; step++) {
		struct slab_counts counts;
		uint16_t cpu = (uint16_t)slab_bed_draw(bed, cpus);
		bool grow =
		    slab_bed_draw(bed, 100) < (step / 4000 % 2 ? 35u : 65u);

		for (uint32_t n = slab_bed_draw(bed, 200); n < 4; n++) {
			slab_bed_wait(bed, 2 * SECOND);
			slab_ref_reap(ref);
		}
		if (bed->count < LIVE_MAX && (grow || !bed->count)) {
			int16_t node = slab_bed_draw(bed, 4)
					   ? -1
					   : (int16_t)slab_bed_draw(bed, nodes);
			int object = slab_ref_alloc(ref, cpu, node);
			int s = object / SLAB_REF_NUM;

			objects[bed->count] = object;
			assert_int_equal(
			    slab_bed_alloc(bed, cache, 1, cpu, node), 0);
			if (!live[s]++)
				handles[s] = bed->live[bed->count - 1].handle;
			expect_u64_eq(bed->live[bed->count - 1].handle,
				      handles[s]);
		} else {
			size_t i = slab_bed_draw(bed, (uint32_t)bed->count);

			live[objects[i] / SLAB_REF_NUM]--;
			slab_ref_free(ref, objects[i], cpu);
			objects[i] = objects[bed->count - 1];
			slab_bed_free(bed, i, cpu);
		}
		bed->slab->ops->counts(bed->slab, cache, &counts);
		expect_u64_eq(counts.slabs, slab_ref_slabs(ref));
		expect_u64_eq(counts.objects, bed->count);
		seen->compared++;
	}
	seen->given_back +=
	    slab_stats(bed->slab)->reaped + slab_stats(bed->slab)->freed;
	slab_bed_check(bed);
	slab_bed_end(bed);
	free(objects);
	free(live);
	free(handles);
	free(ref);
}

static void test_reference(void **state)
{
	static const uint32_t sizes[] = {32, 96, 256, 1024, 2688, 4096, 8192};
	enum { SIZES = sizeof(sizes) / sizeof(*sizes) };
	uint64_t steps = long_run_part(long_run_steps(STEPS), 3 * SIZES);
	struct seen seen = {0};

	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		reference_run(sizes[i], 1, 1, steps, &seen);
		reference_run(sizes[i], 2, 1, steps, &seen);
		reference_run(sizes[i], CPUS, NODES, steps, &seen);
	}
	expect_true(seen.given_back > 0);
	long_run_compared("SLAB with arrays and lists", seen.compared);
}

/* Objects of another node go through alien arrays to that node's. */
static void test_alien(void **state)
{
	struct slab_bed *bed = bed_make(CPUS, NODES, 0);
	uint32_t cache = cache_of(bed, 4096, false);
	struct slab_counts counts;

	(void)state;
	for (int i = 0; i < 13; i++)
		assert_int_equal(slab_bed_alloc(bed, cache, 1, 0, 1), 0);
	expect_u64_eq(slab_stats(bed->slab)->nodeallocs, 13);
	for (int i = 0; i < 12; i++)
		slab_bed_free(bed, 0, 0);
	expect_u64_eq(slab_stats(bed->slab)->nodefrees, 12);
	expect_u64_eq(slab_stats(bed->slab)->alienoverflow, 0);
	bed->slab->ops->counts(bed->slab, cache, &counts);
	expect_u64_eq(counts.slabs, 13); /* in the array, not in the slabs */
	slab_bed_free(bed, 0, 0);
	expect_u64_eq(slab_stats(bed->slab)->alienoverflow, 1);
	slab_bed_check(bed);
	/* Drained to node 1's shared array, where its CPUs find them. */
	assert_int_equal(slab_bed_alloc(bed, cache, 1, 2, -1), 0);
	bed->slab->ops->counts(bed->slab, cache, &counts);
	expect_u64_eq(counts.slabs, 13);
	slab_bed_check(bed);
	slab_bed_end(bed);
}

/* alloc_alien_cache(): 12, but for caches whose arrays hold one object. */
static void test_alien_of_one(void **state)
{
	struct slab_bed *bed = bed_make(CPUS, NODES, 0);
	/* enable_cpucache(): above 128 KiB a CPU keeps one. */
	uint32_t cache = cache_of(bed, 131072 + 4096, false);

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(slab_bed_alloc(bed, cache, 1, 0, 1), 0);
	slab_bed_free(bed, 0, 0);
	expect_u64_eq(slab_stats(bed->slab)->alienoverflow, 0);
	slab_bed_free(bed, 0, 0);
	expect_u64_eq(slab_stats(bed->slab)->alienoverflow, 1);
	slab_bed_check(bed);
	slab_bed_end(bed);
}

/* Without a page the request fails; with the next free it is served. */
static void test_no_pages(void **state)
{
	struct slab_bed *bed = bed_make(1, 1, 5);
	uint32_t cache = cache_of(bed, 4096, false), served = 0;

	(void)state;
	while (!slab_bed_alloc(bed, cache, 1, 0, -1))
		served++;
	expect_u64_eq(served, 5);
	expect_i64_eq(slab_bed_alloc(bed, cache, 1, 0, -1), ERR_NOMEM);
	slab_bed_check(bed);
	slab_bed_free(bed, 0, 0);
	assert_int_equal(slab_bed_alloc(bed, cache, 1, 0, -1), 0);
	slab_bed_check(bed);
	slab_bed_end(bed);
}

/* Pages that write down what is asked of them. */
struct spy {
	struct page_model model;
	struct page_model *pages;
	struct page_request last;
	uint32_t flags[8], count;
	bool refuse_exact;
};

static int spy_alloc(struct page_model *model,
		     const struct page_request *request, uint64_t *pfn)
{
	struct spy *spy = (struct spy *)model;

	expect_true(spy->count < 8);
	spy->flags[spy->count++] = request->flags;
	spy->last = *request;
	if (spy->refuse_exact && request->flags & PAGE_REQ_THISNODE)
		return ERR_NOMEM;
	return spy->pages->ops->alloc(spy->pages, request, pfn);
}

static bool spy_free(struct page_model *model, uint64_t pfn, unsigned int order,
		     unsigned int cpu)
{
	struct spy *spy = (struct spy *)model;

	return spy->pages->ops->free(spy->pages, pfn, order, cpu);
}

static unsigned int spy_node(const struct page_model *model, uint64_t pfn)
{
	const struct spy *spy = (const struct spy *)model;

	return spy->pages->ops->node(spy->pages, pfn);
}

static const struct page_model_ops spy_ops = {
    .name = "spy", .alloc = spy_alloc, .free = spy_free, .node = spy_node};

/*
 * gfp_exact_node(): one's own node first, without reclaim, kswapd and the right
 * never to fail; then fallback_alloc() with all that the caller has.
 */
static void test_exact_node_first(void **state)
{
	struct slab_bed *bed = slab_bed_new(1, 1, 0);
	struct spy spy = {
	    .model.ops = &spy_ops, .pages = bed->pages, .refuse_exact = true};
	struct slab_config config = config_of(bed, 1, 1);
	struct slab_cache_spec spec = {
	    .object_size = 64, .slab_size = 64, .reclaimable = true};
	struct slab_request request = {
	    .node = -1, .flags = PAGE_REQ_HIGH | PAGE_REQ_NOFAIL};
	struct err err = {0};
	uint64_t handle;

	(void)state;
	config.pages = &spy.model;
	assert_int_equal(slab_create(&bed->slab, &config, &err), 0);
	request.cache = slab_bed_cache(bed, &spec);
	assert_int_equal(bed->slab->ops->alloc(bed->slab, &request, &handle),
			 0);
	expect_u64_eq(spy.count, 3);
	for (int i = 0; i < 2; i++) /* cache_alloc_refill(), then its node's */
		expect_u64_eq(spy.flags[i], PAGE_REQ_HIGH | PAGE_REQ_NONBLOCK |
						PAGE_REQ_NOKSWAPD |
						PAGE_REQ_THISNODE);
	expect_u64_eq(spy.flags[2], PAGE_REQ_HIGH | PAGE_REQ_NOFAIL);
	/* cachep->allocflags: what the cache is says what its pages are. */
	expect_u64_eq(spy.last.migratetype, PAGE_RECLAIMABLE);
	expect_u64_eq(spy.last.zone, PAGE_ZONE_NORMAL);
	spec.reclaimable = false;
	spec.dma = true;
	request.cache = slab_bed_cache(bed, &spec);
	spy.refuse_exact = false;
	assert_int_equal(bed->slab->ops->alloc(bed->slab, &request, &handle),
			 0);
	expect_u64_eq(spy.last.migratetype, PAGE_UNMOVABLE);
	expect_u64_eq(spy.last.zone, PAGE_ZONE_DMA);
	slab_bed_end(bed);
}

/* Another node helps out, but not where the request forbids it. */
static void test_fallback(void **state)
{
	struct slab_bed *bed = bed_make(CPUS, NODES, 3);
	uint32_t cache = cache_of(bed, 1024, false);
	struct slab_request request = {
	    .cache = cache, .cpu = 0, .node = -1, .flags = PAGE_REQ_THISNODE};
	uint64_t handle;

	(void)state;
	for (int i = 0; i < 9; i++) /* three pages, three objects left */
		assert_int_equal(slab_bed_alloc(bed, cache, 1, 0, 1), 0);
	expect_i64_eq(bed->slab->ops->alloc(bed->slab, &request, &handle),
		      ERR_NOMEM);
	for (int i = 0; i < 3; i++)
		assert_int_equal(slab_bed_alloc(bed, cache, 1, 0, -1), 0);
	expect_i64_eq(slab_bed_alloc(bed, cache, 1, 0, -1), ERR_NOMEM);
	slab_bed_check(bed);
	slab_bed_end(bed);
}

/* Slabs of one node take turns in their colours. */
static void test_colours(void **state)
{
	struct slab_bed *bed = bed_make(1, 1, 0);
	uint32_t cache = cache_of(bed, 640, false); /* 6, 256 bytes left */
	uint32_t seen[5];

	(void)state;
	expect_u64_eq(slab_cache_layout(bed->slab, cache)->colours, 4);
	for (int i = 0; i < 30; i++) {
		assert_int_equal(slab_bed_alloc(bed, cache, 1, 0, -1), 0);
		seen[i / 6] = slab_colour(bed->slab, bed->live[i].handle);
	}
	expect_u64_eq(seen[0], 64);
	expect_u64_eq(seen[1], 128);
	expect_u64_eq(seen[2], 192);
	expect_u64_eq(seen[3], 0);
	expect_u64_eq(seen[4], 64);
	slab_bed_end(bed);
}

/* Each slab of an off-slab cache has an object elsewhere. */
static void test_off_slab(void **state)
{
	struct slab_bed *bed = bed_make(1, 1, 0);
	uint32_t cache = cache_of(bed, 1024, true);

	(void)state;
	expect_u64_eq(slab_cache_layout(bed->slab, cache)->freelist,
		      SLAB_FREELIST_OFF_SLAB);
	for (int i = 0; i < 4 * 200; i++)
		assert_int_equal(slab_bed_alloc(bed, cache, 1, 0, -1), 0);
	/* 200 freelists of 32 bytes, 124 in a slab. */
	expect_u64_eq(bed->slab->pages, 200 + 2);
	slab_bed_check(bed);
	while (bed->count)
		slab_bed_free(bed, 0, 0);
	slab_bed_wait(bed, 1000 * SECOND);
	slab_bed_check(bed);
	expect_u64_eq(bed->slab->pages, 0);
	slab_bed_end(bed);
}

/* Slabs of the start: what CPUs hold in arrays is taken first. */
static void test_start(void **state)
{
	struct slab_bed *bed = bed_make(1, 1, 0);
	uint32_t cache = cache_of(bed, 256, false); /* 16 */
	struct slab_start start = {
	    .cache = cache, .inuse = 6, .cached = 10, .pfn = SLAB_PFN_UNKNOWN};
	struct slab_counts counts;
	struct err err = {0};
	uint64_t handle;

	(void)state;
	expect_i64_eq(bed->slab->ops->start(bed->slab, &start, &handle), 0);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(slab_bed_alloc(bed, cache, 1, 0, -1), 0);
		expect_u64_eq(bed->live[i].handle, handle);
	}
	bed->slab->ops->counts(bed->slab, cache, &counts);
	expect_u64_eq(counts.slabs, 1);
	expect_u64_eq(counts.objects, 16);
	expect_i64_eq(bed->slab->ops->check(bed->slab, &err), 0);
	assert_int_equal(slab_bed_alloc(bed, cache, 1, 0, -1), 0);
	expect_true(bed->live[10].handle != handle);
	/* Its pages are nowhere, so they cannot go back. */
	for (int i = 0; i < 6; i++)
		bed->slab->ops->free(bed->slab, cache, handle, 0);
	while (bed->count)
		slab_bed_free(bed, 0, 0);
	slab_bed_wait(bed, 1000 * SECOND);
	expect_u64_eq(bed->slab->pages, 0);
	expect_u64_eq(bed->slab->unplaced_pages, 1);
	start.inuse = 7;
	expect_i64_eq(bed->slab->ops->start(bed->slab, &start, &handle),
		      ERR_USAGE);
	slab_bed_end(bed);
}

/* A slab that lies on another node than thought moves there. */
static void test_place(void **state)
{
	struct slab_bed *bed = bed_make(CPUS, NODES, 0);
	uint32_t cache = cache_of(bed, 256, false);
	struct slab_start start = {
	    .cache = cache, .inuse = 6, .pfn = SLAB_PFN_UNKNOWN};
	struct page_request request = {.cpu = 2, .node = 1};
	uint64_t handle, pfn;

	(void)state;
	assert_int_equal(bed->pages->ops->alloc(bed->pages, &request, &pfn), 0);
	expect_i64_eq(bed->slab->ops->start(bed->slab, &start, &handle), 0);
	bed->slab->ops->place(bed->slab, handle, pfn);
	slab_bed_check(bed);
	assert_int_equal(slab_bed_alloc(bed, cache, 1, 2, -1), 0);
	expect_u64_eq(bed->live[0].handle, handle);
	slab_bed_check(bed);
	slab_bed_end(bed);
}

/* Time may stand still, jump, or come to its end. */
static void test_clock(void **state)
{
	struct slab_bed *bed = bed_make(1, 1, 0);
	uint32_t cache = cache_of(bed, 64, false);

	(void)state;
	expect_u64_eq(bed->slab->ops->tick(bed->slab, bed->now), 2 * SECOND);
	assert_int_equal(slab_bed_alloc(bed, cache, 1, 0, -1), 0);
	expect_u64_eq(bed->slab->ops->tick(bed->slab, 2 * SECOND), 4 * SECOND);
	expect_true(bed->slab->ops->tick(bed->slab, UINT64_MAX / 2) >
		    UINT64_MAX / 2);
	slab_bed_check(bed);
	slab_bed_end(bed);
}

static void test_bad(void **state)
{
	struct slab_bed *bed = bed_make(1, 1, 0);
	struct slab_config config = config_of(bed, 1, 1);
	struct slab_cache_spec spec = {.slab_size = (4u << 20) + 1};
	struct slab_model *slab;
	struct err err = {0};
	uint32_t cache;

	(void)state;
	expect_i64_eq(bed->slab->ops->cache_add(bed->slab, &spec, &cache),
		      ERR_LIMIT);
	config.nodes = 0;
	expect_i64_eq(slab_create(&slab, &config, &err), ERR_USAGE);
	config.nodes = 1;
	config.env.page_size = 0;
	expect_i64_eq(slab_create(&slab, &config, &err), ERR_LIMIT);
	config.env.page_size = 4096;
	config.env.cpus = CPUS;
	config.cpu_node = slab_bed_cpu_node;
	expect_i64_eq(slab_create(&slab, &config, &err), ERR_USAGE);
	slab_bed_end(bed);
}

/*
 * free_block(): beyond free_limit slabs go from the tail of the free list, so
 * that what was freed last stays and is taken next. One object in a slab,
 * limit 24, batch 12, free_limit (1 + 1) * 12 + 1 = 25.
 */
static void test_oldest_free_goes(void **state)
{
	enum { OBJECTS = 8 * 12 };
	struct slab_bed *bed = bed_make(1, 1, 0);
	uint32_t cache = cache_of(bed, 4096, false);
	const struct slab_layout *layout = slab_cache_layout(bed->slab, cache);
	uint64_t handles[OBJECTS];

	(void)state;
	expect_u64_eq(layout->objs_per_slab, 1);
	expect_u64_eq(layout->limit, 24);
	expect_u64_eq(layout->batchcount, 12);
	for (int i = 0; i < OBJECTS; i++) {
		assert_int_equal(slab_bed_alloc(bed, cache, 1, 0, -1), 0);
		handles[i] = bed->live[i].handle;
	}
	/* The 25th, 37th and 49th free give the node twelve each. */
	for (int i = 0; i < 49; i++)
		bed->slab->ops->free(bed->slab, cache, handles[i], 0);
	expect_u64_eq(slab_stats(bed->slab)->freed, 36 - 25);
	slab_bed_check(bed);
	/* 13 are the CPU's; the node's last twelve were 24 to 35. */
	bed->count = 0;
	for (int i = 0; i < 14; i++)
		assert_int_equal(slab_bed_alloc(bed, cache, 1, 0, -1), 0);
	expect_u64_eq(bed->live[13].handle, handles[24]);
	slab_bed_check(bed);
	slab_bed_end(bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random),
	    cmocka_unit_test(test_reference),
	    cmocka_unit_test(test_alien),
	    cmocka_unit_test(test_alien_of_one),
	    cmocka_unit_test(test_no_pages),
	    cmocka_unit_test(test_exact_node_first),
	    cmocka_unit_test(test_fallback),
	    cmocka_unit_test(test_colours),
	    cmocka_unit_test(test_off_slab),
	    cmocka_unit_test(test_start),
	    cmocka_unit_test(test_place),
	    cmocka_unit_test(test_clock),
	    cmocka_unit_test(test_bad),
	    cmocka_unit_test(test_oldest_free_goes),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
