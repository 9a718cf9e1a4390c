/*
 * SLUB against a naive reference that keeps every slab as a list of objects
 * with their owners, on one CPU and one node, plus properties that hold for
 * any number of CPUs and nodes.
 */
#include "replay/slub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/page_endless.h"
#include "tests/support/long_run.h"
#include "tests/support/test.h"

enum {
	LIVE_MAX = 6000,
	STEPS = 360000,
	CPUS = 4,
	NODES = 2,
	CACHES = 7, /* of random_run() */
};

struct object {
	uint64_t handle;
	uint32_t cache;
};

struct bed {
	struct page_model *pages;
	struct slab_model *slub;
	uint64_t seed;
	struct object live[LIVE_MAX];
	size_t count;
};

static const uint16_t cpu_nodes[CPUS] = {0, 0, 1, 1};

static uint32_t draw(struct bed *bed, uint32_t below)
{
	bed->seed = bed->seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)((bed->seed >> 33) % below);
}

static struct bed *bed_new(void)
{
	struct bed *bed = malloc(sizeof(*bed));

	if (!bed)
		abort();
	return bed;
}

/* debug: enum slub_debug or SLUB_UNSET; limit: pages there are, 0: no limit. */
static void bed_make_debug(struct bed *bed, enum kernel_variant variant,
			   uint32_t cpus, uint32_t nodes, uint64_t limit,
			   uint32_t debug)
{
	struct page_endless_config pages = {.memory = memory_libc(),
					    .nodes = nodes,
					    .cpus = cpus,
					    .cpu_node = cpu_nodes,
					    .limit_pages = limit};
	struct slub_config config = {
	    .env = slub_env_default(variant, 4096, cpus),
	    .nodes = nodes,
	    .cpu_node = cpu_nodes,
	    .memory = memory_libc(),
	    .cpu_partial = SLUB_UNSET,
	    .min_partial = SLUB_UNSET,
	    .debug = debug,
	};
	struct err err = {0};

	memset(bed, 0, sizeof(*bed));
	bed->seed = 7 + (uint64_t)variant;
	assert_int_equal(page_endless_create(&bed->pages, &pages), 0);
	config.pages = bed->pages;
	assert_int_equal(slub_create(&bed->slub, &config, &err), 0);
}

static void bed_make(struct bed *bed, enum kernel_variant variant,
		     uint32_t cpus, uint32_t nodes, uint64_t limit)
{
	bed_make_debug(bed, variant, cpus, nodes, limit, SLUB_UNSET);
}

static uint32_t bed_cache(struct bed *bed, uint32_t size)
{
	struct slab_cache_spec spec = {.object_size = size, .slab_size = size};
	uint32_t cache;

	assert_int_equal(bed->slub->ops->cache_add(bed->slub, &spec, &cache),
			 0);
	return cache;
}

static void bed_check(const struct bed *bed)
{
	struct err err = {0};

	if (bed->slub->ops->check(bed->slub, &err)) {
		print_error("slub: %s\n", err.text);
		fail();
	}
	expect_u64_eq(page_endless_in_use(bed->pages), bed->slub->pages);
}

static void bed_end(struct bed *bed)
{
	slab_model_destroy(bed->slub);
	page_model_destroy(bed->pages);
}

static int bed_alloc(struct bed *bed, uint32_t cache, uint16_t cpu,
		     int16_t node)
{
	struct slab_request request = {
	    .cache = cache, .bytes_req = 1, .cpu = cpu, .node = node};
	struct object *object = &bed->live[bed->count];
	int ret = bed->slub->ops->alloc(bed->slub, &request, &object->handle);

	object->cache = cache;
	bed->count += !ret;
	return ret;
}

static void bed_free(struct bed *bed, size_t i, uint16_t cpu)
{
	struct object gone = bed->live[i];

	bed->live[i] = bed->live[--bed->count];
	bed->slub->ops->free(bed->slub, gone.cache, gone.handle, cpu);
}

