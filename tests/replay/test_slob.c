/*
 * SLOB against a naive reference that keeps a map of units per page and plain
 * lists; plus what must hold whatever the reference says.
 */
#include "replay/slob.h"

#include <stdio.h>
#include <stdlib.h>

#include "replay/slob_state.h"
#include "tests/replay/slab_bed.h"
#include "tests/replay/slob_ref.h"
#include "tests/support/long_run.h"

enum { LIVE_MAX = 8000, CACHES = 8 };

/* Caches of all three lists, with alignments, a footer, and blocks. */
static const struct slab_cache_spec specs[CACHES] = {
    {.kmalloc = true},
    {.object_size = 40},
    {.object_size = 192, .align = 64},
    {.object_size = 250, .destroy_by_rcu = true},
    {.object_size = 720, .align = 8},
    {.object_size = 2080, .align = 64, .destroy_by_rcu = true},
    {.object_size = 4096},
    {.kmalloc = true, .reclaimable = true},
};

static struct slab_bed *bed_make(uint32_t page_size, uint32_t minalign,
				 uint64_t limit)
{
	struct slab_bed *bed = slab_bed_new(1, 1, limit);
	struct slob_config config = {
	    .env = {VARIANT_6_1, page_size, minalign, 8},
	    .nodes = 1,
	    .pages = bed->pages,
	    .memory = memory_libc(),
	};
	struct err err = {0};

	assert_int_equal(slob_create(&bed->slab, &config, &err), 0);
	for (uint32_t i = 0; i < CACHES; i++)
		expect_u64_eq(slab_bed_cache(bed, &specs[i]), i);
	return bed;
}

static uint32_t handle_page(uint64_t handle)
{
	return (uint32_t)(handle >> 32);
}

static int bed_alloc(struct slab_bed *bed, uint32_t cache, uint32_t bytes)
{
	return slab_bed_alloc(bed, cache, bytes, 0, -1);
}

static void bed_free(struct slab_bed *bed, size_t i)
{
	slab_bed_free(bed, i, 0);
}

/* True if the object lies in the heap, where it was compared. */
static bool reference_alloc(struct slab_bed *bed, struct slob_ref *ref,
			    uint32_t page_size, struct slob_place *place)
{
	uint32_t cache = slab_bed_draw(bed, CACHES), bytes = 0;
	const struct slab_cache_spec *spec = &specs[cache];

	if (spec->kmalloc && slab_bed_draw(bed, 3) == 0)
		bytes = 8u << slab_bed_draw(bed, 9);
	else if (spec->kmalloc)
		bytes = 1 + slab_bed_draw(
				bed, slab_bed_draw(bed, 8) ? 600 : page_size);
	assert_int_equal(bed_alloc(bed, cache, bytes), 0);
	if (!slob_ref_alloc(ref, spec, bytes ? bytes : spec->object_size,
			    place)) {
		place->page = UINT32_MAX;
		return false;
	}
	slob_ref_compare(ref, place, bed->live[bed->count - 1].handle);
	return true;
}

/* True if the object lay in the heap: the next ones show where it did. */
static bool reference_free(struct slab_bed *bed, struct slob_ref *ref,
			   struct slob_place *places)
{
	size_t i = slab_bed_draw(bed, (uint32_t)bed->count);
	struct slob_place gone = places[i];

	places[i] = places[bed->count - 1];
	bed_free(bed, i);
	if (gone.page == UINT32_MAX)
		return false;
	slob_ref_free(ref, &gone);
	return true;
}

/* Until so many operations on the heap were done; returns them. */
static uint64_t reference_run(uint32_t page_size, uint32_t unit,
			      uint32_t minalign, uint64_t operations)
{
	struct slab_bed *bed = bed_make(page_size, minalign, 0);
	struct slob_ref *ref = slob_ref_make(page_size, unit, minalign);
	struct slob_place *places = calloc(LIVE_MAX, sizeof(*places));
	struct slob_stats stats;
	uint64_t compared = 0;

	assert_non_null(places);
	bed->seed = long_run_seed(page_size + minalign);
	for (uint64_t step = 0; compared < operations; step++) {
		/* Waves, so that the heap grows and shrinks. */
		bool grow =
		    slab_bed_draw(bed, 1000) < (step / 4000 % 2 ? 350u : 650u);

		if (bed->count < LIVE_MAX && (grow || !bed->count))
			compared += reference_alloc(bed, ref, page_size,
						    &places[bed->count]);
		else
			compared += reference_free(bed, ref, places);
		if (step % 500 == 0)
			slab_bed_check(bed);
	}
	slob_stats(bed->slab, &stats);
	for (int i = 0; i < 3; i++)
		expect_u64_eq(stats.list_pages[i], slob_ref_pages(ref, i));
	while (bed->count)
		reference_free(bed, ref, places);
	slab_bed_check(bed);
	expect_u64_eq(page_endless_in_use(bed->pages), 0);
	expect_u64_eq(bed->slab->pages, 0);
	slob_stats(bed->slab, &stats);
	expect_u64_eq(stats.free_bytes, 0);
	expect_u64_eq(stats.runs, 0);
	slob_ref_end(ref);
	free(places);
	slab_bed_end(bed);
	return compared;
}

