/*
 * SLUB by counts: which object of a slab is taken never changes what SLUB
 * does, so a slab keeps numbers where the kernel keeps lists of objects
 * (slub_state.h has the picture). This file has the table of functions: caches,
 * the start, and the fast paths; slub_cpu.c the slow ones, slub_slab.c slabs
 * and their pages.
 */
#include "replay/slub.h"

#include <assert.h>
#include <string.h>

#include "replay/slub_cpu.h"
#include "replay/slub_debug.h"
#include "replay/slub_sheaf.h"
#include "replay/slub_slab.h"
#include "replay/slub_state.h"

static struct slub *slub_of(struct slab_model *model)
{
	return (struct slub *)model;
}

static const struct slub *slub_of_const(const struct slab_model *model)
{
	return (const struct slub *)model;
}

/* ---- Allocation ---- */

static int slub_alloc(struct slab_model *model,
		      const struct slab_request *request, uint64_t *handle)
{
	struct slub *slub = slub_of(model);
	struct slub_cache *cache = &slub->caches[request->cache];
	int node = request->node, ret = 0;
	uint32_t s;

	assert(request->cache < slub->cache_count);
	assert(request->cpu < slub->config.env.cpus);
	if (node >= (int)slub->config.nodes)
		node = -1;
	if (cache->debug)
		ret = slub_debug_alloc(slub, request->cache, request, node, &s);
	else if (!cache->pcs ||
		 !slub_sheaf_alloc(slub, request->cache, request, node, &s))
		ret = slub_cpu_alloc(slub, request->cache, request, node, &s);
	if (ret)
		return ret;
	cache->objects++;
	slub->sums.used_bytes += cache->params.slab_size;
	*handle = s;
	return 0;
}

/* ---- Free ---- */

static void slub_free(struct slab_model *model, uint32_t number,
		      uint64_t handle, unsigned int cpu)
{
	struct slub *slub = slub_of(model);
	struct slub_cache *cache = &slub->caches[number];
	uint32_t s = (uint32_t)handle;

	assert(handle < slub->numbers.count && number < slub->cache_count);
	assert(cpu < slub->config.env.cpus);
	assert(slub->slabs[handle].cache == number);
	cache->objects--;
	slub->sums.used_bytes -= cache->params.slab_size;
	if (cache->debug)
		slub_debug_free(slub, cache, s, cpu);
	else if (!cache->pcs || !slub_sheaf_free(slub, number, s, cpu))
		slub_cpu_free(slub, cache, s, cpu);
}

/* ---- Caches ---- */

/* recorded: NULL if its values are of another layout. */
static void cache_overrides(const struct slub_config *config,
			    const struct slab_cache_spec *recorded,
			    struct slub_params *p)
{
	if (recorded && config->use_captured_order && recorded->has_order &&
	    recorded->objs_per_slab) {
		p->order = recorded->order;
		p->objs_per_slab = recorded->objs_per_slab;
	}
	if (recorded && recorded->has_cpu_partial)
		p->cpu_partial = recorded->cpu_partial;
	if (recorded && recorded->has_min_partial)
		p->min_partial = recorded->min_partial;
	if (config->cpu_partial != SLUB_UNSET)
		p->cpu_partial = config->cpu_partial;
	if (config->min_partial != SLUB_UNSET)
		p->min_partial = config->min_partial;
	p->cpu_partial_slabs =
	    slub_cpu_partial_slabs(p->cpu_partial, p->objs_per_slab);
}

/* As it was recorded, or by the formulas where debug options change sizes. */
static int cache_layout(const struct slub *slub,
			const struct slab_cache_spec *spec,
			struct slub_cache *cache)
{
	const struct slub_config *config = &slub->config;
	uint32_t size = spec->slab_size, debug = spec->debug;
	bool as_recorded = config->debug == SLUB_UNSET;
	int ret = 0;

	if (!as_recorded) {
		debug = config->debug;
		ret = slub_size_compute(&config->env, spec, &debug, &size);
	}
	cache->debug = debug & SLUB_DEBUG_ANY;
	if (!ret)
		ret = slub_params_compute(&config->env, size, cache->debug,
					  &cache->params);
	if (!ret)
		cache_overrides(config, as_recorded ? spec : NULL,
				&cache->params);
	return ret;
}

