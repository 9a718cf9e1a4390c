/*
 * Sheaves against a reference of arrays, over slabs that give back whatever was
 * taken: which slab an object is of must come out the same at every step. Then
 * the rules one by one.
 */
#include "replay/slub_sheaf.h"

#include <stdlib.h>
#include <string.h>

#include "replay/page_endless.h"
#include "tests/support/long_run.h"
#include "tests/support/test.h"

enum { CAPACITY = 4, LIVE_MAX = 800, STEPS = 40000, SHEAVES_MAX = 64 };

struct bed {
	struct page_model *pages;
	struct slab_model *slub;
	uint32_t cache;
	uint64_t seed;
	uint64_t live[LIVE_MAX];
	size_t count;
};

static const uint16_t cpu_nodes[] = {0, 1};

static uint32_t draw(struct bed *bed, uint32_t below)
{
	bed->seed = bed->seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)((bed->seed >> 33) % below);
}

static struct bed *bed_make(uint32_t cpus, uint64_t limit_pages, uint32_t debug,
			    uint32_t capacity)
{
	struct bed *bed = calloc(1, sizeof(*bed));
	struct page_endless_config pages = {.memory = memory_libc(),
					    .nodes = cpus,
					    .cpus = cpus,
					    .cpu_node = cpu_nodes,
					    .limit_pages = limit_pages};
	struct slub_config config = {
	    .env = slub_env_default(VARIANT_6_18, 4096, cpus),
	    .nodes = cpus,
	    .cpu_node = cpu_nodes,
	    .memory = memory_libc(),
	    .cpu_partial = SLUB_UNSET,
	    .min_partial = SLUB_UNSET,
	    .debug = debug,
	};
	struct slab_cache_spec spec = {
	    .object_size = 512, .slab_size = 512, .sheaf_capacity = capacity};
	struct err err = {0};

	assert_non_null(bed);
	assert_int_equal(page_endless_create(&bed->pages, &pages), 0);
	config.pages = bed->pages;
	assert_int_equal(slub_create(&bed->slub, &config, &err), 0);
	assert_int_equal(
	    bed->slub->ops->cache_add(bed->slub, &spec, &bed->cache), 0);
	return bed;
}

static void bed_check(const struct bed *bed)
{
	struct err err = {0};

	if (bed->slub->ops->check(bed->slub, &err))
		fail_msg("slub: %s", err.text);
	expect_u64_eq(page_endless_in_use(bed->pages), bed->slub->pages);
}

static void bed_end(struct bed *bed)
{
	bed_check(bed);
	slab_model_destroy(bed->slub);
	page_model_destroy(bed->pages);
	free(bed);
}

static int bed_alloc(struct bed *bed, uint16_t cpu, int16_t node,
		     uint32_t flags)
{
	struct slab_request request = {.cache = bed->cache,
				       .bytes_req = 1,
				       .flags = flags,
				       .cpu = cpu,
				       .node = node};
	int ret =
	    bed->slub->ops->alloc(bed->slub, &request, &bed->live[bed->count]);

	bed->count += !ret;
	return ret;
}

static uint64_t bed_free(struct bed *bed, size_t i, uint16_t cpu)
{
	uint64_t handle = bed->live[i];

	bed->live[i] = bed->live[--bed->count];
	bed->slub->ops->free(bed->slub, bed->cache, handle, cpu);
	return handle;
}

/* ---- The reference ---- */

struct ref_sheaf {
	uint64_t slabs[CAPACITY];
	uint32_t size;
};

/* One CPU. below: a model without sheaves, whose objects fill them. */
struct ref {
	struct bed *below;
	struct ref_sheaf main, spare, full[SHEAVES_MAX];
	bool has_spare;
	uint32_t full_count;
};

static void ref_swap(struct ref *ref)
{
	struct ref_sheaf was = ref->main;

	ref->main = ref->spare;
	ref->spare = was;
}