static void test_reference(void **state)
{
	uint64_t part = long_run_part(long_run_steps(72000), 6), compared;

	(void)state;
	compared = reference_run(4096, 2, 8, 3 * part);
	compared += reference_run(4096, 2, 128, 2 * part);
	compared += reference_run(65536, 4, 128, part);
	long_run_compared("SLOB with a map of units", compared);
}

static uint64_t run_digest(uint64_t seed)
{
	struct slab_bed *bed = bed_make(4096, 8, 0);
	uint64_t digest = 0;

	bed->seed = seed;
	for (int step = 0; step < 20000; step++) {
		if (bed->count < LIVE_MAX && slab_bed_draw(bed, 5) < 3)
			assert_int_equal(
			    bed_alloc(bed, slab_bed_draw(bed, CACHES),
				      1 + slab_bed_draw(bed, 3000)),
			    0);
		else if (bed->count)
			bed_free(bed, slab_bed_draw(bed, (uint32_t)bed->count));
		if (bed->count)
			digest = digest * 31 + bed->live[bed->count - 1].handle;
	}
	slab_bed_end(bed);
	return digest;
}

static void test_same_seed(void **state)
{
	(void)state;
	expect_u64_eq(run_digest(5), run_digest(5));
	expect_true(run_digest(5) != run_digest(6));
}

/* Without pages an allocation fails and leaves all as it was. */
static void test_no_pages(void **state)
{
	struct slab_bed *bed = bed_make(4096, 8, 3);
	int served = 0;

	(void)state;
	while (bed_alloc(bed, 4, 0) == 0)
		served++;
	expect_u64_eq((uint64_t)served, 15); /* 5 of 720 bytes in a page */
	assert_int_equal(bed_alloc(bed, 4, 0), ERR_NOMEM);
	assert_int_equal(bed_alloc(bed, 6, 0), ERR_NOMEM);
	slab_bed_check(bed);
	/* What is left of the pages serves its own list alone. */
	assert_int_equal(bed_alloc(bed, 0, 400), 0);
	assert_int_equal(bed_alloc(bed, 0, 100), ERR_NOMEM);
	bed_free(bed, 0);
	assert_int_equal(bed_alloc(bed, 4, 0), 0);
	while (bed->count)
		bed_free(bed, bed->count - 1);
	slab_bed_check(bed);
	expect_u64_eq(bed->slab->pages, 0);
	assert_int_equal(bed_alloc(bed, 6, 0), 0);
	expect_u64_eq(bed->slab->block_pages, 1);
	slab_bed_end(bed);
}

/* Memory for the books that ends after some calls. */
struct failing {
	struct memory libc;
	int left;
};

static void *failing_resize(void *context, void *old, size_t bytes)
{
	struct failing *failing = context;

	if (bytes && failing->left-- <= 0)
		return NULL;
	return failing->libc.resize(failing->libc.context, old, bytes);
}

static void test_no_memory(void **state)
{
	struct page_endless_config pages = {
	    .memory = memory_libc(), .nodes = 1, .cpus = 1};
	struct slob_config config = {.env = {VARIANT_6_1, 4096, 8, 8},
				     .nodes = 1};
	struct err err = {0};
	int failed = 0, served = 0;

	(void)state;
	assert_int_equal(page_endless_create(&config.pages, &pages), 0);
	for (int calls = 0; calls < 24; calls++) {
		struct failing failing = {memory_libc(), calls};
		struct slab_request request = {.bytes_req = 100, .node = -1};
		struct slab_model *slob;
		uint64_t handle;
		int ret;

		config.memory = (struct memory){failing_resize, &failing};
		ret = slob_create(&slob, &config, &err);
		if (ret) {
			assert_int_equal(ret, ERR_NOMEM);
			continue;
		}
		ret = slob->ops->cache_add(slob, &specs[0], &request.cache);
		for (int i = 0; !ret && i < 300; i++)
			ret = slob->ops->alloc(slob, &request, &handle);
		expect_true(!ret || ret == ERR_LIMIT || ret == ERR_NOMEM);
		failed += ret != 0;
		served += ret == 0;
		assert_int_equal(slob->ops->check(slob, &err), 0);
		slab_model_destroy(slob);
	}
	expect_true(failed >= 4 && served >= 4);
	page_model_destroy(config.pages);
}