/* All objects freed, nothing but what CPUs and nodes keep is left. */
static void random_end(struct bed *bed)
{
	uint64_t kept = 0;

	while (bed->count)
		bed_free(bed, bed->count - 1, (uint16_t)draw(bed, CPUS));
	bed_check(bed);
	for (uint32_t c = 0; c < CACHES; c++) {
		const struct slub_params *params =
		    slub_cache_params(bed->slub, c);
		uint64_t slabs = NODES * (params->min_partial + 1ull) + CPUS;
		struct slab_counts counts;

		bed->slub->ops->counts(bed->slub, c, &counts);
		expect_u64_eq(counts.objects, 0);
		/* 5.15 counts objects, of which each slab gives one or more. */
		kept = params->cpu_partial_slabs ? params->cpu_partial_slabs
						 : params->cpu_partial;
		expect_true(counts.slabs <= slabs + CPUS * (kept + 1));
	}
}

/* Any mix of CPUs, nodes and caches keeps the books right. */
static void random_run(enum kernel_variant variant, uint32_t debug,
		       uint64_t limit, uint64_t steps)
{
	static const uint32_t sizes[CACHES] = {8,    64,   192, 512,
					       2048, 8192, 6016};
	struct bed *bed = bed_new();
	uint64_t objects = 0, failures = 0;

	bed_make_debug(bed, variant, CPUS, NODES, limit, debug);
	bed->seed = long_run_seed((uint64_t)variant * 2 + !limit);
	for (int i = 0; i < CACHES; i++)
		bed_cache(bed, sizes[i]);
	for (uint64_t step = 0; step < steps; step++) {
		uint16_t cpu = (uint16_t)draw(bed, CPUS);
		/* Waves, so that caches grow and shrink. */
		bool grow = draw(bed, 1000) < (step / 5000 % 2 ? 400u : 600u);
		int16_t node =
		    draw(bed, 8) < 2 ? (int16_t)draw(bed, NODES) : -1;
		int ret = 0;

		if (bed->count < LIVE_MAX && (grow || !bed->count))
			ret = bed_alloc(bed, draw(bed, CACHES), cpu, node);
		else
			bed_free(bed, draw(bed, (uint32_t)bed->count), cpu);
		expect_true(!ret || (limit && ret == ERR_NOMEM));
		failures += ret != 0;
		if (step % 500 == 0)
			bed_check(bed);
	}
	for (uint32_t c = 0; c < CACHES; c++) {
		struct slab_counts counts;

		bed->slub->ops->counts(bed->slub, c, &counts);
		expect_true(counts.slabs_peak >= counts.slabs);
		objects += counts.objects;
	}
	expect_u64_eq(objects, bed->count);
	expect_true((failures > 0) == (limit > 0));
	random_end(bed);
	bed_end(bed);
	free(bed);
}

/*
 * With memory without end, with so little that it runs out in each wave, and
 * with debug options.
 */
static void test_random(void **state)
{
	uint64_t steps = long_run_steps(STEPS) / 8;

	(void)state;
	for (int variant = VARIANT_5_15; variant <= VARIANT_6_12; variant++) {
		random_run((enum kernel_variant)variant, SLUB_UNSET, 0, steps);
		random_run((enum kernel_variant)variant, SLUB_UNSET, 600,
			   steps);
	}
	random_run(VARIANT_6_1, SLUB_DEBUG_CHECKS, 0, steps);
	random_run(VARIANT_6_12, SLUB_DEBUG_RED_ZONE | SLUB_DEBUG_USER, 0,
		   steps);
}

/*
 * The reference: the rules of 5.15, 6.1 and 6.12 written down once more in the
 * plainest way for one CPU, every list an array, every object a byte.
 */
enum { REF_SLABS = 4096, REF_OBJECTS = 64, REF_LIST = 4096 };

struct ref {
	enum kernel_variant variant;
	uint32_t objects, min_partial, cpu_slabs_max, cpu_objects_max;
	bool used[REF_SLABS];
	char state[REF_SLABS][REF_OBJECTS]; /* 0 free, 1 live, 2 CPU's own */
	int current;
	int cpu_list[REF_LIST], cpu_count; /* last one is the newest */
	int cpu_guess[REF_LIST]; /* free objects when it was put there */
	int node_list[REF_LIST], node_count; /* first one is the head */
	int slabs;
};

