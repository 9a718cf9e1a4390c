/*
 * Whatever the numbers: an error code with its reason, or something that works
 * and passes its check. Numbers are drawn from those that are likely to be
 * wrong; most machines and caches made of them cannot be, the others are used.
 * A sanitizer sees what is read or written beside.
 */
#include "tests/replay/page_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "replay/page_endless.h"
#include "replay/page_limits.h"
#include "replay/slab.h"
#include "replay/slob.h"
#include "replay/slub.h"
#include "replay/vmalloc.h"
#include "tests/support/long_run.h"

enum { MACHINES = 3000, MACHINE_BYTES = 1 << 20, CALLS = 60, ZONES = 5 };

/* A number near a power of two, a small one, or one out of all. */
static uint64_t wild(uint64_t *random)
{
	uint64_t r = fixture_random(random);

	switch (r & 7) {
	case 0:
		return UINT64_MAX - (r >> 60);
	case 1:
	case 2:
		return (UINT64_C(1) << (r >> 8 & 63)) + (r >> 20 & 3) - 2;
	case 3:
		return fixture_random(random);
	default:
		return r >> 32 & 15;
	}
}

/* In most cases a usual number, so that not all is refused for another. */
static uint64_t mostly(uint64_t usual, uint64_t *random)
{
	return fixture_random(random) % 8 ? usual : wild(random);
}

static void expect_reason(int ret, const struct err *err)
{
	expect_true(ret < 0);
	expect_true(err->text[0]);
}

/* ---- Page allocator ---- */

static void machine_draw(struct page_fixture *fix, uint64_t *random)
{
	struct page_alloc_config *config = &fix->config;

	fixture_init(fix, mostly(2048, random));
	config->version =
	    (enum page_version)mostly(*random % PAGE_VERSIONS, random);
	config->max_order = (uint32_t)mostly(10, random);
	config->pageblock_order = (uint32_t)mostly(9, random);
	config->thp_order = (uint32_t)mostly(9, random);
	config->cpu_count = (uint32_t)mostly(*random & 3, random);
	/* The array is the caller's: as long as the number of CPUs says. */
	config->cpu_node = NULL;
	if (config->cpu_count <= 8 && *random & 16) {
		config->cpu_node = fix->cpu_node;
		for (int cpu = 0; cpu < 8; cpu++)
			fix->cpu_node[cpu] = (uint16_t)mostly(0, random);
	}
	config->watermark_boost_factor = (uint32_t)mostly(15000, random);
	config->zone_count = (uint32_t)(*random >> 40) % (ZONES + 1);
	for (uint32_t i = 0; i < ZONES; i++)
		fix->zones[i] = (struct page_zone_config){
		    .node = (uint32_t)mostly(0, random),
		    .kind = (enum page_zone_kind)mostly(i, random),
		    .start_pfn = mostly(i * 4096, random),
		    .spanned = mostly(3000, random),
		    .managed = mostly(3000, random),
		    .wmark_min = mostly(20, random),
		    .wmark_low = mostly(25, random),
		    .wmark_high = mostly(30, random),
		    .boost = mostly(0, random),
		    .lowmem_reserve = {0, mostly(9, random), 9, 9, 9},
		    .pcp_batch = (uint32_t)mostly(4, random),
		    .pcp_high_min = (uint32_t)mostly(16, random),
		    .pcp_high_max = (uint32_t)mostly(64, random)};
}

/* One call with numbers as they come; what it says is its own affair. */
static int call_draw(struct page_alloc *pa, uint64_t *random)
{
	uint64_t pfn = mostly(*random % 16384, random), out, pages;
	uint32_t order = (uint32_t)mostly(*random % 4, random), got;
	uint32_t cpu = (uint32_t)mostly(0, random);
	int type = (int)mostly(*random % PAGE_PCPTYPES, random);
	struct page_request req = {
	    .order = order,
	    .migratetype = (enum page_migratetype)type,
	    .zone = (enum page_zone_kind)mostly(PAGE_ZONE_MOVABLE, random),
	    .flags = (uint32_t)mostly(0, random),
	    .cpu = cpu,
	    .node = (int32_t)mostly(UINT32_MAX, random),
	    .nodemask = mostly(0, random)};

	switch (fixture_random(random) % 14) {
	case 0:
		return page_free(pa, pfn, order, cpu);
	case 1:
		return page_take(pa, pfn, order, type, &pages);
	case 2:
		return page_put(pa, pfn, order, type, &pages);
	case 3:
		return page_isolate(pa, pfn, &got);
	case 4:
		return page_block_set_type(pa, pfn, type, *random & 1);
	case 5:
		return page_alloc_seed_free(pa, pfn, order, type);
	case 6:
		return page_alloc_seed_pcp(pa, pfn, order, type, cpu);
	case 7:
		return page_fell_back(pa, pfn, order, type, *random & 1);
	case 8:
		return page_move_free(pa, pfn, type);
	case 9:
		page_pcp_tick(pa, cpu);
		return page_peek(pa, order, order, type, &out, &got);
	default:
		return page_alloc_pages(pa, &req, &out);
	}
}

