/*
 * SLUB's check() finds every counter and list that is not as its slabs say:
 * each is made wrong in turn, and put right again.
 */
#include "replay/slub_sheaf.h"
#include "replay/slub_state.h"
#include "tests/replay/slab_bed.h"

struct bed {
	struct page_model *pages;
	struct slab_model *model;
	struct slub *slub;
	struct slub_cache *cache;
};

/* Slabs of every place: a CPU's, on its partial list, the node's, and full. */
static void bed_make(struct bed *bed, enum kernel_variant variant,
		     uint32_t sheaf_capacity)
{
	struct page_endless_config pages = {.memory = memory_libc(), .cpus = 1};
	struct slub_config config = {
	    .env = slub_env_default(variant, 4096, 1),
	    .nodes = 1,
	    .memory = memory_libc(),
	    .cpu_partial = SLUB_UNSET,
	    .min_partial = SLUB_UNSET,
	    .debug = SLUB_UNSET,
	};
	static const struct slab_start starts[] = {
	    {.inuse = 8, .place = SLAB_FULL, .pfn = SLAB_PFN_UNKNOWN},
	    {.inuse = 5, .place = SLAB_CPU, .pfn = SLAB_PFN_UNKNOWN},
	    {.inuse = 3, .place = SLAB_CPU_PARTIAL, .pfn = SLAB_PFN_UNKNOWN},
	    {.inuse = 4, .place = SLAB_CPU_PARTIAL, .pfn = SLAB_PFN_UNKNOWN},
	    {.inuse = 3, .place = SLAB_NODE_PARTIAL, .pfn = SLAB_PFN_UNKNOWN},
	    {.inuse = 2, .place = SLAB_NODE_PARTIAL, .pfn = SLAB_PFN_UNKNOWN},
	};
	struct slab_cache_spec spec = {.slab_size = 512,
				       .sheaf_capacity = sheaf_capacity};
	struct err err = {0};
	uint64_t handle;
	uint32_t cache;

	expect_i64_eq(page_endless_create(&bed->pages, &pages), 0);
	config.pages = bed->pages;
	expect_i64_eq(slub_create(&bed->model, &config, &err), 0);
	expect_i64_eq(bed->model->ops->cache_add(bed->model, &spec, &cache), 0);
	expect_u64_eq(cache, 0);
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		expect_i64_eq(
		    bed->model->ops->start(bed->model, &starts[i], &handle), 0);
	bed->slub = (struct slub *)bed->model;
	bed->cache = &bed->slub->caches[cache];
}

static void everything_is_recounted(void **state)
{
	struct slub_slab *slabs;
	struct slub_cpu *cpu;
	struct slub_node *node;
	struct bed bed;

	(void)state;
	bed_make(&bed, VARIANT_6_1, 0);
	slabs = bed.slub->slabs;
	cpu = &bed.cache->cpus[0];
	node = &bed.cache->nodes[0];
	expect_found(slab_check_of(bed.model), bed.model->pages, right + 1);
	expect_found(slab_check_of(bed.model), bed.cache->slabs, right + 1);
	expect_found(slab_check_of(bed.model), bed.cache->pages, right - 1);
	expect_found(slab_check_of(bed.model), bed.cache->objects, right - 1);
	expect_found(slab_check_of(bed.model), bed.cache->objects_total,
		     right + 8);
	expect_found(slab_check_of(bed.model), bed.slub->sums.used_bytes,
		     right + 512);
	expect_found(slab_check_of(bed.model), bed.slub->sums.room_bytes,
		     right - 512);
	expect_found(slab_check_of(bed.model), cpu->slab, SLUB_NONE);
	expect_found(slab_check_of(bed.model), cpu->slab, cpu->partial);
	expect_found(slab_check_of(bed.model), cpu->free, right - 1);
	expect_found(slab_check_of(bed.model), cpu->partial, SLUB_NONE);
	expect_found(slab_check_of(bed.model), cpu->partial, node->head);
	expect_found(slab_check_of(bed.model), slabs[cpu->partial].next,
		     cpu->partial);
	/* Two slabs, of which four and five objects are free. */
	expect_u64_eq(slabs[cpu->partial].cpu_slabs, 2);
	expect_u64_eq(slabs[cpu->partial].cpu_objects, 9);
	expect_found(slab_check_of(bed.model), slabs[cpu->partial].cpu_slabs,
		     right + 1);
	expect_found(slab_check_of(bed.model), slabs[cpu->partial].cpu_objects,
		     right + 1);
	expect_found(slab_check_of(bed.model), slabs[cpu->partial].cpu_objects,
		     4);
	expect_found(slab_check_of(bed.model), node->head, SLUB_NONE);
	expect_found(slab_check_of(bed.model), node->head, cpu->partial);
	expect_found(slab_check_of(bed.model), node->nr_partial, right + 1);
	expect_found(slab_check_of(bed.model), node->tail, node->head);
	expect_found(slab_check_of(bed.model), slabs[node->tail].prev,
		     SLUB_NONE);
	expect_found(slab_check_of(bed.model), slabs[node->head].prev,
		     node->tail);
	expect_found(slab_check_of(bed.model), slabs[node->tail].next,
		     node->head);
	expect_found(slab_check_of(bed.model), slabs[node->head].node, 1);
	expect_found(slab_check_of(bed.model), slabs[0].inuse, 7);
	expect_found(slab_check_of(bed.model), slabs[0].inuse, 9);
	expect_found(slab_check_of(bed.model), slabs[0].place,
		     SLAB_NODE_PARTIAL);
	expect_found(slab_check_of(bed.model), slabs[0].place, SLAB_CPU + 1);
	expect_found(slab_check_of(bed.model), slabs[0].order, 1);
	expect_i64_eq(slab_check_of(bed.model), 0);
	slab_model_destroy(bed.model);
	page_model_destroy(bed.pages);
}

/* The barn has full and empty sheaves after a wave up, down and up. */
static void barns_are_recounted(void **state)
{
	struct slab_request request = {.node = -1};
	uint64_t handles[64];
	struct slub_barn *barn;
	struct bed bed;

	(void)state;
	bed_make(&bed, VARIANT_6_18, 4);
	for (int i = 0; i < 64; i++)
		expect_i64_eq(
		    bed.model->ops->alloc(bed.model, &request, &handles[i]), 0);
	for (int i = 0; i < 40; i++)
		bed.model->ops->free(bed.model, 0, handles[i], 0);
	for (int i = 0; i < 20; i++)
		expect_i64_eq(
		    bed.model->ops->alloc(bed.model, &request, &handles[i]), 0);
	barn = &bed.cache->barns[0];
	expect_true(barn->nr_full > 1 && barn->nr_empty > 1);
	expect_found(slab_check_of(bed.model), barn->nr_full, right + 1);
	expect_found(slab_check_of(bed.model), barn->nr_full, right - 1);
	expect_found(slab_check_of(bed.model), barn->nr_empty, right + 1);
	expect_found(slab_check_of(bed.model), barn->nr_empty, right - 1);
	expect_found(slab_check_of(bed.model), barn->empty->next, NULL);
	expect_found(slab_check_of(bed.model), barn->empty->size, 1);
	expect_found(slab_check_of(bed.model), barn->full, barn->empty);
	expect_i64_eq(slab_check_of(bed.model), 0);
	slab_model_destroy(bed.model);
	page_model_destroy(bed.pages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(everything_is_recounted),
	    cmocka_unit_test(barns_are_recounted),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