static uint64_t ref_alloc(struct ref *ref)
{
	if (!ref->main.size && ref->has_spare && ref->spare.size) {
		ref_swap(ref);
	} else if (!ref->main.size && ref->full_count) {
		ref->main = ref->full[--ref->full_count];
	} else if (!ref->main.size) {
		/* The spare, if any, is empty and becomes the one to fill. */
		ref->has_spare = false;
		for (; ref->main.size < CAPACITY; ref->main.size++) {
			assert_int_equal(bed_alloc(ref->below, 0, -1, 0), 0);
			ref->main.slabs[ref->main.size] =
			    ref->below->live[--ref->below->count];
		}
	}
	return ref->main.slabs[--ref->main.size];
}

static void ref_flush(struct ref *ref, struct ref_sheaf *sheaf)
{
	struct slab_model *slub = ref->below->slub;

	while (sheaf->size)
		slub->ops->free(slub, ref->below->cache,
				sheaf->slabs[--sheaf->size], 0);
}

static void ref_free(struct ref *ref, uint64_t slab)
{
	if (ref->main.size == CAPACITY) {
		if (ref->has_spare && ref->spare.size < CAPACITY) {
			ref_swap(ref);
		} else if (ref->has_spare && ref->full_count >= 10) {
			ref_flush(ref, &ref->spare);
			ref_swap(ref);
		} else if (ref->has_spare) {
			ref->full[ref->full_count++] = ref->main;
			ref->main.size = 0;
		} else {
			ref->spare = ref->main;
			ref->has_spare = true;
			ref->main.size = 0;
		}
	}
	ref->main.slabs[ref->main.size++] = slab;
}

static void test_reference(void **state)
{
	struct bed *bed = bed_make(1, 0, SLUB_UNSET, CAPACITY);
	struct ref ref = {.below = bed_make(1, 0, SLUB_UNSET, 0)};
	uint64_t steps = long_run_steps(STEPS), compared = 0;

	(void)state;
	bed->seed = long_run_seed(0);
	for (uint64_t step = 0; step < steps; step++) {
		bool grow = draw(bed, 100) < (step / 1500 % 2 ? 35u : 65u);

		if (bed->count < LIVE_MAX && (grow || !bed->count)) {
			assert_int_equal(bed_alloc(bed, 0, -1, 0), 0);
			expect_u64_eq(bed->live[bed->count - 1],
				      ref_alloc(&ref));
		} else {
			ref_free(
			    &ref,
			    bed_free(bed, draw(bed, (uint32_t)bed->count), 0));
		}
		expect_u64_eq(bed->slub->pages, ref.below->slub->pages);
		compared++;
		if (step % 1000 == 0)
			bed_check(bed);
	}
	long_run_compared("SLUB 6.18 with sheaves, with arrays of objects",
			  compared);
	/* Objects of the reference's sheaves are used ones below. */
	expect_true(slub_stats(bed->slub)->sheaf_flush > 100);
	expect_true(slub_stats(bed->slub)->barn_get > 10);
	expect_true(slub_stats(bed->slub)->barn_put > 10);
	bed_end(bed);
	slab_model_destroy(ref.below->slub);
	page_model_destroy(ref.below->pages);
	free(ref.below);
}

/* ---- The rules ---- */

/* Sheaves keep so many: main, spare and ten in the barn. */
static void test_most_kept(void **state)
{
	struct bed *bed = bed_make(1, 0, SLUB_UNSET, CAPACITY);

	(void)state;
	while (bed->count < LIVE_MAX)
		assert_int_equal(bed_alloc(bed, 0, -1, 0), 0);
	while (bed->count)
		bed_free(bed, 0, 0);
	expect_u64_eq(slub_stats(bed->slub)->free_pcs, LIVE_MAX);
	expect_u64_eq(slub_stats(bed->slub)->sheaf_flush,
		      LIVE_MAX - (2 + 10) * CAPACITY);
	bed_end(bed);
}

/* Objects of another node go to their slab, and are not taken from a sheaf. */
static void test_nodes(void **state)
{
	struct bed *bed = bed_make(2, 0, SLUB_UNSET, CAPACITY);
	const struct slub_stats *stats = slub_stats(bed->slub);

	(void)state;
	assert_int_equal(bed_alloc(bed, 0, -1, 0), 0);
	expect_u64_eq(stats->alloc_pcs, 1);
	bed_free(bed, 0, 1);
	expect_u64_eq(stats->free_pcs, 0);
	assert_int_equal(bed_alloc(bed, 0, 1, 0), 0);
	expect_u64_eq(stats->alloc_pcs, 1);
	assert_int_equal(bed_alloc(bed, 0, 0, 0), 0);
	expect_u64_eq(stats->alloc_pcs, 2);
	bed_free(bed, 1, 0);
	expect_u64_eq(stats->free_pcs, 1);
	bed_end(bed);
}