static int ref_tally(const struct ref *ref, int slab, char what)
{
	int n = 0;

	for (uint32_t i = 0; i < ref->objects; i++)
		n += ref->state[slab][i] == what;
	return n;
}

static bool ref_empty(const struct ref *ref, int slab)
{
	return ref_tally(ref, slab, 1) == 0;
}

static void ref_discard(struct ref *ref, int slab)
{
	ref->used[slab] = false;
	ref->slabs--;
}

static void ref_node_remove(struct ref *ref, int at)
{
	memmove(&ref->node_list[at], &ref->node_list[at + 1],
		(size_t)(ref->node_count - at - 1) * sizeof(int));
	ref->node_count--;
}

/* 5.15 counts objects, and never looks at them again; later kernels slabs. */
static bool ref_cpu_full(const struct ref *ref)
{
	int guess = 0;

	if (ref->variant != VARIANT_5_15)
		return ref->cpu_count >= (int)ref->cpu_slabs_max;
	for (int i = 0; i < ref->cpu_count; i++)
		guess += ref->cpu_guess[i];
	return guess > (int)ref->cpu_objects_max;
}

static void ref_put(struct ref *ref, int slab, bool drain)
{
	if (drain && ref_cpu_full(ref)) {
		int gone[REF_LIST], count = 0;

		/* Newest first, at the node's tail. */
		while (ref->cpu_count) {
			int s = ref->cpu_list[--ref->cpu_count];

			if (ref_empty(ref, s) &&
			    ref->node_count >= (int)ref->min_partial)
				gone[count++] = s;
			else
				ref->node_list[ref->node_count++] = s;
		}
		while (count)
			ref_discard(ref, gone[--count]);
	}
	ref->cpu_guess[ref->cpu_count] = ref_tally(ref, slab, 0);
	ref->cpu_list[ref->cpu_count++] = slab;
}

/* True if enough of the node's slabs are the CPU's now. */
static bool ref_has_enough(const struct ref *ref, int slabs, int objects)
{
	if (ref->variant == VARIANT_5_15)
		return objects > (int)ref->cpu_objects_max / 2;
	return slabs > (int)ref->cpu_slabs_max / 2;
}

static void ref_own(struct ref *ref, int slab)
{
	ref->current = slab;
	for (uint32_t i = 0; i < ref->objects; i++)
		if (ref->state[slab][i] == 0)
			ref->state[slab][i] = 2;
}

static int ref_next_slab(struct ref *ref)
{
	int slab = 0;

	if (ref->cpu_count)
		return ref->cpu_list[--ref->cpu_count];
	if (ref->node_count) {
		int slabs = 0, objects;

		slab = ref->node_list[0];
		ref_node_remove(ref, 0);
		objects = ref_tally(ref, slab, 0);
		while (ref->node_count &&
		       !ref_has_enough(ref, slabs, objects)) {
			int s = ref->node_list[0];

			ref_node_remove(ref, 0);
			ref_put(ref, s, false);
			objects += ref_tally(ref, s, 0);
			slabs++;
		}
		return slab;
	}
	while (ref->used[slab])
		slab++;
	ref->used[slab] = true;
	ref->slabs++;
	memset(ref->state[slab], 0, sizeof(ref->state[slab]));
	return slab;
}

/* Returns slab * REF_OBJECTS + object. */
static int ref_alloc(struct ref *ref)
{
	for (;;) {
		for (uint32_t i = 0; ref->current >= 0 && i < ref->objects;
		     i++) {
			if (ref->state[ref->current][i] == 2) {
				ref->state[ref->current][i] = 1;
				return ref->current * REF_OBJECTS + (int)i;
			}
		}
		ref_own(ref, ref_next_slab(ref));
	}
}