/* A page of the start opens as it is told, and goes back when empty. */
static void test_start_page(void **state)
{
	struct slab_bed *bed = bed_make(4096, 8, 0);
	struct slob_stats stats;

	(void)state;
	for (uint64_t pfn = 100; pfn < 130; pfn += 10)
		assert_int_equal(slob_start_page(bed->slab, pfn, pfn), 0);
	expect_u64_eq(bed->slab->pages, 3);
	expect_true(!slob_start_free(bed->slab, 111, 0, 64, 0));
	expect_true(!slob_start_free(bed->slab, 110, 4090, 64, 0));
	expect_true(!slob_start_free(bed->slab, 110, 1, 64, 0));
	expect_true(slob_start_free(bed->slab, 110, 512, 64, 0));
	expect_true(!slob_start_free(bed->slab, 110, 512, 64, 0));
	expect_true(!slob_start_free(bed->slab, 110, 500, 64, 0));
	expect_true(!slob_start_free(bed->slab, 110, 480, 34, 0));
	slob_stats(bed->slab, &stats);
	expect_u64_eq(stats.list_pages[0], 1);
	expect_u64_eq(stats.free_bytes, 64);
	/* 40 bytes fit there, 40 more do not. */
	assert_int_equal(bed_alloc(bed, 1, 0), 0);
	expect_u64_eq(handle_page(bed->live[0].handle), 1);
	expect_true(!slob_start_free(bed->slab, 110, 512, 40, 0));
	expect_u64_eq(bed->slab->pages, 3);
	assert_int_equal(bed_alloc(bed, 1, 0), 0);
	expect_u64_eq(bed->slab->pages, 4);
	bed_free(bed, 0);
	expect_true(slob_start_free(bed->slab, 110, 0, 512, 0));
	expect_true(slob_start_free(bed->slab, 110, 576, 3520, 0));
	expect_u64_eq(bed->slab->pages, 3);
	/* The page model never gave it out. */
	expect_u64_eq(bed->slab->unplaced_pages, 1);
	expect_true(!slob_start_free(bed->slab, 110, 0, 64, 0));
	bed_free(bed, 0);
	expect_u64_eq(bed->slab->pages, 2);
	assert_int_equal(bed->slab->ops->check(bed->slab, &(struct err){0}), 0);
	slab_bed_end(bed);
}

/* Objects of the start share pages that the page model does not know. */
static void test_start_objects(void **state)
{
	struct slab_bed *bed = bed_make(4096, 8, 0);
	struct slob *slob = slob_of(bed->slab);
	struct slab_start start = {.cache = 4, .inuse = 6};
	uint64_t handle, block;

	(void)state;
	assert_int_equal(bed->slab->ops->start(bed->slab, &start, &handle), 0);
	expect_u64_eq(bed->slab->pages, 2);
	expect_u64_eq(page_endless_in_use(bed->pages), 0);
	assert_int_equal(slab_check_of(bed->slab), 0);
	expect_found(slab_check_of(bed->slab), slob->rows[0].count, right + 1);
	expect_found(slab_check_of(bed->slab), slob->rows[1].handle, 0);
	expect_found(slab_check_of(bed->slab), slob->batches[0].end, right + 1);
	for (int i = 0; i < 6; i++)
		bed->slab->ops->free(bed->slab, start.cache, handle, 0);
	expect_u64_eq(bed->slab->pages, 0);
	expect_u64_eq(bed->slab->unplaced_pages, 2);
	start = (struct slab_start){.cache = 6, .inuse = 2};
	assert_int_equal(bed->slab->ops->start(bed->slab, &start, &block), 0);
	expect_u64_eq(bed->slab->block_pages, 2);
	bed->slab->ops->free(bed->slab, start.cache, block, 0);
	assert_int_equal(slab_check_of(bed->slab), 0);
	bed->slab->ops->free(bed->slab, start.cache, block, 0);
	expect_u64_eq(bed->slab->block_pages, 0);
	start.inuse = 0;
	assert_int_equal(bed->slab->ops->start(bed->slab, &start, &handle),
			 ERR_USAGE);
	slab_bed_end(bed);
}

