/*
 * SLUB against a naive reference with one and two CPUs on one node, plus
 * properties that hold for any number of CPUs and nodes.
 */
#include "replay/slub.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/replay/slab_bed.h"
#include "tests/replay/slub_ref.h"
#include "tests/support/long_run.h"

enum {
	LIVE_MAX = 6000,
	STEPS = 90000,
	CPUS = SLAB_BED_CPUS,
	NODES = SLAB_BED_NODES,
	CACHES = 7, /* of random_run() */
};

/* debug: enum slub_debug or SLUB_UNSET; limit: pages there are, 0: no limit. */
static struct slab_bed *bed_make_debug(enum kernel_variant variant,
				       uint32_t cpus, uint32_t nodes,
				       uint64_t limit, uint32_t debug)
{
	struct slab_bed *bed = slab_bed_new(cpus, nodes, limit);
	struct slub_config config = {
	    .env = slub_env_default(variant, 4096, cpus),
	    .nodes = nodes,
	    .cpu_node = slab_bed_cpu_node,
	    .pages = bed->pages,
	    .memory = memory_libc(),
	    .cpu_partial = SLUB_UNSET,
	    .min_partial = SLUB_UNSET,
	    .debug = debug,
	};
	struct err err = {0};

	bed->seed = 7 + (uint64_t)variant;
	assert_int_equal(slub_create(&bed->slab, &config, &err), 0);
	return bed;
}

static struct slab_bed *bed_make(enum kernel_variant variant, uint32_t cpus,
				 uint32_t nodes, uint64_t limit)
{
	return bed_make_debug(variant, cpus, nodes, limit, SLUB_UNSET);
}

static uint32_t cache_of(struct slab_bed *bed, uint32_t size)
{
	struct slab_cache_spec spec = {.object_size = size, .slab_size = size};

	return slab_bed_cache(bed, &spec);
}

/* All objects freed, nothing but what CPUs and nodes keep is left. */
static void random_end(struct slab_bed *bed)
{
	uint64_t kept = 0;

	while (bed->count)
		slab_bed_free(bed, bed->count - 1,
			      (uint16_t)slab_bed_draw(bed, CPUS));
	slab_bed_check(bed);
	for (uint32_t c = 0; c < CACHES; c++) {
		const struct slub_params *params =
		    slub_cache_params(bed->slab, c);
		uint64_t slabs = NODES * (params->min_partial + 1ull) + CPUS;
		struct slab_counts counts;

		bed->slab->ops->counts(bed->slab, c, &counts);
		expect_u64_eq(counts.objects, 0);
		/* 5.15 counts objects, of which each slab gives one or more. */
		kept = params->cpu_partial_slabs ? params->cpu_partial_slabs
						 : params->cpu_partial;
		expect_true(counts.slabs <= slabs + CPUS * (kept + 1));
	}
}

/*
 * Any mix of CPUs, nodes and caches keeps the books right. Returns the sum of
 * what was seen.
 */
static uint64_t random_run(enum kernel_variant variant, uint32_t debug,
			   uint64_t limit, uint64_t seed, uint64_t steps)
{
	static const uint32_t sizes[CACHES] = {8,    64,   192, 512,
					       2048, 8192, 6016};
	struct slab_bed *bed;
	uint64_t objects = 0, failures = 0, seen = 0;

	bed = bed_make_debug(variant, CPUS, NODES, limit, debug);
	bed->seed = seed;
	for (int i = 0; i < CACHES; i++)
		cache_of(bed, sizes[i]);
	for (uint64_t step = 0; step < steps; step++) {
		uint16_t cpu = (uint16_t)slab_bed_draw(bed, CPUS);
		/* Waves, so that caches grow and shrink. */
		bool grow =
		    slab_bed_draw(bed, 1000) < (step / 5000 % 2 ? 400u : 600u);
		int16_t node = slab_bed_draw(bed, 8) < 2
				   ? (int16_t)slab_bed_draw(bed, NODES)
				   : -1;
		int ret = 0;

		if (bed->count < LIVE_MAX && (grow || !bed->count))
			ret = slab_bed_alloc(bed, slab_bed_draw(bed, CACHES), 1,
					     cpu, node);
		else
			slab_bed_free(
			    bed, slab_bed_draw(bed, (uint32_t)bed->count), cpu);
		expect_true(!ret || (limit && ret == ERR_NOMEM));
		failures += ret != 0;
		seen = seen * 31 + bed->slab->pages;
		if (bed->count)
			seen = seen * 31 + bed->live[bed->count - 1].handle;
		if (step % 500 == 0)
			slab_bed_check(bed);
	}
	for (uint32_t c = 0; c < CACHES; c++) {
		struct slab_counts counts;

		bed->slab->ops->counts(bed->slab, c, &counts);
		expect_true(counts.slabs_peak >= counts.slabs);
		objects += counts.objects;
	}
	expect_u64_eq(objects, bed->count);
	expect_true((failures > 0) == (limit > 0));
	random_end(bed);
	slab_bed_end(bed);
	return seen;
}

