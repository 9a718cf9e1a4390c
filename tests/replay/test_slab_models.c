/*
 * What every slab model must do, whichever it is: refuse what cannot be with an
 * error, survive every growth of its books that fails, and let its check() find
 * what is wrong.
 */
#include <stdlib.h>
#include <string.h>

#include "replay/page_endless.h"
#include "replay/slab.h"
#include "replay/slob.h"
#include "replay/slub.h"
#include "tests/support/test.h"

enum { CPUS = 4, NODES = 2, LIVE = 600 };

/* What all three have in their configurations. */
struct common {
	uint32_t cpus, nodes, page_size, order_count;
	const uint16_t *cpu_node;
	struct page_model *pages;
	struct memory memory;
};

static int slub_make(struct slab_model **model, const struct common *common,
		     struct err *err)
{
	struct slub_config config = {
	    .env =
		slub_env_default(VARIANT_6_1, common->page_size, common->cpus),
	    .nodes = common->nodes,
	    .cpu_node = common->cpu_node,
	    .pages = common->pages,
	    .memory = common->memory,
	    .cpu_partial = SLUB_UNSET,
	    .min_partial = SLUB_UNSET,
	    .debug = SLUB_UNSET,
	    .use_captured_order = true,
	};

	config.env.cpus = common->cpus;
	config.env.order_count = common->order_count;
	return slub_create(model, &config, err);
}

static int slab_make(struct slab_model **model, const struct common *common,
		     struct err *err)
{
	struct slab_config config = {
	    .env = slab_layout_env_default(VARIANT_6_1, common->page_size,
					   common->cpus),
	    .nodes = common->nodes,
	    .cpu_node = common->cpu_node,
	    .pages = common->pages,
	    .memory = common->memory,
	    .use_captured = true,
	};

	config.env.order_count = common->order_count;
	return slab_create(model, &config, err);
}

static int slob_make(struct slab_model **model, const struct common *common,
		     struct err *err)
{
	struct slob_config config = {
	    .env = {VARIANT_6_1, common->page_size, 8, 8},
	    .nodes = common->nodes,
	    .pages = common->pages,
	    .memory = common->memory,
	};

	return slob_create(model, &config, err);
}

