#include "tests/replay/slab_bed.h"

#include <stdlib.h>

const uint16_t slab_bed_cpu_node[SLAB_BED_CPUS] = {0, 0, 1, 1};

struct slab_bed *slab_bed_new(uint32_t cpus, uint32_t nodes, uint64_t limit)
{
	struct page_endless_config pages = {
	    .memory = memory_libc(),
	    .nodes = nodes,
	    .cpus = cpus,
	    .cpu_node = nodes > 1 ? slab_bed_cpu_node : NULL,
	    .limit_pages = limit};
	struct slab_bed *bed = calloc(1, sizeof(*bed));

	assert_non_null(bed);
	bed->seed = 11;
	bed->now = 1000000000;
	assert_int_equal(page_endless_create(&bed->pages, &pages), 0);
	return bed;
}

void slab_bed_end(struct slab_bed *bed)
{
	slab_model_destroy(bed->slab);
	page_model_destroy(bed->pages);
	free(bed);
}

uint32_t slab_bed_draw(struct slab_bed *bed, uint32_t below)
{
	bed->seed = bed->seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)((bed->seed >> 33) % below);
}

uint32_t slab_bed_cache(struct slab_bed *bed,
			const struct slab_cache_spec *spec)
{
	uint32_t cache;

	assert_int_equal(bed->slab->ops->cache_add(bed->slab, spec, &cache), 0);
	return cache;
}

void slab_bed_wait(struct slab_bed *bed, uint64_t ns)
{
	bed->now += ns;
	bed->slab->ops->tick(bed->slab, bed->now);
}

void slab_bed_check(const struct slab_bed *bed)
{
	struct err err = {0};

	if (bed->slab->ops->check(bed->slab, &err))
		fail_msg("%s", err.text);
	expect_u64_eq(page_endless_in_use(bed->pages),
		      bed->slab->pages + bed->slab->block_pages);
}

int slab_bed_alloc(struct slab_bed *bed, uint32_t cache, uint32_t bytes,
		   uint16_t cpu, int16_t node)
{
	struct slab_request request = {
	    .cache = cache, .bytes_req = bytes, .cpu = cpu, .node = node};
	struct slab_bed_object *object = &bed->live[bed->count];
	int ret = bed->slab->ops->alloc(bed->slab, &request, &object->handle);

	object->cache = cache;
	bed->count += !ret;
	return ret;
}

void slab_bed_free(struct slab_bed *bed, size_t i, uint16_t cpu)
{
	struct slab_bed_object gone = bed->live[i];

	bed->live[i] = bed->live[--bed->count];
	bed->slab->ops->free(bed->slab, gone.cache, gone.handle, cpu);
}

int slab_check_of(const struct slab_model *slab)
{
	struct err err = {0};
	int ret = slab->ops->check(slab, &err);

	if (ret)
		expect_true(err.text[0]);
	return ret;
}
