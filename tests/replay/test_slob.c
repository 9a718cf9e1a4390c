/*
 * SLOB against a naive reference that keeps a map of units per page and plain
 * lists, and looks at everything in turn as the kernel does; plus what must
 * hold whatever the reference says.
 */
#include "replay/slob.h"

#include <stdlib.h>
#include <string.h>

#include "replay/slob_state.h"
#include "tests/replay/slab_bed.h"
#include "tests/support/long_run.h"

enum {
	LIVE_MAX = 8000,
	PAGES_MAX = 20000,
	UNITS_MAX = 16384,
	CACHES = 8,
};

struct object {
	uint64_t handle;
	uint32_t cache, page, at, bytes; /* page of the reference */
};

struct bed {
	struct page_model *pages;
	struct slab_model *slob;
	struct slob_env env;
	uint32_t caches[CACHES];
	uint64_t seed;
	struct object live[LIVE_MAX];
	size_t count;
};

static uint32_t draw(struct bed *bed, uint32_t below)
{
	bed->seed = bed->seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)((bed->seed >> 33) % below);
}

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

static struct bed *bed_make(uint32_t page_size, uint32_t minalign,
			    uint64_t limit)
{
	struct bed *bed = calloc(1, sizeof(*bed));
	struct page_endless_config pages = {.memory = memory_libc(),
					    .nodes = 1,
					    .cpus = 1,
					    .limit_pages = limit};
	struct slob_config config = {
	    .env = {VARIANT_6_1, page_size, minalign, 8},
	    .nodes = 1,
	    .memory = memory_libc(),
	};
	struct err err = {0};

	if (!bed)
		abort();
	bed->seed = 11;
	bed->env = config.env;
	assert_int_equal(page_endless_create(&bed->pages, &pages), 0);
	config.pages = bed->pages;
	assert_int_equal(slob_create(&bed->slob, &config, &err), 0);
	for (int i = 0; i < CACHES; i++)
		assert_int_equal(bed->slob->ops->cache_add(bed->slob, &specs[i],
							   &bed->caches[i]),
				 0);
	return bed;
}

static void bed_check(const struct bed *bed)
{
	struct err err = {0};

	if (bed->slob->ops->check(bed->slob, &err)) {
		print_error("%s\n", err.text);
		fail();
	}
	expect_u64_eq(page_endless_in_use(bed->pages),
		      bed->slob->pages + bed->slob->block_pages);
}

static void bed_end(struct bed *bed)
{
	slab_model_destroy(bed->slob);
	page_model_destroy(bed->pages);
	free(bed);
}

/* Leaves the object at the end of live. */
static int bed_alloc(struct bed *bed, uint32_t cache, uint32_t bytes)
{
	struct slab_request request = {
	    .cache = bed->caches[cache], .bytes_req = bytes, .node = -1};
	struct object *object = &bed->live[bed->count];
	int ret = bed->slob->ops->alloc(bed->slob, &request, &object->handle);

	object->cache = cache;
	bed->count += !ret;
	return ret;
}

static void bed_free(struct bed *bed, size_t i)
{
	struct object gone = bed->live[i];

	bed->live[i] = bed->live[--bed->count];
	bed->slob->ops->free(bed->slob, bed->caches[gone.cache], gone.handle,
			     0);
}

static uint32_t handle_page(uint64_t handle)
{
	return (uint32_t)(handle >> 32);
}

/* ---- The reference ---- */

struct ref_page {
	bool used, listed;
	int list;
	uint32_t free;
	uint32_t model;		/* page number in the model */
	uint8_t map[UNITS_MAX]; /* 1: in use */
};

struct ref {
	uint32_t unit, units;
	struct ref_page **pages;
	uint32_t lists[3][PAGES_MAX], length[3];
};

static struct ref *ref_make(uint32_t page_size, uint32_t unit)
{
	struct ref *ref = calloc(1, sizeof(*ref));

	if (ref)
		ref->pages = calloc(PAGES_MAX, sizeof(struct ref_page *));
	if (!ref || !ref->pages)
		abort();
	ref->unit = unit;
	ref->units = page_size / unit;
	return ref;
}

static void ref_end(struct ref *ref)
{
	for (int p = 0; p < PAGES_MAX; p++)
		free(ref->pages[p]);
	free(ref->pages);
	free(ref);
}