/*
 * With memory without end, with so little that it runs out in each wave, and
 * with debug options.
 */
static void test_random(void **state)
{
	uint64_t steps = long_run_part(long_run_steps(4 * STEPS), 10);

	(void)state;
	for (int v = VARIANT_5_15; v <= VARIANT_6_18; v++) {
		enum kernel_variant variant = (enum kernel_variant)v;
		uint64_t seed = long_run_seed((uint64_t)v * 2);

		random_run(variant, SLUB_UNSET, 0, seed, steps);
		random_run(variant, SLUB_UNSET, 600, seed + 1, steps);
	}
	random_run(VARIANT_6_1, SLUB_DEBUG_CHECKS, 0, long_run_seed(20), steps);
	random_run(VARIANT_6_12, SLUB_DEBUG_RED_ZONE | SLUB_DEBUG_USER, 0,
		   long_run_seed(21), steps);
}

/*
 * The random numbers of get_any_partial() are the model's own, whatever other
 * models there are and wherever it lies: the second one lies elsewhere.
 */
static void test_same_seed(void **state)
{
	enum { FEW = STEPS / 10 };

	(void)state;
	for (int v = VARIANT_5_15; v <= VARIANT_6_18; v++) {
		enum kernel_variant variant = (enum kernel_variant)v;
		uint64_t once = random_run(variant, SLUB_UNSET, 0, 5, FEW);
		struct slab_bed *other = bed_make(variant, CPUS, NODES, 0);

		expect_u64_eq(random_run(variant, SLUB_UNSET, 0, 5, FEW), once);
		expect_true(random_run(variant, SLUB_UNSET, 0, 6, FEW) != once);
		slab_bed_end(other);
	}
}

/*
 * Handles are held against slabs too: all live objects of a slab of the
 * reference have one handle, so the same objects were taken. Returns how many
 * operations both did.
 */
static uint64_t reference_run(enum kernel_variant variant, uint32_t size,
			      uint32_t debug, uint32_t cpus, uint64_t steps)
{
	struct slab_bed *bed = bed_make_debug(variant, cpus, 1, 0, debug);
	uint32_t cache = cache_of(bed, size);
	const struct slub_params *params = slub_cache_params(bed->slab, cache);
	struct slub_ref *ref =
	    slub_ref_make(params, variant, debug != SLUB_UNSET);
	int *objects = calloc(LIVE_MAX, sizeof(int));
	int *live = calloc(SLUB_REF_SLABS, sizeof(int));
	uint64_t *handles = calloc(SLUB_REF_SLABS, sizeof(uint64_t));
	uint64_t compared = 0;

	expect_true(objects && live && handles);
	expect_true((params->slab_size > size) == (debug != SLUB_UNSET));
	bed->seed = long_run_seed(size + (uint64_t)variant + cpus);
	for (uint64_t step = 0; step < steps; step++) {
		uint16_t cpu = (uint16_t)slab_bed_draw(bed, cpus);
		struct slab_counts counts;
		bool grow =
		    slab_bed_draw(bed, 100) < (step / 4000 % 2 ? 35u : 65u);

		if (bed->count < LIVE_MAX && (grow || !bed->count)) {
			int object = slub_ref_alloc(ref, cpu);
			int s = slub_ref_slab(ref, object);

			objects[bed->count] = object;
			assert_int_equal(slab_bed_alloc(bed, cache, 1, cpu, -1),
					 0);
			if (!live[s]++)
				handles[s] = bed->live[bed->count - 1].handle;
			expect_u64_eq(bed->live[bed->count - 1].handle,
				      handles[s]);
		} else {
			size_t i = slab_bed_draw(bed, (uint32_t)bed->count);

			live[slub_ref_slab(ref, objects[i])]--;
			slub_ref_free(ref, objects[i], cpu);
			objects[i] = objects[bed->count - 1];
			slab_bed_free(bed, i, cpu);
		}
		bed->slab->ops->counts(bed->slab, cache, &counts);
		expect_i64_eq((int64_t)counts.slabs, slub_ref_slabs(ref));
		expect_u64_eq(counts.objects, bed->count);
		compared++;
	}
	slab_bed_check(bed);
	slab_bed_end(bed);
	free(objects);
	free(live);
	free(handles);
	free(ref);
	return compared;
}