static void ref_free(struct ref *ref, int object)
{
	int slab = object / REF_OBJECTS;
	bool full = ref_tally(ref, slab, 1) == (int)ref->objects;

	ref->state[slab][object % REF_OBJECTS] = 0;
	if (slab == ref->current) {
		ref->state[slab][object % REF_OBJECTS] = 2;
		return;
	}
	if (full) {
		ref_put(ref, slab, true);
		return;
	}
	if (!ref_empty(ref, slab) || ref->node_count < (int)ref->min_partial)
		return;
	for (int i = 0; i < ref->node_count; i++) {
		if (ref->node_list[i] == slab) {
			ref_node_remove(ref, i);
			ref_discard(ref, slab);
			return;
		}
	}
}

static void reference_run(enum kernel_variant variant, uint32_t size,
			  uint64_t steps)
{
	struct bed *bed = bed_new();
	struct ref *ref = calloc(1, sizeof(*ref));
	int *objects = calloc(LIVE_MAX, sizeof(int));
	uint32_t cache;
	const struct slub_params *params;

	expect_true(ref && objects);
	bed_make(bed, variant, 1, 1, 0);
	bed->seed = long_run_seed(size + (uint64_t)variant);
	cache = bed_cache(bed, size);
	params = slub_cache_params(bed->slub, cache);
	ref->objects = params->objs_per_slab;
	ref->min_partial = params->min_partial;
	ref->variant = variant;
	ref->cpu_slabs_max = params->cpu_partial_slabs;
	ref->cpu_objects_max = params->cpu_partial;
	ref->current = -1;
	expect_true(ref->objects <= REF_OBJECTS);
	for (uint64_t step = 0; step < steps; step++) {
		struct slab_counts counts;
		bool grow = draw(bed, 100) < (step / 4000 % 2 ? 35u : 65u);

		if (bed->count < LIVE_MAX && (grow || !bed->count)) {
			objects[bed->count] = ref_alloc(ref);
			assert_int_equal(bed_alloc(bed, cache, 0, -1), 0);
		} else {
			size_t i = draw(bed, (uint32_t)bed->count);

			ref_free(ref, objects[i]);
			objects[i] = objects[bed->count - 1];
			bed_free(bed, i, 0);
		}
		bed->slub->ops->counts(bed->slub, cache, &counts);
		expect_u64_eq(counts.slabs, (uint64_t)ref->slabs);
	}
	bed_check(bed);
	bed_end(bed);
	free(objects);
	free(ref);
	free(bed);
}

static void test_reference(void **state)
{
	static const uint32_t sizes[] = {64, 96, 256, 1024, 2688, 8192};
	enum { SIZES = sizeof(sizes) / sizeof(*sizes) };
	uint64_t steps = long_run_steps(STEPS) / (3 * SIZES);

	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		reference_run(VARIANT_5_15, sizes[i], steps);
		reference_run(VARIANT_6_1, sizes[i], steps);
		reference_run(VARIANT_6_12, sizes[i], steps);
	}
}

/*
 * Debug caches once more in the plainest way: the node's list is all there is.
 * Objects are numbered slab * REF_OBJECTS + n; only how many a slab has counts.
 */
struct debug_ref {
	uint32_t objects, min_partial;
	int inuse[REF_SLABS]; /* -1: no slab */
	int list[REF_LIST], count;
	int slabs;
};

static void debug_ref_drop(struct debug_ref *ref, int slab)
{
	int at = 0;

	while (at < ref->count && ref->list[at] != slab)
		at++;
	if (at == ref->count)
		return;
	memmove(&ref->list[at], &ref->list[at + 1],
		(size_t)(ref->count - at - 1) * sizeof(int));
	ref->count--;
}

static int debug_ref_alloc(struct debug_ref *ref)
{
	int slab = 0;

	if (ref->count) {
		slab = ref->list[0];
	} else {
		while (ref->inuse[slab] >= 0)
			slab++;
		ref->inuse[slab] = 0;
		ref->slabs++;
		ref->list[ref->count++] = slab;
	}
	if (++ref->inuse[slab] == (int)ref->objects)
		debug_ref_drop(ref, slab);
	return slab;
}

