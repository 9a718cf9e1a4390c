/*
 * SLAB's check() finds every counter, list and array that is not as its slabs
 * say: each is made wrong in turn, and put right again.
 */
#include "replay/slab_state.h"
#include "tests/replay/slab_bed.h"

struct bed {
	struct page_model *pages;
	struct slab_model *model;
	struct slab *slab;
	struct slab_cache *cache;
	struct slab_node *node;
};

/* Off-slab freelists, arrays, and slabs on both lists and on none. */
static void bed_make(struct bed *bed)
{
	struct page_endless_config pages = {.memory = memory_libc(), .cpus = 1};
	struct slab_config config = {
	    .env = slab_layout_env_default(VARIANT_6_1, 4096, 1),
	    .nodes = 1,
	    .memory = memory_libc(),
	};
	struct slab_cache_spec spec = {.slab_size = 1024, .ctor = true};
	struct slab_request request = {.node = -1};
	struct err err = {0};
	uint64_t handles[200];

	expect_i64_eq(page_endless_create(&bed->pages, &pages), 0);
	config.pages = bed->pages;
	expect_i64_eq(slab_create(&bed->model, &config, &err), 0);
	expect_i64_eq(
	    bed->model->ops->cache_add(bed->model, &spec, &request.cache), 0);
	for (int i = 0; i < 200; i++)
		expect_i64_eq(
		    bed->model->ops->alloc(bed->model, &request, &handles[i]),
		    0);
	for (int i = 0; i < 110; i++)
		bed->model->ops->free(bed->model, request.cache, handles[i], 0);
	bed->slab = slab_of(bed->model);
	bed->cache = &bed->slab->caches[request.cache];
	bed->node = &bed->cache->nodes[0];
	expect_true(bed->node->head[LIST_FREE] != SLAB_NONE);
	expect_true(bed->cache->arrays[0].avail > 0);
	expect_true(bed->cache->freelist_cache != SLAB_NONE);
}

static void everything_is_recounted(void **state)
{
	struct slab_block *free_slab;
	struct slab_array *array;
	struct bed bed;

	(void)state;
	bed_make(&bed);
	free_slab = &bed.slab->blocks[bed.node->head[LIST_FREE]];
	array = &bed.cache->arrays[0];
	expect_found(slab_check_of(bed.model), bed.model->pages, right + 1);
	expect_found(slab_check_of(bed.model), bed.cache->objects, right - 1);
	expect_found(slab_check_of(bed.model), bed.node->free_objects,
		     right + 1);
	expect_found(slab_check_of(bed.model), bed.node->free_slabs, right + 1);
	expect_found(slab_check_of(bed.model), bed.node->total_slabs,
		     right - 1);
	expect_found(slab_check_of(bed.model), bed.node->head[LIST_FREE],
		     SLAB_NONE);
	expect_found(slab_check_of(bed.model), bed.node->tail[LIST_FREE],
		     SLAB_NONE);
	expect_found(slab_check_of(bed.model), bed.node->free_limit, right + 1);
	expect_found(slab_check_of(bed.model), bed.node->colour_next,
		     bed.cache->layout.colours + 1);
	expect_found(slab_check_of(bed.model), free_slab->colour,
		     bed.cache->layout.colours + 1);
	expect_found(slab_check_of(bed.model), bed.slab->sums.used_bytes,
		     right + 1024);
	expect_found(slab_check_of(bed.model), bed.slab->sums.room_bytes,
		     right - 1024);
	expect_found(slab_check_of(bed.model), free_slab->list, LIST_PARTIAL);
	expect_found(slab_check_of(bed.model), free_slab->active, 1);
	expect_found(slab_check_of(bed.model), free_slab->active, UINT32_MAX);
	expect_found(slab_check_of(bed.model), free_slab->prev, 0);
	expect_found(slab_check_of(bed.model), free_slab->freelist, SLAB_NONE);
	expect_found(slab_check_of(bed.model), free_slab->freelist,
		     bed.slab->numbers.count);
	expect_found(slab_check_of(bed.model), array->avail, array->limit + 1);
	expect_found(slab_check_of(bed.model), array->avail, right - 1);
	expect_found(slab_check_of(bed.model), array->entries[0],
		     bed.slab->numbers.count);
	expect_found(slab_check_of(bed.model), array->entries[0],
		     bed.node->head[LIST_FREE]);
	expect_i64_eq(slab_check_of(bed.model), 0);
	slab_model_destroy(bed.model);
	page_model_destroy(bed.pages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(everything_is_recounted),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