/* A start of objects of a cache: at once, and as if allocated one by one. */
static void start_both(struct slab_bed *bed, struct slab_bed *single,
		       struct slab_start start, uint64_t *batch,
		       uint64_t *singles)
{
	uint32_t count = start.inuse;

	assert_int_equal(bed->slab->ops->start(bed->slab, &start, batch), 0);
	start.inuse = 1;
	for (uint32_t i = 0; i < count; i++)
		assert_int_equal(
		    single->slab->ops->start(single->slab, &start, &singles[i]),
		    0);
}

/* Both serve alike what comes before, between and after. */
static void test_start_batches(void **state)
{
	enum { BATCHES = 64, OBJECTS = 60 };
	struct slab_bed *bed = bed_make(4096, 8, 0);
	struct slab_bed *single = bed_make(4096, 8, 0);
	struct slab_start starts[BATCHES] = {0};
	uint64_t batches[BATCHES] = {0}, singles[BATCHES][OBJECTS] = {{0}};
	uint32_t freed[BATCHES] = {0}, count = 0;

	(void)state;
	bed->seed = 7;
	for (int step = 0; step < 12000; step++) {
		uint32_t b = slab_bed_draw(bed, BATCHES), size;
		struct slab_start *start = &starts[b];

		if (count < BATCHES && slab_bed_draw(bed, 50) == 0) {
			starts[count] = (struct slab_start){
			    .cache = 1 + slab_bed_draw(bed, CACHES - 2),
			    .inuse = 1 + slab_bed_draw(bed, OBJECTS)};
			start_both(bed, single, starts[count], &batches[count],
				   singles[count]);
			count++;
		} else if (slab_bed_draw(bed, 3) == 0 && b < count &&
			   freed[b] < start->inuse) {
			bed->slab->ops->free(bed->slab, start->cache,
					     batches[b], 0);
			single->slab->ops->free(single->slab, start->cache,
						singles[b][freed[b]++], 0);
		} else if (slab_bed_draw(bed, 2) == 0 && bed->count) {
			b = slab_bed_draw(bed, (uint32_t)bed->count);
			bed_free(bed, b);
			bed_free(single, b);
		} else {
			size = 1 + slab_bed_draw(bed, 900);
			assert_int_equal(bed_alloc(bed, 0, size), 0);
			assert_int_equal(bed_alloc(single, 0, size), 0);
			expect_u64_eq(bed->live[bed->count - 1].handle,
				      single->live[bed->count - 1].handle);
		}
		expect_u64_eq(bed->slab->pages, single->slab->pages);
		if (step % 100 == 0)
			assert_int_equal(slab_check_of(bed->slab), 0);
	}
	expect_u64_eq(count, BATCHES);
	slab_bed_end(bed);
	slab_bed_end(single);
}

/*
 * Objects that together fill a page behind the head have turned the list to it
 * before: what comes next begins behind it.
 */
static void test_start_turns(void **state)
{
	(void)state;
	for (uint32_t together = 1; together <= 2; together++) {
		struct slab_bed *bed = bed_make(4096, 8, 0);
		struct slab_start start = {.cache = 4, .inuse = together};
		uint64_t handle;

		/* Three full pages: 5 times 720 bytes, and 488 with header. */
		for (int i = 0; i < 18; i++)
			assert_int_equal(bed_alloc(bed, i % 6 < 5 ? 4 : 0,
						   i % 6 < 5 ? 0 : 488),
					 0);
		expect_u64_eq(bed->slab->pages, 3);
		/* In the list: page 2, page 0 with room for two, page 1. */
		bed_free(bed, 11);
		bed_free(bed, 1);
		bed_free(bed, 0);
		bed_free(bed, 11);
		for (uint32_t i = 0; i < 2; i += together)
			assert_int_equal(
			    bed->slab->ops->start(bed->slab, &start, &handle),
			    0);
		assert_int_equal(bed_alloc(bed, 0, 488), 0);
		expect_u64_eq(handle_page(bed->live[bed->count - 1].handle), 1);
		expect_u64_eq(bed->slab->pages, 3);
		slab_bed_end(bed);
	}
}