/* True if the machine can be; then it has been used. */
static bool machine_try(struct page_fixture *fix, uint64_t *random)
{
	struct err err = {0};
	size_t size;

	machine_draw(fix, random);
	size = page_alloc_meta_size(&fix->config);
	if (!size) {
		char none[64];

		expect_reason(page_alloc_init(&fix->pa, &fix->config, none,
					      sizeof(none), &err),
			      &err);
		return false;
	}
	if (size > MACHINE_BYTES)
		return false;
	/* A byte too few is said, and not one more than asked for is used. */
	fix->mem = malloc(size);
	expect_true(fix->mem != NULL);
	expect_reason(
	    page_alloc_init(&fix->pa, &fix->config, fix->mem, size - 1, &err),
	    &err);
	expect_i64_eq(
	    page_alloc_init(&fix->pa, &fix->config, fix->mem, size, &err), 0);
	for (int i = 0; i < CALLS; i++)
		expect_true(call_draw(fix->pa, random) <= 1);
	fixture_check(fix);
	fixture_free(fix);
	return true;
}

static void page_allocator(void **state)
{
	uint64_t random = long_run_seed(1), used = 0;

	(void)state;
	for (int i = 0; i < MACHINES; i++) {
		struct page_fixture fix;

		used += machine_try(&fix, &random);
	}
	print_message("%u of %d machines can be\n", (unsigned int)used,
		      MACHINES);
	expect_true(used > MACHINES / 50 && used < MACHINES);
}

static void limits(void **state)
{
	uint64_t random = long_run_seed(2);

	(void)state;
	for (int i = 0; i < MACHINES; i++) {
		struct page_fixture fix;
		struct page_limits limits = page_limits_default(
		    (enum page_version)mostly(1, &random),
		    mostly(4096, &random), (uint32_t)mostly(2, &random));
		struct err err = {0};
		int ret;

		machine_draw(&fix, &random);
		limits.min_free_kbytes = mostly(5000, &random);
		limits.watermark_scale_factor = (uint32_t)mostly(10, &random);
		limits.high_fraction = (uint32_t)mostly(0, &random);
		ret = page_limits_set(&limits, fix.zones, ZONES, &err);
		if (ret)
			expect_reason(ret, &err);
	}
}

/* ---- Slab allocators ---- */

/* Books of usual sizes only, so that a machine of a billion CPUs fails. */
static void *resize(void *context, void *old, size_t bytes)
{
	(void)context;
	if (!bytes) {
		free(old);
		return NULL;
	}
	return bytes > MACHINE_BYTES ? NULL : realloc(old, bytes);
}

static const struct memory memory = {.resize = resize};

struct drawn {
	uint32_t page_size, word_size, cpus, nodes, order_count, max_order;
	uint32_t variant, size;
	struct page_model *pages;
};

static int slub_draw(struct slab_model **model, const struct drawn *d,
		     uint64_t *random, struct err *err)
{
	struct slub_config config = {
	    .env = slub_env_default((enum kernel_variant)d->variant,
				    d->page_size, d->cpus),
	    .nodes = d->nodes,
	    .pages = d->pages,
	    .memory = memory,
	    .use_captured_order = *random & 1,
	    .cpu_partial = (uint32_t)mostly(SLUB_UNSET, random),
	    .min_partial = (uint32_t)mostly(SLUB_UNSET, random),
	    .debug = (uint32_t)mostly(SLUB_UNSET, random)};

	config.env.word_size = d->word_size;
	config.env.order_count = d->order_count;
	config.env.slub_max_order = d->max_order;
	config.env.slub_min_order = (uint32_t)mostly(0, random);
	config.env.slub_min_objects = (uint32_t)mostly(0, random);
	return slub_create(model, &config, err);
}

static int slab_draw(struct slab_model **model, const struct drawn *d,
		     uint64_t *random, struct err *err)
{
	struct slab_config config = {
	    .env = slab_layout_env_default((enum kernel_variant)d->variant,
					   d->page_size, d->cpus),
	    .nodes = d->nodes,
	    .pages = d->pages,
	    .memory = memory,
	    .use_captured = *random & 1,
	    .freelists_given = *random & 2};

	config.env.word_size = d->word_size;
	config.env.order_count = d->order_count;
	config.env.cache_line = (uint32_t)mostly(64, random);
	config.env.kmalloc_min = (uint32_t)mostly(8, random);
	config.env.slab_max_order = (uint32_t)mostly(1, random);
	return slab_create(model, &config, err);
}

static int slob_draw(struct slab_model **model, const struct drawn *d,
		     uint64_t *random, struct err *err)
{
	const struct slob_config config = {
	    .env = {(enum kernel_variant)d->variant, d->page_size,
		    (uint32_t)mostly(8, random), d->word_size},
	    .nodes = d->nodes,
	    .pages = d->pages,
	    .memory = memory};

	return slob_create(model, &config, err);
}

static struct slab_cache_spec spec_draw(uint64_t *random)
{
	uint32_t size = (uint32_t)mostly(*random % 5000, random);