/* Every version with one CPU and with two; debug: SLUB_UNSET for none. */
static void reference_runs(const uint32_t *sizes, size_t size_count,
			   uint32_t debug, const char *reference)
{
	static const char *const names[] = {"5.15", "6.1", "6.12", "6.18"};
	uint64_t steps =
	    long_run_part(long_run_steps(STEPS), size_count * SLUB_REF_CPUS);

	for (int v = VARIANT_5_15; v <= VARIANT_6_18; v++) {
		uint64_t compared = 0;
		char what[80];

		for (size_t i = 0; i < size_count; i++) {
			for (uint32_t cpus = 1; cpus <= SLUB_REF_CPUS; cpus++)
				compared +=
				    reference_run((enum kernel_variant)v,
						  sizes[i], debug, cpus, steps);
		}
		snprintf(what, sizeof(what), "SLUB %s %s", names[v], reference);
		long_run_compared(what, compared);
	}
}

static void test_reference(void **state)
{
	static const uint32_t sizes[] = {64, 96, 256, 1024, 2688, 8192};

	(void)state;
	reference_runs(sizes, sizeof(sizes) / sizeof(*sizes), SLUB_UNSET,
		       "with lists of slabs");
}

static void test_debug_reference(void **state)
{
	static const uint32_t sizes[] = {64, 256, 1024, 4096};

	(void)state;
	reference_runs(sizes, sizeof(sizes) / sizeof(*sizes),
		       SLUB_DEBUG_POISON | SLUB_DEBUG_USER,
		       "with debug options, with lists of slabs");
}

/*
 * With nothing kept back (min_partial 0, no CPU partial list) all pages but
 * the CPU's own slab come back when all objects are freed.
 */
static void test_free_all(void **state)
{
	struct slab_bed *bed;
	struct slub_config config = {
	    .env = slub_env_default(VARIANT_6_12, 4096, 1),
	    .nodes = 1,
	    .memory = memory_libc(),
	    .cpu_partial = 0,
	    .min_partial = 0,
	    .debug = SLUB_UNSET,
	};
	struct err err = {0};
	struct slab_counts counts;
	uint32_t cache;

	(void)state;
	bed = bed_make(VARIANT_6_12, 1, 1, 0);
	slab_model_destroy(bed->slab);
	config.pages = bed->pages;
	assert_int_equal(slub_create(&bed->slab, &config, &err), 0);
	cache = cache_of(bed, 256);
	for (int i = 0; i < LIVE_MAX; i++)
		assert_int_equal(slab_bed_alloc(bed, cache, 1, 0, -1), 0);
	expect_u64_eq(page_endless_in_use(bed->pages), LIVE_MAX / 16);
	while (bed->count)
		slab_bed_free(bed, slab_bed_draw(bed, (uint32_t)bed->count), 0);
	slab_bed_check(bed);
	bed->slab->ops->counts(bed->slab, cache, &counts);
	expect_u64_eq(counts.objects, 0);
	/* The CPU slab, and the slab last freed on the CPU partial list. */
	expect_true(counts.slabs <= 2);
	expect_u64_eq(page_endless_in_use(bed->pages), counts.pages);
	slab_bed_end(bed);
}

/* A slab that cannot have its order takes the least one; then it fails. */
static void test_page_exhaustion(void **state)
{
	struct slab_bed *bed;
	uint32_t cache;
	int served = 0;

	(void)state;
	bed = bed_make(VARIANT_6_1, 1, 1, 11);
	cache = cache_of(bed, 2048); /* order 2, least order 0 */
	while (!slab_bed_alloc(bed, cache, 1, 0, -1))
		served++;
	expect_i64_eq(served, 2 * 8 + 3 * 2);
	/* As in the kernel, the one that failed does not count. */
	expect_u64_eq(slub_stats(bed->slab)->order_fallback, 3);
	slab_bed_check(bed);
	slab_bed_free(bed, 0, 0);
	assert_int_equal(slab_bed_alloc(bed, cache, 1, 0, -1), 0);
	slab_bed_check(bed);
	slab_bed_end(bed);
}