static void debug_ref_free(struct debug_ref *ref, int slab)
{
	bool full = ref->inuse[slab] == (int)ref->objects;

	ref->inuse[slab]--;
	if (!ref->inuse[slab] && ref->count >= (int)ref->min_partial) {
		debug_ref_drop(ref, slab);
		ref->inuse[slab] = -1;
		ref->slabs--;
	} else if (full) {
		ref->list[ref->count++] = slab;
	}
}

static void debug_reference_run(enum kernel_variant variant, uint32_t size,
				uint64_t steps)
{
	struct bed *bed = bed_new();
	struct debug_ref *ref = calloc(1, sizeof(*ref));
	int *slabs = calloc(LIVE_MAX, sizeof(int));
	const struct slub_params *params;
	uint32_t cache;

	if (!ref || !slabs)
		abort();
	memset(ref->inuse, -1, sizeof(ref->inuse));
	bed_make_debug(bed, variant, 1, 1, 0,
		       SLUB_DEBUG_POISON | SLUB_DEBUG_USER);
	bed->seed = long_run_seed(size + 1 + (uint64_t)variant);
	cache = bed_cache(bed, size);
	params = slub_cache_params(bed->slub, cache);
	expect_true(params->slab_size > size);
	ref->objects = params->objs_per_slab;
	ref->min_partial = params->min_partial;
	for (uint64_t step = 0; step < steps; step++) {
		struct slab_counts counts;
		bool grow = draw(bed, 100) < (step / 4000 % 2 ? 35u : 65u);

		if (bed->count < LIVE_MAX && (grow || !bed->count)) {
			slabs[bed->count] = debug_ref_alloc(ref);
			assert_int_equal(bed_alloc(bed, cache, 0, -1), 0);
		} else {
			size_t i = draw(bed, (uint32_t)bed->count);

			debug_ref_free(ref, slabs[i]);
			slabs[i] = slabs[bed->count - 1];
			bed_free(bed, i, 0);
		}
		bed->slub->ops->counts(bed->slub, cache, &counts);
		expect_u64_eq(counts.slabs, (uint64_t)ref->slabs);
	}
	bed_check(bed);
	bed_end(bed);
	free(slabs);
	free(ref);
	free(bed);
}

static void test_debug_reference(void **state)
{
	static const uint32_t sizes[] = {64, 256, 1024, 4096};
	enum { SIZES = sizeof(sizes) / sizeof(*sizes) };
	uint64_t steps = long_run_steps(STEPS) / (3 * SIZES);

	(void)state;
	for (size_t i = 0; i < SIZES; i++) {
		debug_reference_run(VARIANT_5_15, sizes[i], steps);
		debug_reference_run(VARIANT_6_1, sizes[i], steps);
		debug_reference_run(VARIANT_6_12, sizes[i], steps);
	}
}

/*
 * With nothing kept back (min_partial 0, no CPU partial list) all pages but
 * the CPU's own slab come back when all objects are freed.
 */
static void test_free_all(void **state)
{
	struct bed *bed = bed_new();
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
	bed_make(bed, VARIANT_6_12, 1, 1, 0);
	slab_model_destroy(bed->slub);
	config.pages = bed->pages;
	assert_int_equal(slub_create(&bed->slub, &config, &err), 0);
	cache = bed_cache(bed, 256);
	for (int i = 0; i < LIVE_MAX; i++)
		assert_int_equal(bed_alloc(bed, cache, 0, -1), 0);
	expect_u64_eq(page_endless_in_use(bed->pages), LIVE_MAX / 16);
	while (bed->count)
		bed_free(bed, draw(bed, (uint32_t)bed->count), 0);
	bed_check(bed);
	bed->slub->ops->counts(bed->slub, cache, &counts);
	expect_u64_eq(counts.objects, 0);
	/* The CPU slab, and the slab last freed on the CPU partial list. */
	expect_true(counts.slabs <= 2);
	expect_u64_eq(page_endless_in_use(bed->pages), counts.pages);
	bed_end(bed);
	free(bed);
}