/* Who may not sleep does not fill a sheaf. */
static void test_nonblock(void **state)
{
	struct bed *bed = bed_make(1, 0, SLUB_UNSET, CAPACITY);
	const struct slub_stats *stats = slub_stats(bed->slub);

	(void)state;
	assert_int_equal(bed_alloc(bed, 0, -1, PAGE_REQ_NONBLOCK), 0);
	expect_u64_eq(stats->sheaf_refill, 0);
	expect_u64_eq(stats->alloc_pcs, 0);
	assert_int_equal(bed_alloc(bed, 0, -1, 0), 0);
	expect_u64_eq(stats->sheaf_refill, CAPACITY);
	assert_int_equal(bed_alloc(bed, 0, -1, PAGE_REQ_NONBLOCK), 0);
	expect_u64_eq(stats->alloc_pcs, 2);
	bed_end(bed);
}

/* A sheaf that cannot be filled gives back what it has; slabs serve on. */
static void test_no_pages(void **state)
{
	struct bed *bed = bed_make(1, 1, SLUB_UNSET, CAPACITY * 3);

	(void)state;
	for (int i = 0; i < 8; i++) /* 8 objects of 512 in the one page */
		assert_int_equal(bed_alloc(bed, 0, -1, 0), 0);
	assert_int_equal(bed_alloc(bed, 0, -1, 0), ERR_NOMEM);
	expect_u64_eq(slub_stats(bed->slub)->alloc_pcs, 0);
	bed_free(bed, 3, 0);
	assert_int_equal(bed_alloc(bed, 0, -1, 0), 0);
	bed_end(bed);
}

static void test_debug_has_none(void **state)
{
	struct bed *bed = bed_make(1, 0, SLUB_DEBUG_CHECKS, CAPACITY);

	(void)state;
	assert_int_equal(bed_alloc(bed, 0, -1, 0), 0);
	bed_free(bed, 0, 0);
	expect_u64_eq(slub_stats(bed->slub)->alloc_pcs, 0);
	bed_end(bed);
}

/*
 * Sheaves have objects of their CPU's node only: a start's others are free ones
 * of their slab, and so are those of a cache with debug options, which has no
 * sheaves. Where a slab turns out to lie elsewhere later, who insists on the
 * node gets none of it.
 */
static void test_start_elsewhere(void **state)
{
	struct slab_start start = {.inuse = 2,
				   .cached = 3,
				   .pfn = SLAB_PFN_UNKNOWN,
				   .place = SLAB_NODE_PARTIAL};
	const uint64_t far = 1ull << 44; /* node 1's first frame */
	struct bed *bed, *debug;
	uint64_t handle;

	(void)state;
	bed = bed_make(2, 0, SLUB_UNSET, CAPACITY);
	start.cache = bed->cache;
	start.node = 1;
	assert_int_equal(bed->slub->ops->start(bed->slub, &start, &handle), 0);
	assert_int_equal(bed_alloc(bed, 0, -1, PAGE_REQ_NONBLOCK), 0);
	expect_u64_eq(slub_stats(bed->slub)->alloc_pcs, 0);
	start.node = 0;
	assert_int_equal(bed->slub->ops->start(bed->slub, &start, &handle), 0);
	assert_int_equal(bed_alloc(bed, 1, 1, PAGE_REQ_NONBLOCK), 0);
	bed->slub->ops->place(bed->slub, handle, far);
	expect_u64_eq(bed->pages->ops->node(bed->pages, far), 1);
	assert_int_equal(bed_alloc(bed, 0, 0, 0), 0);
	expect_true(bed->live[2] != handle);
	slab_model_destroy(bed->slub);
	page_model_destroy(bed->pages);
	free(bed);
	debug = bed_make(1, 0, SLUB_DEBUG_CHECKS, CAPACITY);
	start.cache = debug->cache;
	assert_int_equal(debug->slub->ops->start(debug->slub, &start, &handle),
			 0);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(bed_alloc(debug, 0, -1, 0), 0);
		expect_u64_eq(debug->live[i], handle);
	}
	slab_model_destroy(debug->slub);
	page_model_destroy(debug->pages);
	free(debug);
}