	return (struct slab_cache_spec){
	    .object_size = size,
	    .slab_size = (uint32_t)mostly(size, random),
	    .align = (uint32_t)mostly(8, random),
	    .ctor = *random & 1,
	    .destroy_by_rcu = *random & 2,
	    .freeptr_inside = *random & 4,
	    .kmalloc = *random & 8,
	    .has_order = *random & 16,
	    .has_cpu_partial = *random & 32,
	    .has_min_partial = *random & 64,
	    .has_arrays = *random & 128,
	    .order = (uint32_t)mostly(0, random),
	    .objs_per_slab = (uint32_t)mostly(9, random),
	    .cpu_partial = (uint32_t)mostly(30, random),
	    .min_partial = (uint32_t)mostly(5, random),
	    .sheaf_capacity = (uint32_t)mostly(0, random),
	    .debug = (uint32_t)mostly(0, random),
	    .limit = (uint32_t)mostly(32, random),
	    .batchcount = (uint32_t)mostly(16, random),
	    .shared = (uint32_t)mostly(8, random)};
}

/* Adds caches and allocates of those that can be; how many could. */
static uint32_t model_use(struct slab_model *model, uint64_t *random)
{
	uint32_t made = 0;
	struct err err = {0};

	for (int i = 0; i < 8; i++) {
		struct slab_cache_spec spec = spec_draw(random);
		struct slab_request request = {.node = -1};
		uint64_t handle;

		if (model->ops->cache_add(model, &spec, &request.cache))
			continue;
		made++;
		request.bytes_req = (uint32_t)mostly(spec.object_size, random);
		for (int k = 0; k < 3; k++) {
			if (!model->ops->alloc(model, &request, &handle) &&
			    *random & 1)
				model->ops->free(model, request.cache, handle,
						 0);
		}
	}
	if (model->ops->check(model, &err))
		fail_msg("%s", err.text);
	return made;
}

static void slab_allocators(void **state)
{
	static int (*const draws[])(struct slab_model **, const struct drawn *,
				    uint64_t *, struct err *) = {
	    slub_draw, slab_draw, slob_draw};
	const struct page_endless_config endless = {
	    .memory = memory, .nodes = 1, .cpus = 1, .limit_pages = 1 << 20};
	uint64_t random = long_run_seed(3);
	uint32_t models[3] = {0}, caches[3] = {0};

	(void)state;
	for (int i = 0; i < MACHINES; i++) {
		struct drawn d = {.page_size = (uint32_t)mostly(4096, &random),
				  .word_size = (uint32_t)mostly(8, &random),
				  .cpus = (uint32_t)mostly(1, &random),
				  .nodes = (uint32_t)mostly(1, &random),
				  .order_count = (uint32_t)mostly(11, &random),
				  .max_order = (uint32_t)mostly(3, &random),
				  .variant =
				      (uint32_t)(random % (VARIANT_6_18 + 1))};
		struct slab_model *model = NULL;
		struct err err = {0};
		int ret;

		assert_int_equal(page_endless_create(&d.pages, &endless), 0);
		ret = draws[i % 3](&model, &d, &random, &err);
		if (ret) {
			expect_reason(ret, &err);
		} else {
			models[i % 3]++;
			caches[i % 3] += model_use(model, &random);
		}
		slab_model_destroy(model);
		page_model_destroy(d.pages);
	}
	for (int i = 0; i < 3; i++)
		expect_true(models[i] > 100 && models[i] < MACHINES / 3 &&
			    caches[i] > 100);
}

static void vmalloc(void **state)
{
	const struct page_endless_config endless = {
	    .memory = memory, .nodes = 1, .cpus = 1, .limit_pages = 1 << 12};
	uint64_t random = long_run_seed(4);
	struct page_request request = {.order = 0};

	(void)state;
	for (int i = 0; i < MACHINES / 10; i++) {
		struct vmalloc_config config = {
		    .page_size = (uint32_t)mostly(4096, &random),
		    .lazy_max_pages = mostly(100, &random),
		    .memory = memory};
		struct vmalloc *areas = NULL;
		struct err err = {0};
		uint32_t area = 0;

		assert_int_equal(page_endless_create(&config.pages, &endless),
				 0);
		if (vmalloc_create(&areas, &config)) {
			page_model_destroy(config.pages);
			continue;
		}
		for (int n = 0; n < CALLS; n++) {
			uint64_t bytes = wild(&random);
			int ret = n & 1 ? vmalloc_map(areas, bytes, &area)
					: vmalloc_alloc(areas, bytes, &request,
							&area);

			expect_true(ret <= 0);
			vmalloc_free(areas, (uint32_t)mostly(area, &random), 0);
		}
		expect_i64_eq(vmalloc_check(areas, &err), 0);
		vmalloc_destroy(areas);
		page_model_destroy(config.pages);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(page_allocator),
	    cmocka_unit_test(limits),
	    cmocka_unit_test(slab_allocators),
	    cmocka_unit_test(vmalloc),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