/* A slab that cannot have its order takes the least one; then it fails. */
static void test_page_exhaustion(void **state)
{
	struct bed *bed = bed_new();
	uint32_t cache;
	int served = 0;

	(void)state;
	bed_make(bed, VARIANT_6_1, 1, 1, 11);
	cache = bed_cache(bed, 2048); /* order 2, least order 0 */
	while (!bed_alloc(bed, cache, 0, -1))
		served++;
	expect_i64_eq(served, 2 * 8 + 3 * 2);
	/* As in the kernel, the one that failed does not count. */
	expect_u64_eq(slub_stats(bed->slub)->order_fallback, 3);
	bed_check(bed);
	bed_free(bed, 0, 0);
	assert_int_equal(bed_alloc(bed, cache, 0, -1), 0);
	bed_check(bed);
	bed_end(bed);
	free(bed);
}

/* Slabs of the start are used and discarded as any other. */
static void test_start(void **state)
{
	struct bed *bed = bed_new();
	struct slab_start start = {.pfn = SLAB_PFN_UNKNOWN};
	struct slab_counts counts;
	uint64_t handles[3];

	(void)state;
	bed_make(bed, VARIANT_6_1, 1, 1, 0);
	start.cache = bed_cache(bed, 512); /* 8 in a slab */
	start.inuse = 8;
	assert_int_equal(bed->slub->ops->start(bed->slub, &start, &handles[0]),
			 0);
	start.inuse = 5;
	start.place = SLAB_CPU;
	assert_int_equal(bed->slub->ops->start(bed->slub, &start, &handles[1]),
			 0);
	assert_int_equal(bed->slub->ops->start(bed->slub, &start, &handles[2]),
			 ERR_USAGE);
	start.inuse = 9;
	start.place = SLAB_FULL;
	assert_int_equal(bed->slub->ops->start(bed->slub, &start, &handles[2]),
			 ERR_USAGE);
	for (int i = 0; i < 3; i++)
		assert_int_equal(bed_alloc(bed, start.cache, 0, -1), 0);
	bed->slub->ops->counts(bed->slub, start.cache, &counts);
	expect_u64_eq(counts.slabs, 2);
	expect_u64_eq(counts.objects, 16);
	bed->slub->ops->free(bed->slub, start.cache, handles[0], 0);
	/* The freed slot of the full slab is the next one. */
	assert_int_equal(bed_alloc(bed, start.cache, 0, -1), 0);
	bed->slub->ops->counts(bed->slub, start.cache, &counts);
	expect_u64_eq(counts.slabs, 2);
	assert_int_equal(bed_alloc(bed, start.cache, 0, -1), 0);
	bed->slub->ops->counts(bed->slub, start.cache, &counts);
	expect_u64_eq(counts.slabs, 3);
	bed_end(bed);
	free(bed);
}

/* A slab that is said to be partial and has no free object is not taken from. */
static void test_start_full_partial(void **state)
{
	struct bed *bed = bed_new();
	struct slab_start start = {
	    .pfn = SLAB_PFN_UNKNOWN, .place = SLAB_NODE_PARTIAL, .inuse = 8};
	struct slab_counts counts;
	struct err err = {0};
	uint64_t handle;

	(void)state;
	bed_make(bed, VARIANT_6_1, 1, 1, 0);
	start.cache = bed_cache(bed, 512); /* 8 in a slab */
	assert_int_equal(bed->slub->ops->start(bed->slub, &start, &handle), 0);
	start.place = SLAB_CPU_PARTIAL;
	assert_int_equal(bed->slub->ops->start(bed->slub, &start, &handle), 0);
	assert_int_equal(bed_alloc(bed, start.cache, 0, -1), 0);
	bed->slub->ops->counts(bed->slub, start.cache, &counts);
	expect_u64_eq(counts.slabs, 3);
	expect_u64_eq(counts.objects, 17);
	assert_int_equal(bed->slub->ops->check(bed->slub, &err), 0);
	bed_end(bed);
	free(bed);
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
	    cmocka_unit_test(test_reference),
	    cmocka_unit_test(test_debug_reference),
	    cmocka_unit_test(test_free_all),
	    cmocka_unit_test(test_page_exhaustion),
	    cmocka_unit_test(test_start),
	    cmocka_unit_test(test_start_full_partial),
	    cmocka_unit_test(test_bad_parameters),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