/* What a start has in sheaves is used in its slab and taken first. */
static void test_start(void **state)
{
	struct bed *bed = bed_make(1, 0, SLUB_UNSET, CAPACITY);
	struct slab_start start = {.cache = bed->cache,
				   .inuse = 2,
				   .cached = 6,
				   .pfn = SLAB_PFN_UNKNOWN,
				   .place = SLAB_FULL};
	struct slab_counts counts;
	struct err err = {0};
	uint64_t handle;

	(void)state;
	assert_int_equal(bed->slub->ops->start(bed->slub, &start, &handle), 0);
	bed->slub->ops->counts(bed->slub, bed->cache, &counts);
	expect_u64_eq(counts.objects, 2);
	/* Two places are free, so it is a partial slab. */
	assert_int_equal(bed->slub->ops->check(bed->slub, &err), 0);
	for (int i = 0; i < CAPACITY; i++)
		assert_int_equal(bed_alloc(bed, 0, -1, 0), 0);
	expect_u64_eq(slub_stats(bed->slub)->sheaf_refill, 0);
	expect_u64_eq(bed->slub->pages, 1); /* the one of the start */
	start.cached = 7;		    /* more than the slab holds */
	assert_int_equal(bed->slub->ops->start(bed->slub, &start, &handle),
			 ERR_USAGE);
	slab_model_destroy(bed->slub);
	page_model_destroy(bed->pages);
	free(bed);
}

/* A kernel without sheaves has none, whatever the cache's row says. */
static void test_since_6_18(void **state)
{
	(void)state;
	for (int variant = 0; variant <= VARIANT_6_18; variant++) {
		struct page_endless_config endless = {
		    .memory = memory_libc(), .nodes = 1, .cpus = 1};
		struct slub_config config = {
		    .env =
			slub_env_default((enum kernel_variant)variant, 4096, 1),
		    .nodes = 1,
		    .memory = memory_libc(),
		    .cpu_partial = SLUB_UNSET,
		    .min_partial = SLUB_UNSET,
		    .debug = SLUB_UNSET};
		struct slab_cache_spec spec = {
		    .object_size = 256, .slab_size = 256, .sheaf_capacity = 32};
		struct slab_request request = {.node = -1};
		struct slab_model *slub;
		struct err err = {0};
		uint64_t handle;

		expect_i64_eq(page_endless_create(&config.pages, &endless), 0);
		expect_i64_eq(slub_create(&slub, &config, &err), 0);
		expect_i64_eq(slub->ops->cache_add(slub, &spec, &request.cache),
			      0);
		expect_i64_eq(slub->ops->alloc(slub, &request, &handle), 0);
		expect_u64_eq(slub_stats(slub)->alloc_pcs,
			      variant == VARIANT_6_18);
		slab_model_destroy(slub);
		page_model_destroy(config.pages);
	}
}

static void test_bad_capacity(void **state)
{
	struct bed *bed = bed_make(1, 0, SLUB_UNSET, 0);
	struct slab_cache_spec spec = {.object_size = 64, .slab_size = 64};
	uint32_t cache;

	(void)state;
	spec.sheaf_capacity = SLUB_SHEAF_MOST + 1;
	assert_int_equal(bed->slub->ops->cache_add(bed->slub, &spec, &cache),
			 ERR_LIMIT);
	bed_end(bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reference),
	    cmocka_unit_test(test_most_kept),
	    cmocka_unit_test(test_nodes),
	    cmocka_unit_test(test_nonblock),
	    cmocka_unit_test(test_no_pages),
	    cmocka_unit_test(test_debug_has_none),
	    cmocka_unit_test(test_start_elsewhere),
	    cmocka_unit_test(test_start),
	    cmocka_unit_test(test_since_6_18),
	    cmocka_unit_test(test_bad_capacity),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