static void ref_push(struct ref *ref, int list, uint32_t page)
{
	memmove(&ref->lists[list][1], &ref->lists[list][0],
		ref->length[list] * sizeof(uint32_t));
	ref->lists[list][0] = page;
	ref->length[list]++;
	ref->pages[page]->list = list;
	ref->pages[page]->listed = true;
}

static void ref_drop(struct ref *ref, uint32_t page)
{
	int list = ref->pages[page]->list;
	uint32_t i = 0;

	while (ref->lists[list][i] != page)
		i++;
	memmove(&ref->lists[list][i], &ref->lists[list][i + 1],
		(ref->length[list] - i - 1) * sizeof(uint32_t));
	ref->length[list]--;
	ref->pages[page]->listed = false;
}

static void ref_turn(struct ref *ref, int list, uint32_t first)
{
	uint32_t n = ref->length[list], *turned = calloc(n, sizeof(*turned));

	if (!turned)
		abort();
	for (uint32_t i = 0; i < n; i++)
		turned[i] = ref->lists[list][(first + i) % n];
	memcpy(ref->lists[list], turned, n * sizeof(*turned));
	free(turned);
}

static int ref_list_of(uint32_t bytes)
{
	return bytes < 256 ? 0 : bytes < 1024 ? 1 : 2;
}

/*
 * The first place from the begin of the first free run that fits: alignment
 * is counted from the begin of a run, and only one place per run is tried.
 */
static int ref_place(const struct ref *ref, const struct ref_page *page,
		     uint32_t units, uint32_t align, uint32_t offset)
{
	for (uint32_t at = 0; at < ref->units; at++) {
		uint32_t end = at, start = at;

		if (page->map[at])
			continue;
		while (end < ref->units && !page->map[end])
			end++;
		while ((start * ref->unit + offset) % align)
			start++;
		if (start + units <= end)
			return (int)start;
		at = end;
	}
	return -1;
}

static uint32_t ref_new_page(struct ref *ref)
{
	uint32_t p = 0;

	while (ref->pages[p] && ref->pages[p]->used)
		p++;
	if (!ref->pages[p])
		ref->pages[p] = malloc(sizeof(struct ref_page));
	if (!ref->pages[p])
		abort();
	memset(ref->pages[p], 0, sizeof(struct ref_page));
	ref->pages[p]->used = true;
	ref->pages[p]->free = ref->units;
	ref->pages[p]->model = UINT32_MAX;
	return p;
}

static void ref_alloc(struct ref *ref, uint32_t bytes, uint32_t align,
		      uint32_t offset, struct object *object)
{
	int list = ref_list_of(bytes), at = -1;
	uint32_t units = (bytes + ref->unit - 1) / ref->unit, p = 0, i;
	struct ref_page *page;

	for (i = 0; i < ref->length[list] && at < 0; i++) {
		p = ref->lists[list][i];
		if (ref->pages[p]->free >= units)
			at =
			    ref_place(ref, ref->pages[p], units, align, offset);
	}
	if (at < 0) {
		p = ref_new_page(ref);
		ref_push(ref, list, p);
		i = 1;
		at = ref_place(ref, ref->pages[p], units, align, offset);
	}
	page = ref->pages[p];
	memset(page->map + at, 1, units);
	page->free -= units;
	if (page->free)
		ref_turn(ref, list, i - 1);
	else
		ref_drop(ref, p);
	object->page = p;
	object->at = (uint32_t)at;
	object->bytes = bytes;
}

static void ref_free(struct ref *ref, const struct object *object)
{
	struct ref_page *page = ref->pages[object->page];
	uint32_t units = (object->bytes + ref->unit - 1) / ref->unit;

	memset(page->map + object->at, 0, units);
	page->free += units;
	if (page->free == ref->units) {
		if (page->listed)
			ref_drop(ref, object->page);
		page->used = false;
	} else if (!page->listed) {
		ref_push(ref, ref_list_of(object->bytes), object->page);
	}
}

/* What the kernel's front ends make of a request; false: pages of its own. */
static bool ref_request(const struct bed *bed, struct ref *ref, uint32_t cache,
			uint32_t bytes, struct object *object)
{
	const struct slab_cache_spec *spec = &specs[cache];
	uint32_t minalign = bed->env.minalign, align = minalign;

	if (spec->kmalloc) {
		if (bytes >= bed->env.page_size - minalign)
			return false;
		if (!(bytes & (bytes - 1)) && bytes > align)
			align = bytes;
		ref_alloc(ref, bytes + minalign, align, minalign, object);
		return true;
	}
	bytes += spec->destroy_by_rcu ? 24 : 0;
	bytes += bytes % ref->unit ? ref->unit - bytes % ref->unit : 0;
	if (bytes >= bed->env.page_size)
		return false;
	ref_alloc(ref, bytes, spec->align ? spec->align : 8, 0, object);
	return true;
}