/* Slabs of the start are used and discarded as any other. */
static void test_start(void **state)
{
	struct slab_bed *bed;
	struct slab_start start = {.pfn = SLAB_PFN_UNKNOWN};
	struct slab_counts counts;
	uint64_t handles[3];

	(void)state;
	bed = bed_make(VARIANT_6_1, 1, 1, 0);
	start.cache = cache_of(bed, 512); /* 8 in a slab */
	start.inuse = 8;
	assert_int_equal(bed->slab->ops->start(bed->slab, &start, &handles[0]),
			 0);
	start.inuse = 5;
	start.place = SLAB_CPU;
	assert_int_equal(bed->slab->ops->start(bed->slab, &start, &handles[1]),
			 0);
	assert_int_equal(bed->slab->ops->start(bed->slab, &start, &handles[2]),
			 ERR_USAGE);
	start.inuse = 9;
	start.place = SLAB_FULL;
	assert_int_equal(bed->slab->ops->start(bed->slab, &start, &handles[2]),
			 ERR_USAGE);
	for (int i = 0; i < 3; i++)
		assert_int_equal(slab_bed_alloc(bed, start.cache, 1, 0, -1), 0);
	bed->slab->ops->counts(bed->slab, start.cache, &counts);
	expect_u64_eq(counts.slabs, 2);
	expect_u64_eq(counts.objects, 16);
	bed->slab->ops->free(bed->slab, start.cache, handles[0], 0);
	/* The freed slot of the full slab is the next one. */
	assert_int_equal(slab_bed_alloc(bed, start.cache, 1, 0, -1), 0);
	bed->slab->ops->counts(bed->slab, start.cache, &counts);
	expect_u64_eq(counts.slabs, 2);
	assert_int_equal(slab_bed_alloc(bed, start.cache, 1, 0, -1), 0);
	bed->slab->ops->counts(bed->slab, start.cache, &counts);
	expect_u64_eq(counts.slabs, 3);
	slab_bed_end(bed);
}

/* A slab that is said to be partial and has no free object is not taken from. */
static void test_start_full_partial(void **state)
{
	struct slab_bed *bed;
	struct slab_start start = {
	    .pfn = SLAB_PFN_UNKNOWN, .place = SLAB_NODE_PARTIAL, .inuse = 8};
	struct slab_counts counts;
	struct err err = {0};
	uint64_t handle;

	(void)state;
	bed = bed_make(VARIANT_6_1, 1, 1, 0);
	start.cache = cache_of(bed, 512); /* 8 in a slab */
	assert_int_equal(bed->slab->ops->start(bed->slab, &start, &handle), 0);
	start.place = SLAB_CPU_PARTIAL;
	assert_int_equal(bed->slab->ops->start(bed->slab, &start, &handle), 0);
	assert_int_equal(slab_bed_alloc(bed, start.cache, 1, 0, -1), 0);
	bed->slab->ops->counts(bed->slab, start.cache, &counts);
	expect_u64_eq(counts.slabs, 3);
	expect_u64_eq(counts.objects, 17);
	assert_int_equal(bed->slab->ops->check(bed->slab, &err), 0);
	slab_bed_end(bed);
}

/* free_to_partial_list(): a slab of one object is full, then empty, at once. */
static void test_debug_single(void **state)
{
	struct slab_bed *bed =
	    bed_make_debug(VARIANT_6_12, 1, 1, 0, SLUB_DEBUG_USER);
	uint32_t cache = cache_of(bed, 20000);
	const struct slub_params *p = slub_cache_params(bed->slab, cache);
	struct slab_counts counts;

	(void)state;
	expect_u64_eq(p->objs_per_slab, 1);
	for (uint32_t i = 0; i < p->min_partial + 2; i++)
		assert_int_equal(slab_bed_alloc(bed, cache, 1, 0, -1), 0);
	while (bed->count)
		slab_bed_free(bed, 0, 0);
	slab_bed_check(bed);
	bed->slab->ops->counts(bed->slab, cache, &counts);
	expect_u64_eq(counts.slabs, p->min_partial);
	slab_bed_end(bed);
}

static void test_bad_parameters(void **state)
{
	struct slub_params params;
	struct slub_env env = slub_env_default(VARIANT_6_1, 4096, 1);
	struct slub_config config = {.env = env, .nodes = 1};
	struct slab_model *slub;
	struct err err = {0};

	(void)state;
	assert_int_equal(slub_create(&slub, &config, &err), ERR_USAGE);
	assert_int_equal(slub_params_compute(&env, 0, false, &params),
			 ERR_LIMIT);
	assert_int_equal(slub_params_compute(&env, 64u << 20, false, &params),
			 ERR_LIMIT);
	env.slub_max_order = 11;
	assert_int_equal(slub_params_compute(&env, 64, false, &params),
			 ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random),
	    cmocka_unit_test(test_same_seed),
	    cmocka_unit_test(test_reference),
	    cmocka_unit_test(test_debug_reference),
	    cmocka_unit_test(test_free_all),
	    cmocka_unit_test(test_page_exhaustion),
	    cmocka_unit_test(test_start),
	    cmocka_unit_test(test_start_full_partial),
	    cmocka_unit_test(test_debug_single),
	    cmocka_unit_test(test_bad_parameters),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