/* Sizes and limits as mm/slob.c has them. */
static void test_sizes(void **state)
{
	struct slob_env env = {VARIANT_6_1, 4096, 8, 8};
	struct slob_env old = {VARIANT_5_15, 4096, 8, 8};
	struct slob_env arm = {VARIANT_6_1, 65536, 64, 4};
	struct slab_bed *bed = bed_make(4096, 8, 0);

	(void)state;
	expect_u64_eq(slob_cache_bytes(&env, 96, true), 120);
	expect_u64_eq(slob_cache_bytes(&env, 41, false), 42);
	expect_u64_eq(slob_cache_bytes(&env, 6000, false), 6000);
	expect_u64_eq(slob_cache_bytes(&old, 6000, false), 8192);
	expect_u64_eq(slob_cache_bytes(&old, 41, false), 42);
	expect_u64_eq(slob_cache_bytes(&arm, 41, true), 56);
	/* The largest kmalloc of the heap, and the first above. */
	assert_int_equal(bed_alloc(bed, 0, 4087), 0);
	expect_u64_eq(bed->slab->block_pages, 0);
	assert_int_equal(bed_alloc(bed, 0, 4088), 0);
	expect_u64_eq(bed->slab->block_pages, 1);
	assert_int_equal(bed_alloc(bed, 0, 40000), 0);
	expect_u64_eq(bed->slab->block_pages, 17);
	slab_bed_check(bed);
	slab_bed_end(bed);
}

/* What a kmalloc's header takes is the alignment that the machine wants. */
static void test_machines(void **state)
{
	static const struct {
		const char *machine;
		int major, minor;
		uint64_t minalign;
	} known[] = {
	    {"x86_64", 6, 1, 8},    {"aarch64", 6, 1, 128},
	    {"armv7l", 6, 1, 64},   {"armv6l", 6, 1, 32},
	    {"armv5tel", 6, 1, 32}, {"riscv64", 5, 15, 8},
	    {"riscv64", 6, 1, 64},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct capture_info info = {.version_major = known[i].major,
					    .version_minor = known[i].minor,
					    .page_size = 4096,
					    .slab_kind = SLAB_KIND_SLOB};

		snprintf(info.machine, sizeof(info.machine), "%s",
			 known[i].machine);
		expect_u64_eq(slob_env_of(&info).minalign, known[i].minalign);
	}
}

/* Nodes: a request for one takes no room of another. */
static void test_nodes(void **state)
{
	static const uint16_t cpu_node[] = {0, 1};
	struct page_endless_config pages = {.memory = memory_libc(),
					    .nodes = 2,
					    .cpus = 2,
					    .cpu_node = cpu_node};
	struct slob_config config = {.env = {VARIANT_6_1, 4096, 8, 8},
				     .nodes = 2,
				     .memory = memory_libc()};
	struct slab_request request = {.bytes_req = 100, .node = 0};
	struct slab_model *slob;
	struct err err = {0};
	uint64_t handles[3];

	(void)state;
	assert_int_equal(page_endless_create(&config.pages, &pages), 0);
	assert_int_equal(slob_create(&slob, &config, &err), 0);
	assert_int_equal(slob->ops->cache_add(slob, &specs[0], &request.cache),
			 0);
	assert_int_equal(slob->ops->alloc(slob, &request, &handles[0]), 0);
	request.node = 1;
	assert_int_equal(slob->ops->alloc(slob, &request, &handles[1]), 0);
	expect_u64_eq(slob->pages, 2);
	request.node = -1;
	assert_int_equal(slob->ops->alloc(slob, &request, &handles[2]), 0);
	/* The head of the list is the page used last. */
	expect_u64_eq(handle_page(handles[2]), handle_page(handles[1]));
	assert_int_equal(slob->ops->check(slob, &err), 0);
	slab_model_destroy(slob);
	page_model_destroy(config.pages);
}