/* The same page and the same place in it. */
static void ref_compare(struct ref *ref, const struct object *object)
{
	struct ref_page *page = ref->pages[object->page];

	if (page->model == UINT32_MAX)
		page->model = handle_page(object->handle);
	expect_u64_eq(handle_page(object->handle), page->model);
	expect_u64_eq(object->handle >> 16 & 0xffff, object->at);
}

static void reference_alloc(struct bed *bed, struct ref *ref)
{
	uint32_t cache = draw(bed, CACHES), bytes = 0;
	struct object *object = &bed->live[bed->count];

	if (specs[cache].kmalloc && draw(bed, 3) == 0)
		bytes = 8u << draw(bed, 9);
	else if (specs[cache].kmalloc)
		bytes = 1 + draw(bed, draw(bed, 8) ? 600 : bed->env.page_size);
	object->bytes = 0;
	assert_int_equal(bed_alloc(bed, cache, bytes), 0);
	if (ref_request(bed, ref, cache,
			bytes ? bytes : specs[cache].object_size, object))
		ref_compare(ref, object);
	else
		object->page = UINT32_MAX;
}

static void reference_free(struct bed *bed, struct ref *ref)
{
	size_t i = draw(bed, (uint32_t)bed->count);
	struct object gone = bed->live[i];

	bed_free(bed, i);
	if (gone.page != UINT32_MAX)
		ref_free(ref, &gone);
}

static void reference_run(uint32_t page_size, uint32_t unit, uint32_t minalign,
			  uint64_t steps)
{
	struct bed *bed = bed_make(page_size, minalign, 0);
	struct ref *ref = ref_make(page_size, unit);
	struct slob_stats stats;

	bed->seed = long_run_seed(page_size + minalign);
	for (uint64_t step = 0; step < steps; step++) {
		/* Waves, so that the heap grows and shrinks. */
		bool grow = draw(bed, 1000) < (step / 4000 % 2 ? 350u : 650u);

		if (bed->count < LIVE_MAX && (grow || !bed->count))
			reference_alloc(bed, ref);
		else
			reference_free(bed, ref);
		if (step % 500 == 0)
			bed_check(bed);
	}
	slob_stats(bed->slob, &stats);
	for (int i = 0; i < 3; i++)
		expect_u64_eq(stats.list_pages[i], ref->length[i]);
	while (bed->count)
		reference_free(bed, ref);
	bed_check(bed);
	expect_u64_eq(page_endless_in_use(bed->pages), 0);
	expect_u64_eq(bed->slob->pages, 0);
	slob_stats(bed->slob, &stats);
	expect_u64_eq(stats.free_bytes, 0);
	expect_u64_eq(stats.runs, 0);
	ref_end(ref);
	bed_end(bed);
}

static void test_reference(void **state)
{
	uint64_t steps = long_run_steps(72000) / 6;

	(void)state;
	reference_run(4096, 2, 8, 3 * steps);
	reference_run(4096, 2, 128, 2 * steps);
	reference_run(65536, 4, 128, steps);
}

/* ---- Without the reference ---- */