static const struct kind {
	int (*make)(struct slab_model **model, const struct common *common,
		    struct err *err);
	bool has_cpus;
} kinds[] = {
    {slub_make, true},
    {slab_make, true},
    {slob_make, false},
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static const uint16_t cpu_nodes[CPUS] = {0, 0, 1, 1};

static struct common common_make(void)
{
	struct page_endless_config pages = {.memory = memory_libc(),
					    .nodes = NODES,
					    .cpus = CPUS,
					    .cpu_node = cpu_nodes};
	struct common common = {.cpus = CPUS,
				.nodes = NODES,
				.page_size = 4096,
				.order_count = 11,
				.cpu_node = cpu_nodes,
				.memory = memory_libc()};

	expect_i64_eq(page_endless_create(&common.pages, &pages), 0);
	return common;
}

static void refused(const struct kind *kind, struct common common, int error)
{
	struct slab_model *model = NULL;
	struct err err = {0};

	expect_i64_eq(kind->make(&model, &common, &err), error);
	expect_true(err.text[0]);
	expect_true(!model);
}

static void bad_configurations(void **state)
{
	static const uint16_t beyond[CPUS] = {0, 0, 1, 2};
	struct common good = common_make(), bad;

	(void)state;
	for (int i = 0; i < KINDS; i++) {
		bad = good;
		bad.nodes = 0;
		refused(&kinds[i], bad, ERR_USAGE);
		bad = good;
		bad.nodes = 1u << 16;
		refused(&kinds[i], bad, ERR_USAGE);
		bad = good;
		bad.pages = NULL;
		refused(&kinds[i], bad, ERR_USAGE);
		bad = good;
		bad.memory.resize = NULL;
		refused(&kinds[i], bad, ERR_USAGE);
		bad = good;
		bad.page_size = 0;
		refused(&kinds[i], bad, ERR_LIMIT);
		bad.page_size = 5000;
		refused(&kinds[i], bad, ERR_LIMIT);
		if (!kinds[i].has_cpus)
			continue;
		bad = good;
		bad.cpus = 0;
		refused(&kinds[i], bad, ERR_USAGE);
		bad = good;
		bad.cpu_node = beyond;
		refused(&kinds[i], bad, ERR_USAGE);
		bad = good;
		bad.order_count = 0;
		refused(&kinds[i], bad, ERR_LIMIT);
	}
	page_model_destroy(good.pages);
}

static const struct bad_cache {
	struct slab_cache_spec spec;
	unsigned int
	    refused_by; /* bit per kind; SLOB has no sizes, no orders */
} bad_caches[] = {
    {{.object_size = 0, .slab_size = 0, .align = 8}, 3},
    {{.object_size = 64, .slab_size = 64, .align = 24}, 7},
    {{.object_size = 64, .slab_size = 64, .align = 8192}, 6},
    {{.object_size = UINT32_MAX, .slab_size = UINT32_MAX}, 3},
    {{.object_size = 8 << 20, .slab_size = 8 << 20}, 3},
    {{.object_size = 64,
      .slab_size = 64,
      .has_order = true,
      .order = 11,
      .objs_per_slab = 32},
     3},
    {{.object_size = 64,
      .slab_size = 64,
      .has_order = true,
      .order = UINT32_MAX,
      .objs_per_slab = 32},
     3},
    {{.object_size = 64,
      .slab_size = 64,
      .has_order = true,
      .order = 10,
      .objs_per_slab = UINT32_MAX},
     3},
};

static void bad_caches_are_refused(void **state)
{
	struct common common = common_make();

	(void)state;
	for (int i = 0; i < KINDS; i++) {
		struct slab_model *model;
		struct err err = {0};
		uint32_t cache = 77;

		expect_i64_eq(kinds[i].make(&model, &common, &err), 0);
		for (size_t b = 0; b < sizeof(bad_caches) / sizeof(*bad_caches);
		     b++) {
			const struct bad_cache *bad = &bad_caches[b];

			if (bad->refused_by >> i & 1)
				expect_i64_eq(model->ops->cache_add(
						  model, &bad->spec, &cache),
					      ERR_LIMIT);
		}
		expect_u64_eq(cache, 77);
		slab_model_destroy(model);
	}
	page_model_destroy(common.pages);
}

/* SLOB learns sizes with the requests. */
static void bad_requests_of_slob(void **state)
{
	struct common common = common_make();
	struct slab_cache_spec spec = {.kmalloc = true};
	struct slab_request request = {.bytes_req = 0, .node = -1};
	struct slab_model *slob;
	struct err err = {0};
	uint64_t handle;

	(void)state;
	expect_i64_eq(slob_make(&slob, &common, &err), 0);
	expect_i64_eq(slob->ops->cache_add(slob, &spec, &request.cache), 0);
	expect_i64_eq(slob->ops->alloc(slob, &request, &handle), ERR_USAGE);
	expect_i64_eq(slob->ops->check(slob, &err), 0);
	slab_model_destroy(slob);
	page_model_destroy(common.pages);
}

/* ---- No memory for the books ---- */

/* Memory of which only so many requests are served. */
struct rationed {
	struct memory libc;
	uint64_t left;
	bool refused;
};

static void *rationed_resize(void *context, void *old, size_t bytes)
{
	struct rationed *rationed = context;

	if (bytes && !rationed->left) {
		rationed->refused = true;
		return NULL;
	}
	rationed->left -= bytes > 0;
	return rationed->libc.resize(rationed->libc.context, old, bytes);
}

static bool no_memory(int ret)
{
	return ret == ERR_NOMEM || ret == ERR_LIMIT;
}

/* Fills two caches and the start; returns at the first error, or 0. */
static int work(struct slab_model *model, uint64_t handles[2 * LIVE],
		uint32_t caches[2], uint32_t *count)
{
	struct slab_cache_spec spec = {.object_size = 1024, .slab_size = 1024};
	struct slab_request request = {.bytes_req = 1024, .node = -1};
	struct slab_start start = {
	    .inuse = 1, .pfn = SLAB_PFN_UNKNOWN, .place = SLAB_NODE_PARTIAL};
	int ret = 0;

	*count = 0;
	for (uint32_t c = 0; c < 2; c++) {
		/* Its freelist is off the slab in SLAB. */
		spec.ctor = c == 1;
		ret = model->ops->cache_add(model, &spec, &caches[c]);
		if (ret)
			return ret;
		request.cache = start.cache = caches[c];
		for (uint32_t i = 0; i < LIVE && !ret; i++) {
			request.cpu = (uint16_t)(i % CPUS);
			ret = i ? model->ops->alloc(model, &request,
						    &handles[*count])
				: model->ops->start(model, &start,
						    &handles[*count]);
			*count += !ret;
		}
		if (ret)
			return ret;
	}
	return 0;
}

/*
 * The first request of memory fails, then the second, ... until nothing does.
 * Whatever was given before works on: all of it is freed, and check() is right.
 */
static void books_that_cannot_grow(void **state)
{
	static uint64_t handles[2 * LIVE];
	struct common common = common_make();
	struct rationed rationed = {.libc = memory_libc()};

	(void)state;
	common.memory = (struct memory){rationed_resize, &rationed};
	for (int i = 0; i < KINDS; i++) {
		uint64_t failed = 0;

		for (uint64_t n = 0;; n++) {
			struct slab_model *model = NULL;
			struct err err = {0};
			uint32_t caches[2], count;
			int ret;

			rationed.left = n;
			rationed.refused = false;
			ret = kinds[i].make(&model, &common, &err);
			if (ret) {
				expect_i64_eq(ret, ERR_NOMEM);
				continue;
			}
			ret = work(model, handles, caches, &count);
			expect_true(ret ? no_memory(ret) : !rationed.refused);
			failed += ret != 0;
			rationed.left = UINT64_MAX;
			expect_i64_eq(model->ops->check(model, &err), 0);
			for (uint32_t h = 0; h < count; h++)
				model->ops->free(model, caches[h >= LIVE],
						 handles[h], h % CPUS);
			expect_i64_eq(model->ops->check(model, &err), 0);
			slab_model_destroy(model);
			if (!ret)
				break;
		}
		expect_true(failed >= 3);
	}
	page_model_destroy(common.pages);
}

/* check() is told of pages that nobody has, and of memory it cannot get. */
static void checks_fail(void **state)
{
	static uint64_t handles[2 * LIVE];
	struct common common = common_make();

	(void)state;
	for (int i = 0; i < KINDS; i++) {
		struct slab_model *model;
		struct err err = {0};
		uint32_t caches[2], count;

		expect_i64_eq(kinds[i].make(&model, &common, &err), 0);
		expect_i64_eq(work(model, handles, caches, &count), 0);
		expect_i64_eq(model->ops->check(model, &err), 0);
		model->pages++;
		expect_i64_eq(model->ops->check(model, &err), ERR_FORMAT);
		expect_true(err.text[0]);
		model->pages--;
		expect_i64_eq(model->ops->check(model, &err), 0);
		slab_model_destroy(model);
	}
	page_model_destroy(common.pages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bad_configurations),
	    cmocka_unit_test(bad_caches_are_refused),
	    cmocka_unit_test(bad_requests_of_slob),
	    cmocka_unit_test(books_that_cannot_grow),
	    cmocka_unit_test(checks_fail),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