static void test_bad_config(void **state)
{
	const struct slob_env env = {VARIANT_6_1, 4096, 8, 8};
	struct slab_bed *bed = bed_make(4096, 8, 0);
	struct slob_config config = {.env = env,
				     .nodes = 1,
				     .pages = bed->pages,
				     .memory = memory_libc()};
	struct slab_cache_spec spec = {.object_size = 8, .align = 24};
	struct slab_request request = {.cache = 0, .node = -1};
	struct slab_model *slob;
	struct err err = {0};
	uint64_t handle;
	uint32_t cache;

	(void)state;
	config.env.page_size = 5000;
	assert_int_equal(slob_create(&slob, &config, &err), ERR_LIMIT);
	config.env.page_size = 131072;
	assert_int_equal(slob_create(&slob, &config, &err), ERR_LIMIT);
	config.env = env;
	config.env.minalign = 0;
	assert_int_equal(slob_create(&slob, &config, &err), ERR_USAGE);
	config.env = env;
	config.nodes = 0;
	assert_int_equal(slob_create(&slob, &config, &err), ERR_USAGE);
	assert_int_equal(bed->slab->ops->cache_add(bed->slab, &spec, &cache),
			 ERR_LIMIT);
	spec.align = 8192;
	assert_int_equal(bed->slab->ops->cache_add(bed->slab, &spec, &cache),
			 ERR_LIMIT);
	/* kmalloc of 0 bytes never reaches the allocator. */
	assert_int_equal(bed->slab->ops->alloc(bed->slab, &request, &handle),
			 ERR_USAGE);
	slab_bed_check(bed);
	slab_bed_end(bed);
}

/* A counter that is wrong is found. */
static void test_check_fails(void **state)
{
	struct slab_bed *bed = bed_make(4096, 8, 0);
	struct slob *slob = slob_of(bed->slab);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(bed_alloc(bed, 0, 100), 0);
	assert_int_equal(bed_alloc(bed, 6, 0), 0);
	bed_free(bed, 0);
	expect_found(slab_check_of(bed->slab), bed->slab->pages, right + 1);
	expect_found(slab_check_of(bed->slab), bed->slab->block_pages,
		     right + 1);
	expect_found(slab_check_of(bed->slab), slob->heap_units, right - 1);
	expect_found(slab_check_of(bed->slab), slob->heap_objects, right + 1);
	expect_found(slab_check_of(bed->slab), slob->run_live, right + 1);
	expect_found(slab_check_of(bed->slab), slob->page_live, right - 1);
	expect_found(slab_check_of(bed->slab), slob->lists[0].head, RING_NONE);
	expect_found(slab_check_of(bed->slab), slob->pages[0].free, right + 1);
	expect_found(slab_check_of(bed->slab), slob->pages[0].largest,
		     right - 1);
	expect_found(slab_check_of(bed->slab), slob->pages[0].list, 1);
	expect_found(slab_check_of(bed->slab), slob->pages[0].runs, SLOB_NONE);
	expect_found(slab_check_of(bed->slab),
		     slob->runs[slob->pages[0].runs].len, 0);
	expect_found(slab_check_of(bed->slab),
		     slob->runs[slob->pages[0].runs].at, 2047);
	expect_found(slab_check_of(bed->slab), slob->nodes[0].room, 1);
	expect_found(slab_check_of(bed->slab), slob->nodes[0].parent, 0);
	expect_found(slab_check_of(bed->slab), slob->caches[0].blocks, 1);
	slab_bed_check(bed);
	slab_bed_end(bed);
}

/*
 * SLOB_BREAK1 and SLOB_BREAK2: below 256 bytes small, below 1024 medium, each
 * with the 8 bytes before a kmalloc.
 */
static void test_breaks(void **state)
{
	static const struct {
		uint32_t bytes;
		int list;
	} cases[] = {{246, 0}, {248, 1}, {1014, 1}, {1016, 2}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct slab_bed *bed = bed_make(4096, 8, 0);
		struct slob_stats stats;

		assert_int_equal(bed_alloc(bed, 0, cases[i].bytes), 0);
		slob_stats(bed->slab, &stats);
		for (int list = 0; list < 3; list++)
			expect_u64_eq(stats.list_pages[list],
				      list == cases[i].list);
		slab_bed_end(bed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reference),
	    cmocka_unit_test(test_same_seed),
	    cmocka_unit_test(test_no_pages),
	    cmocka_unit_test(test_no_memory),
	    cmocka_unit_test(test_start_page),
	    cmocka_unit_test(test_start_objects),
	    cmocka_unit_test(test_start_batches),
	    cmocka_unit_test(test_start_turns),
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_machines),
	    cmocka_unit_test(test_nodes),
	    cmocka_unit_test(test_bad_config),
	    cmocka_unit_test(test_check_fails),
	    cmocka_unit_test(test_breaks),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