static uint64_t run_digest(uint64_t seed)
{
	struct bed *bed = bed_make(4096, 8, 0);
	uint64_t digest = 0;

	bed->seed = seed;
	for (int step = 0; step < 20000; step++) {
		if (bed->count < LIVE_MAX && draw(bed, 5) < 3)
			assert_int_equal(bed_alloc(bed, draw(bed, CACHES),
						   1 + draw(bed, 3000)),
					 0);
		else if (bed->count)
			bed_free(bed, draw(bed, (uint32_t)bed->count));
		if (bed->count)
			digest = digest * 31 + bed->live[bed->count - 1].handle;
	}
	bed_end(bed);
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
	struct bed *bed = bed_make(4096, 8, 3);
	int served = 0;

	(void)state;
	while (bed_alloc(bed, 4, 0) == 0)
		served++;
	expect_u64_eq((uint64_t)served, 15); /* 5 of 720 bytes in a page */
	assert_int_equal(bed_alloc(bed, 4, 0), ERR_NOMEM);
	assert_int_equal(bed_alloc(bed, 6, 0), ERR_NOMEM);
	bed_check(bed);
	/* What is left of the pages serves its own list alone. */
	assert_int_equal(bed_alloc(bed, 0, 400), 0);
	assert_int_equal(bed_alloc(bed, 0, 100), ERR_NOMEM);
	bed_free(bed, 0);
	assert_int_equal(bed_alloc(bed, 4, 0), 0);
	while (bed->count)
		bed_free(bed, bed->count - 1);
	bed_check(bed);
	expect_u64_eq(bed->slob->pages, 0);
	assert_int_equal(bed_alloc(bed, 6, 0), 0);
	expect_u64_eq(bed->slob->block_pages, 1);
	bed_end(bed);
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
	struct bed *bed = bed_make(4096, 8, 0);
	struct slob_stats stats;

	(void)state;
	for (uint64_t pfn = 100; pfn < 130; pfn += 10)
		assert_int_equal(slob_start_page(bed->slob, pfn, pfn), 0);
	expect_u64_eq(bed->slob->pages, 3);
	expect_true(!slob_start_free(bed->slob, 111, 0, 64, 0));
	expect_true(!slob_start_free(bed->slob, 110, 4090, 64, 0));
	expect_true(!slob_start_free(bed->slob, 110, 1, 64, 0));
	expect_true(slob_start_free(bed->slob, 110, 512, 64, 0));
	expect_true(!slob_start_free(bed->slob, 110, 512, 64, 0));
	expect_true(!slob_start_free(bed->slob, 110, 500, 64, 0));
	expect_true(!slob_start_free(bed->slob, 110, 480, 34, 0));
	slob_stats(bed->slob, &stats);
	expect_u64_eq(stats.list_pages[0], 1);
	expect_u64_eq(stats.free_bytes, 64);
	/* 40 bytes fit there, 40 more do not. */
	assert_int_equal(bed_alloc(bed, 1, 0), 0);
	expect_u64_eq(handle_page(bed->live[0].handle), 1);
	expect_true(!slob_start_free(bed->slob, 110, 512, 40, 0));
	expect_u64_eq(bed->slob->pages, 3);
	assert_int_equal(bed_alloc(bed, 1, 0), 0);
	expect_u64_eq(bed->slob->pages, 4);
	bed_free(bed, 0);
	expect_true(slob_start_free(bed->slob, 110, 0, 512, 0));
	expect_true(slob_start_free(bed->slob, 110, 576, 3520, 0));
	expect_u64_eq(bed->slob->pages, 3);
	/* The page model never gave it out. */
	expect_u64_eq(bed->slob->unplaced_pages, 1);
	expect_true(!slob_start_free(bed->slob, 110, 0, 64, 0));
	bed_free(bed, 0);
	expect_u64_eq(bed->slob->pages, 2);
	assert_int_equal(bed->slob->ops->check(bed->slob, &(struct err){0}), 0);
	bed_end(bed);
}

/* Objects of the start share pages that the page model does not know. */
static void test_start_objects(void **state)
{
	struct bed *bed = bed_make(4096, 8, 0);
	struct slab_start start = {.cache = bed->caches[4], .inuse = 1};
	uint64_t handles[6];

	(void)state;
	for (int i = 0; i < 6; i++)
		assert_int_equal(
		    bed->slob->ops->start(bed->slob, &start, &handles[i]), 0);
	expect_u64_eq(bed->slob->pages, 2);
	expect_u64_eq(page_endless_in_use(bed->pages), 0);
	for (int i = 0; i < 6; i++)
		bed->slob->ops->free(bed->slob, start.cache, handles[i], 0);
	expect_u64_eq(bed->slob->pages, 0);
	expect_u64_eq(bed->slob->unplaced_pages, 2);
	start.inuse = 2;
	assert_int_equal(bed->slob->ops->start(bed->slob, &start, &handles[0]),
			 ERR_USAGE);
	bed_end(bed);
}