static int cache_arrays(struct slub *slub, struct slub_cache *cache)
{
	const struct memory *memory = &slub->config.memory;

	cache->cpus =
	    memory_new(memory, slub->config.env.cpus, sizeof(*cache->cpus));
	cache->nodes =
	    memory_new(memory, slub->config.nodes, sizeof(*cache->nodes));
	if (!cache->cpus || !cache->nodes ||
	    (cache->sheaf_capacity && slub_sheaf_make(slub, cache))) {
		memory_free(memory, cache->cpus);
		memory_free(memory, cache->nodes);
		return ERR_NOMEM;
	}
	for (uint32_t i = 0; i < slub->config.env.cpus; i++)
		cache->cpus[i] = (struct slub_cpu){SLUB_NONE, 0, SLUB_NONE};
	for (uint32_t i = 0; i < slub->config.nodes; i++)
		cache->nodes[i] = (struct slub_node){SLUB_NONE, SLUB_NONE, 0};
	return 0;
}

static int slub_cache_add(struct slab_model *model,
			  const struct slab_cache_spec *spec, uint32_t *number)
{
	struct slub *slub = slub_of(model);
	struct slub_cache cache = {.reclaimable = spec->reclaimable,
				   .dma = spec->dma,
				   .sheaf_capacity = spec->sheaf_capacity};
	struct slub_cache *grown;
	const struct slub_params *p = &cache.params;
	int ret = spec->align && !power_of_two(spec->align)
		      ? ERR_LIMIT
		      : cache_layout(slub, spec, &cache);

	if (ret)
		return ret;
	if (cache.debug || slub->config.env.variant < VARIANT_6_18)
		cache.sheaf_capacity = 0;
	if (p->order >= slub->config.env.order_count ||
	    cache.sheaf_capacity > SLUB_SHEAF_MOST ||
	    p->objs_per_slab > UINT16_MAX ||
	    !slab_objects_fit(slub->config.env.page_size, p->order,
			      p->objs_per_slab, p->slab_size))
		return ERR_LIMIT;
	grown = memory_grow(&slub->config.memory, slub->caches,
			    sizeof(*slub->caches), slub->cache_count + 1,
			    &slub->cache_cap);
	if (!grown)
		return ERR_NOMEM;
	slub->caches = grown;
	ret = cache_arrays(slub, &cache);
	if (ret)
		return ret;
	slub->caches[slub->cache_count] = cache;
	*number = (uint32_t)slub->cache_count++;
	return 0;
}

/* ---- The start ---- */

static int slub_start(struct slab_model *model, const struct slab_start *start,
		      uint64_t *handle)
{
	struct slub *slub = slub_of(model);
	struct slub_cache *cache = &slub->caches[start->cache];
	uint32_t s;

	assert(start->cache < slub->cache_count);
	if (start->inuse > cache->params.objs_per_slab ||
	    start->cached > cache->params.objs_per_slab - start->inuse ||
	    start->cpu >= slub->config.env.cpus ||
	    start->node >= slub->config.nodes)
		return ERR_USAGE;
	if (start->place == SLAB_CPU &&
	    cache->cpus[start->cpu].slab != SLUB_NONE)
		return ERR_USAGE;
	s = numbers_take(&slub->numbers, &slub->slabs, &slub->config.memory);
	if (s == SLUB_NONE)
		return ERR_LIMIT;
	slub->slabs[s] = (struct slub_slab){
	    .pfn = start->pfn,
	    .cache = start->cache,
	    .next = SLUB_NONE,
	    .prev = SLUB_NONE,
	    .inuse = (uint16_t)start->inuse,
	    .objects = (uint16_t)cache->params.objs_per_slab,
	    .node = start->node,
	    .order = (uint8_t)cache->params.order,
	    .place = SLAB_FULL,
	};
	slub_slab_count_in(slub, &slub->slabs[s]);
	cache->objects += start->inuse;
	slub->sums.used_bytes +=
	    (uint64_t)start->inuse * cache->params.slab_size;
	if (cache->pcs)
		slub_sheaf_start(slub, cache, s, start);
	if (!cache->debug && start->place == SLAB_CPU)
		slub_cpu_load(slub, &cache->cpus[start->cpu], s);
	else if (!cache->debug && start->place == SLAB_CPU_PARTIAL)
		slub_cpu_partial_put(slub, cache, s, start->cpu, false);
	else
		slub_node_settle(slub, cache, s);
	*handle = s;
	return 0;
}