/* Sizes and limits as mm/slob.c has them. */
static void test_sizes(void **state)
{
	struct slob_env env = {VARIANT_6_1, 4096, 8, 8};
	struct slob_env old = {VARIANT_5_15, 4096, 8, 8};
	struct slob_env arm = {VARIANT_6_1, 65536, 64, 4};
	struct bed *bed = bed_make(4096, 8, 0);

	(void)state;
	expect_u64_eq(slob_cache_bytes(&env, 96, true), 120);
	expect_u64_eq(slob_cache_bytes(&env, 41, false), 42);
	expect_u64_eq(slob_cache_bytes(&env, 6000, false), 6000);
	expect_u64_eq(slob_cache_bytes(&old, 6000, false), 8192);
	expect_u64_eq(slob_cache_bytes(&old, 41, false), 42);
	expect_u64_eq(slob_cache_bytes(&arm, 41, true), 56);
	/* The largest kmalloc of the heap, and the first above. */
	assert_int_equal(bed_alloc(bed, 0, 4087), 0);
	expect_u64_eq(bed->slob->block_pages, 0);
	assert_int_equal(bed_alloc(bed, 0, 4088), 0);
	expect_u64_eq(bed->slob->block_pages, 1);
	assert_int_equal(bed_alloc(bed, 0, 40000), 0);
	expect_u64_eq(bed->slob->block_pages, 17);
	bed_check(bed);
	bed_end(bed);
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
	struct bed *bed = bed_make(4096, 8, 0);
	struct slob_config config = {.env = bed->env,
				     .nodes = 1,
				     .pages = bed->pages,
				     .memory = memory_libc()};
	struct slab_cache_spec spec = {.object_size = 8, .align = 24};
	struct slab_request request = {.cache = bed->caches[0], .node = -1};
	struct slab_model *slob;
	struct err err = {0};
	uint64_t handle;
	uint32_t cache;

	(void)state;
	config.env.page_size = 5000;
	assert_int_equal(slob_create(&slob, &config, &err), ERR_LIMIT);
	config.env.page_size = 131072;
	assert_int_equal(slob_create(&slob, &config, &err), ERR_LIMIT);
	config.env = bed->env;
	config.env.minalign = 0;
	assert_int_equal(slob_create(&slob, &config, &err), ERR_USAGE);
	config.env = bed->env;
	config.nodes = 0;
	assert_int_equal(slob_create(&slob, &config, &err), ERR_USAGE);
	assert_int_equal(bed->slob->ops->cache_add(bed->slob, &spec, &cache),
			 ERR_LIMIT);
	spec.align = 8192;
	assert_int_equal(bed->slob->ops->cache_add(bed->slob, &spec, &cache),
			 ERR_LIMIT);
	/* kmalloc of 0 bytes never reaches the allocator. */
	assert_int_equal(bed->slob->ops->alloc(bed->slob, &request, &handle),
			 ERR_USAGE);
	bed_check(bed);
	bed_end(bed);
}

/* A counter that is wrong is found. */
static void test_check_fails(void **state)
{
	struct bed *bed = bed_make(4096, 8, 0);
	struct slob *slob = slob_of(bed->slob);

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(bed_alloc(bed, 0, 100), 0);
	assert_int_equal(bed_alloc(bed, 6, 0), 0);
	bed_free(bed, 0);
	expect_found(slab_check_of(bed->slob), bed->slob->pages, right + 1);
	expect_found(slab_check_of(bed->slob), bed->slob->block_pages,
		     right + 1);
	expect_found(slab_check_of(bed->slob), slob->heap_units, right - 1);
	expect_found(slab_check_of(bed->slob), slob->heap_objects, right + 1);
	expect_found(slab_check_of(bed->slob), slob->run_live, right + 1);
	expect_found(slab_check_of(bed->slob), slob->page_live, right - 1);
	expect_found(slab_check_of(bed->slob), slob->lists[0], RING_NONE);
	expect_found(slab_check_of(bed->slob), slob->pages[0].free, right + 1);
	expect_found(slab_check_of(bed->slob), slob->pages[0].largest,
		     right - 1);
	expect_found(slab_check_of(bed->slob), slob->pages[0].list, 1);
	expect_found(slab_check_of(bed->slob), slob->pages[0].runs, SLOB_NONE);
	expect_found(slab_check_of(bed->slob),
		     slob->runs[slob->pages[0].runs].len, 0);
	expect_found(slab_check_of(bed->slob),
		     slob->runs[slob->pages[0].runs].at, 2047);
	expect_found(slab_check_of(bed->slob), slob->nodes[0].room, 1);
	expect_found(slab_check_of(bed->slob), slob->nodes[0].parent, 0);
	expect_found(slab_check_of(bed->slob), slob->caches[0].blocks, 1);
	bed_check(bed);
	bed_end(bed);
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
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_nodes),
	    cmocka_unit_test(test_bad_config),
	    cmocka_unit_test(test_check_fails),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