static void slub_place(struct slab_model *model, uint64_t handle, uint64_t pfn)
{
	struct slub *slub = slub_of(model);
	struct page_model *pages = slub->config.pages;
	struct slub_slab *slab = &slub->slabs[handle];
	unsigned int node = pages->ops->node(pages, pfn);

	assert(handle < slub->numbers.count &&
	       slab->place != SLUB_PLACE_UNUSED);
	slab->pfn = pfn;
	if (node == slab->node || node >= slub->config.nodes)
		return;
	if (slab->place == SLAB_NODE_PARTIAL) {
		struct slub_cache *cache = &slub->caches[slab->cache];

		slub_node_remove(slub, cache, (uint32_t)handle);
		slab->node = (uint16_t)node;
		slub_node_add(slub, cache, (uint32_t)handle, true);
	}
	slab->node = (uint16_t)node;
}

/* ---- What there is ---- */

static void slub_counts(const struct slab_model *model, uint32_t number,
			struct slab_counts *counts)
{
	const struct slub *slub = slub_of_const(model);
	const struct slub_cache *cache = &slub->caches[number];

	assert(number < slub->cache_count);
	*counts = (struct slab_counts){
	    .slab_size = cache->params.slab_size,
	    .order = cache->params.order,
	    .objs_per_slab = cache->params.objs_per_slab,
	    .slabs = cache->slabs,
	    .slabs_peak = cache->slabs_peak,
	    .pages = cache->pages,
	    .objects = cache->objects,
	    .objects_total = cache->objects_total,
	};
}

static void slub_sums(const struct slab_model *model, struct slab_sums *sums)
{
	*sums = slub_of_const(model)->sums;
}

const struct slub_params *slub_cache_params(const struct slab_model *model,
					    uint32_t cache)
{
	assert(cache < slub_of_const(model)->cache_count);
	return &slub_of_const(model)->caches[cache].params;
}

const struct slub_stats *slub_stats(const struct slab_model *model)
{
	return &slub_of_const(model)->stats;
}

static void slub_destroy(struct slab_model *model)
{
	struct slub *slub = slub_of(model);
	struct memory memory = slub->config.memory;

	for (size_t c = 0; c < slub->cache_count; c++) {
		memory_free(&memory, slub->caches[c].cpus);
		memory_free(&memory, slub->caches[c].nodes);
		slub_sheaf_destroy(slub, &slub->caches[c]);
	}
	memory_free(&memory, slub->caches);
	memory_free(&memory, slub->slabs);
	memory_free(&memory, slub->cpu_node);
	memory_free(&memory, slub);
}

static const struct slab_model_ops slub_ops = {
    .name = "slub",
    .cache_add = slub_cache_add,
    .alloc = slub_alloc,
    .free = slub_free,
    .start = slub_start,
    .place = slub_place,
    .counts = slub_counts,
    .sums = slub_sums,
    .check = slub_check,
    .destroy = slub_destroy,
};

static int config_check(const struct slub_config *config, struct err *err)
{
	struct slub_params probe;

	if (!config->pages || !config->memory.resize || !config->env.cpus ||
	    !config->nodes || config->nodes > UINT16_MAX)
		return err_set(err, ERR_USAGE,
			       "slub: no pages, memory, CPUs or nodes given");
	if (slub_params_compute(&config->env, 64, false, &probe))
		return err_set(err, ERR_LIMIT,
			       "slub: orders %u to %u are not below the %u "
			       "orders of the page allocator",
			       config->env.slub_min_order,
			       config->env.slub_max_order,
			       config->env.order_count);
	for (uint32_t i = 0; config->cpu_node && i < config->env.cpus; i++)
		if (config->cpu_node[i] >= config->nodes)
			return err_set(err, ERR_USAGE,
				       "slub: CPU %u is on node %u of %u", i,
				       config->cpu_node[i], config->nodes);
	return 0;
}

int slub_create(struct slab_model **model, const struct slub_config *config,
		struct err *err)
{
	int ret = config_check(config, err);
	const struct memory *memory = &config->memory;
	struct slub *slub;
	uint16_t *cpu_node;

	if (ret)
		return ret;
	slub = memory_new(memory, 1, sizeof(*slub));
	cpu_node = memory_new(memory, config->env.cpus, sizeof(*cpu_node));
	if (!slub || !cpu_node) {
		memory_free(memory, slub);
		memory_free(memory, cpu_node);
		return err_set(err, ERR_NOMEM, "slub: out of memory");
	}
	if (config->cpu_node)
		memcpy(cpu_node, config->cpu_node,
		       config->env.cpus * sizeof(*cpu_node));
	slub->model.ops = &slub_ops;
	slub->config = *config;
	slub->config.cpu_node = NULL;
	slub->cpu_node = cpu_node;
	numbers_init(&slub->numbers, sizeof(struct slub_slab),
		     offsetof(struct slub_slab, next));
	*model = &slub->model;
	return 0;
}
