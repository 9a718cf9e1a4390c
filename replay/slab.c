/*
 * SLAB by counts: which object of a slab is taken never changes what SLAB
 * does, so an array holds numbers of slabs where the kernel's holds objects.
 *
 * This is the front door: allocation and free, caches, the start. Each function
 * names the kernel's in mm/slab.c. An allocation or a free costs constant time
 * but for one batch in about as many, and reaping, which is per cache.
 */
#include "replay/slab.h"

#include <assert.h>
#include <string.h>

#include "replay/slab_array.h"
#include "replay/slab_node.h"
#include "replay/slab_params.h"

enum { ARRAY_MOST = 1 << 20 }; /* more is no limit that anybody sets */

/* ---- Allocation ---- */

/* The first half of ____cache_alloc_node(): one object of a node's slabs. */
static bool node_take(struct slab *slab, struct slab_cache *cache,
		      unsigned int node, uint32_t *handle)
{
	struct slab_node *n = &cache->nodes[node];
	uint32_t s = slab_node_first(n);

	if (s == SLAB_NONE)
		return false;
	slab->blocks[s].active++;
	n->free_objects--;
	slab_list_fix(slab, cache, s);
	*handle = s;
	return true;
}

/* fallback_alloc(): any node's slabs, then a new one from anywhere. */
static int fallback_alloc(struct slab *slab, uint32_t c,
			  const struct slab_request *request, uint32_t *handle)
{
	struct slab_cache *cache = &slab->caches[c];
	unsigned int local = slab->cpu_node[request->cpu];
	uint32_t nodes = slab->config.nodes, s;
	int ret;

	if (request->flags & PAGE_REQ_THISNODE)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < nodes; i++) {
		unsigned int node = (local + i) % nodes;

		if (cache->nodes[node].free_objects &&
		    node_take(slab, cache, node, handle))
			return 0;
	}
	ret = slab_grow_begin(slab, c, request, -1, false, &s);
	if (ret)
		return ret;
	slab_grow_end(slab, c, s);
	return node_take(slab, cache, slab->blocks[s].node, handle) ? 0
								    : ERR_NOMEM;
}

/* ____cache_alloc_node(): past the arrays. */
static int node_alloc(struct slab *slab, uint32_t c,
		      const struct slab_request *request, unsigned int node,
		      uint32_t *handle)
{
	struct slab_cache *cache = &slab->caches[c];
	uint32_t s;
	int ret;

	slab->stats.nodeallocs++;
	if (node_take(slab, cache, node, handle))
		return 0;
	ret = slab_grow_begin(slab, c, request, (int)node, true, &s);
	if (ret == ERR_NOMEM)
		return fallback_alloc(slab, c, request, handle);
	if (ret)
		return ret;
	slab->blocks[s].active++;
	slab_grow_end(slab, c, s);
	*handle = s;
	return 0;
}

/* __do_cache_alloc() */
static int slab_alloc(struct slab_model *model,
		      const struct slab_request *request, uint64_t *handle)
{
	struct slab *slab = slab_of(model);
	struct slab_cache *cache = &slab->caches[request->cache];
	struct slab_array *array = slab_cpu_array(cache, request->cpu);
	unsigned int local = slab->cpu_node[request->cpu], node = local;
	uint32_t s = SLAB_NONE;
	int ret = 0;

	assert(request->cache < slab->cache_count);
	if (request->node >= 0 && request->node < (int)slab->config.nodes)
		node = (unsigned int)request->node;
	if (node == local && array->avail) {
		array->touched = true;
		slab->stats.allochit++;
	} else if (node == local) {
		slab->stats.allocmiss++;
		ret = slab_array_refill(slab, request->cache, request, node);
		if (ret && ret != ERR_NOMEM)
			return ret;
	}
	if (node == local && array->avail)
		s = array->entries[--array->avail];
	else
		ret = node_alloc(slab, request->cache, request, node, &s);
	if (s == SLAB_NONE)
		return ret;
	cache->objects++;
	slab->sums.used_bytes += cache->layout.size;
	*handle = s;
	return 0;
}

/* ---- Free ---- */

/* __cache_free_alien() */
static void alien_free(struct slab *slab, struct slab_cache *cache, uint32_t s,
		       unsigned int cpu)
{
	unsigned int of = slab->blocks[s].node;
	struct slab_array *alien =
	    slab_alien_array(slab, cache, slab->cpu_node[cpu], of);

	slab->stats.nodefrees++;
	if (alien->avail == alien->limit) {
		slab->stats.alienoverflow++;
		slab_alien_drain(slab, cache, alien, of, cpu);
	}
	alien->entries[alien->avail++] = s;
}

/* ___cache_free() */
static void slab_free(struct slab_model *model, uint32_t number,
		      uint64_t handle, unsigned int cpu)
{
	struct slab *slab = slab_of(model);
	struct slab_cache *cache = &slab->caches[number];
	struct slab_array *array = slab_cpu_array(cache, cpu);
	uint32_t s = (uint32_t)handle;

	assert(handle < slab->numbers.count && number < slab->cache_count);
	assert(slab->blocks[s].cache == number && slab->blocks[s].active);
	cache->objects--;
	slab->sums.used_bytes -= cache->layout.size;
	if (slab->blocks[s].node != slab->cpu_node[cpu]) {
		alien_free(slab, cache, s, cpu);
		return;
	}
	if (array->avail < array->limit) {
		slab->stats.freehit++;
	} else {
		slab->stats.freemiss++;
		slab_array_flush(slab, cache, array, cpu);
	}
	array->entries[array->avail++] = s;
}

/* ---- Caches ---- */

static int layout_of(const struct slab *slab,
		     const struct slab_cache_spec *spec,
		     struct slab_layout *layout)
{
	struct slab_layout_spec given = {
	    .object_size = spec->align ? spec->object_size : spec->slab_size,
	    .align = spec->align,
	    .ctor = spec->ctor,
	    .rcu = spec->destroy_by_rcu,
	    .reclaimable = spec->reclaimable,
	};
	int ret = slab_layout_compute(&slab->config.env, &given, layout);

	if (ret || !slab->config.use_captured)
		return ret;
	if (spec->has_order && spec->objs_per_slab) {
		layout->order = spec->order;
		layout->objs_per_slab = spec->objs_per_slab;
		layout->size = spec->slab_size;
	}
	if (spec->has_arrays && spec->batchcount &&
	    spec->batchcount <= spec->limit && spec->limit <= ARRAY_MOST &&
	    (uint64_t)spec->shared * spec->batchcount <= ARRAY_MOST) {
		layout->limit = spec->limit;
		layout->batchcount = spec->batchcount;
		layout->shared = spec->shared;
	}
	return layout->order < slab->config.env.order_count &&
		       slab_objects_fit(slab->config.env.page_size,
					layout->order, layout->objs_per_slab,
					layout->size)
		   ? 0
		   : ERR_LIMIT;
}

/* Takes over cache, whose layout is known. */
static int cache_enter(struct slab *slab, struct slab_cache *cache,
		       uint32_t *number)
{
	struct slab_cache *grown = memory_grow(
	    &slab->config.memory, slab->caches, sizeof(*slab->caches),
	    slab->cache_count + 1, &slab->cache_cap);
	int ret;

	if (!grown)
		return ERR_NOMEM;
	slab->caches = grown;
	ret = slab_arrays_make(slab, cache);
	if (ret)
		return ret;
	slab->caches[slab->cache_count] = *cache;
	*number = (uint32_t)slab->cache_count++;
	return 0;
}

/* The internal cache for freelists of a size; made when first needed. */
static int freelist_cache_find(struct slab *slab, uint32_t size,
			       uint32_t *number)
{
	struct slab_layout_spec spec = {.object_size = size};
	struct slab_cache cache = {.internal = true,
				   .freelist_cache = SLAB_NONE};
	int ret;

	for (size_t c = 0; c < slab->cache_count; c++) {
		if (slab->caches[c].internal &&
		    slab->caches[c].layout.size == size) {
			*number = (uint32_t)c;
			return 0;
		}
	}
	ret = slab_layout_compute(&slab->config.env, &spec, &cache.layout);
	return ret ? ret : cache_enter(slab, &cache, number);
}

static int slab_cache_add(struct slab_model *model,
			  const struct slab_cache_spec *spec, uint32_t *number)
{
	struct slab *slab = slab_of(model);
	struct slab_cache cache = {.reclaimable = spec->reclaimable,
				   .dma = spec->dma,
				   .freelist_cache = SLAB_NONE};
	int ret = layout_of(slab, spec, &cache.layout);

	if (!ret && !slab->config.freelists_given &&
	    cache.layout.freelist == SLAB_FREELIST_OFF_SLAB)
		ret = freelist_cache_find(slab, cache.layout.freelist_class,
					  &cache.freelist_cache);
	return ret ? ret : cache_enter(slab, &cache, number);
}

/* ---- The start ---- */

static int slab_start(struct slab_model *model, const struct slab_start *start,
		      uint64_t *handle)
{
	struct slab *slab = slab_of(model);
	struct slab_cache *cache = &slab->caches[start->cache];
	struct slab_array *array;
	uint32_t s, num = cache->layout.objs_per_slab, cached = start->cached;

	assert(start->cache < slab->cache_count);
	if (start->inuse > num || cached > num - start->inuse ||
	    start->cpu >= slab->config.env.cpus ||
	    start->node >= slab->config.nodes)
		return ERR_USAGE;
	if (cached && start->node != slab->cpu_node[start->cpu])
		return ERR_USAGE;
	s = numbers_take(&slab->numbers, &slab->blocks, &slab->config.memory);
	if (s == SLAB_NONE)
		return ERR_LIMIT;
	slab->blocks[s] = (struct slab_block){
	    .pfn = start->pfn,
	    .cache = start->cache,
	    .next = SLAB_NONE,
	    .prev = SLAB_NONE,
	    .active = start->inuse,
	    .freelist = SLAB_NONE,
	    .node = start->node,
	    .list = LIST_FULL,
	};
	array = slab_cpu_array(cache, start->cpu);
	if (cached > array->limit - array->avail)
		cached = array->limit - array->avail;
	for (uint32_t i = 0; i < cached; i++)
		array->entries[array->avail++] = s;
	slab->blocks[s].active += cached;
	cache->objects += start->inuse;
	slab->sums.used_bytes += (uint64_t)start->inuse * cache->layout.size;
	slab_block_count_in(slab, &slab->blocks[s]);
	if (slab->blocks[s].active < num)
		slab_list_add(slab, &cache->nodes[start->node], s,
			      slab->blocks[s].active ? LIST_PARTIAL : LIST_FREE,
			      true);
	*handle = s;
	return 0;
}

/*
 * A slab that turns out to lie on another node moves there, unless an array of
 * the node it was thought to be on has objects of it.
 */
static void slab_place(struct slab_model *model, uint64_t handle, uint64_t pfn)
{
	struct slab *slab = slab_of(model);
	struct page_model *pages = slab->config.pages;
	struct slab_block *block = &slab->blocks[handle];
	unsigned int node = pages->ops->node(pages, pfn);
	struct slab_cache *cache = &slab->caches[block->cache];
	uint8_t list = block->list;
	uint32_t free_objects = cache->layout.objs_per_slab - block->active;

	assert(handle < slab->numbers.count && list != LIST_UNUSED);
	block->pfn = pfn;
	if (node == block->node || node >= slab->config.nodes ||
	    slab_arrays_hold(slab, cache, (uint32_t)handle))
		return;
	slab_list_remove(slab, &cache->nodes[block->node], (uint32_t)handle);
	cache->nodes[block->node].total_slabs--;
	cache->nodes[block->node].free_objects -= free_objects;
	block->node = (uint16_t)node;
	cache->nodes[node].total_slabs++;
	cache->nodes[node].free_objects += free_objects;
	slab_list_add(slab, &cache->nodes[node], (uint32_t)handle,
		      (enum slab_list)list, true);
}

/* ---- What there is ---- */

static void slab_counts(const struct slab_model *model, uint32_t number,
			struct slab_counts *counts)
{
	const struct slab *slab = slab_of_const(model);
	const struct slab_cache *cache = &slab->caches[number];
	uint64_t slabs = slab_cache_slabs(slab, cache);

	assert(number < slab->cache_count);
	*counts = (struct slab_counts){
	    .slab_size = cache->layout.size,
	    .order = cache->layout.order,
	    .objs_per_slab = cache->layout.objs_per_slab,
	    .slabs = slabs,
	    .slabs_peak = cache->slabs_peak,
	    .pages = slabs << cache->layout.order,
	    .objects = cache->objects,
	    .objects_total = slabs * cache->layout.objs_per_slab,
	};
}

static void slab_sums(const struct slab_model *model, struct slab_sums *sums)
{
	*sums = slab_of_const(model)->sums;
}

const struct slab_layout *slab_cache_layout(const struct slab_model *model,
					    uint32_t cache)
{
	assert(cache < slab_of_const(model)->cache_count);
	return &slab_of_const(model)->caches[cache].layout;
}

uint32_t slab_colour(const struct slab_model *model, uint64_t handle)
{
	const struct slab *slab = slab_of_const(model);
	const struct slab_block *block = &slab->blocks[handle];

	assert(handle < slab->numbers.count && block->list != LIST_UNUSED);
	return block->colour * slab->caches[block->cache].layout.colour_off;
}

const struct slab_stats *slab_stats(const struct slab_model *model)
{
	return &slab_of_const(model)->stats;
}

/* ---- Making one ---- */

static void slab_destroy(struct slab_model *model)
{
	struct slab *slab = slab_of(model);
	struct memory memory = slab->config.memory;

	for (size_t c = 0; c < slab->cache_count; c++)
		slab_arrays_fini(slab, &slab->caches[c]);
	memory_free(&memory, slab->caches);
	memory_free(&memory, slab->blocks);
	memory_free(&memory, slab->cpu_node);
	memory_free(&memory, slab->reap_node);
	memory_free(&memory, slab);
}

static const struct slab_model_ops slab_ops = {
    .name = "slab",
    .cache_add = slab_cache_add,
    .alloc = slab_alloc,
    .free = slab_free,
    .start = slab_start,
    .tick = slab_tick,
    .place = slab_place,
    .counts = slab_counts,
    .sums = slab_sums,
    .check = slab_check,
    .destroy = slab_destroy,
};

static int config_check(const struct slab_config *config, struct err *err)
{
	const struct slab_layout_spec probe = {.object_size = 64};
	struct slab_layout layout;

	if (!config->pages || !config->memory.resize || !config->env.cpus ||
	    config->env.cpus > UINT16_MAX || !config->nodes ||
	    config->nodes > UINT16_MAX)
		return err_set(err, ERR_USAGE,
			       "slab: no pages, memory, CPUs or nodes given");
	if (slab_layout_compute(&config->env, &probe, &layout))
		return err_set(err, ERR_LIMIT,
			       "slab: page size %u, word size %u, cache line "
			       "%u or least kmalloc size %u is out of range",
			       config->env.page_size, config->env.word_size,
			       config->env.cache_line, config->env.kmalloc_min);
	for (uint32_t i = 0; config->cpu_node && i < config->env.cpus; i++)
		if (config->cpu_node[i] >= config->nodes)
			return err_set(err, ERR_USAGE,
				       "slab: CPU %u is on node %u of %u", i,
				       config->cpu_node[i], config->nodes);
	return 0;
}

int slab_create(struct slab_model **model, const struct slab_config *config,
		struct err *err)
{
	int ret = config_check(config, err);
	const struct memory *memory = &config->memory;
	uint32_t cpus = config->env.cpus;
	struct slab *slab;

	if (ret)
		return ret;
	slab = memory_new(memory, 1, sizeof(*slab));
	if (!slab)
		return err_set(err, ERR_NOMEM, "slab: out of memory");
	slab->model.ops = &slab_ops;
	slab->config = *config;
	slab->config.cpu_node = NULL;
	numbers_init(&slab->numbers, sizeof(struct slab_block),
		     offsetof(struct slab_block, next));
	slab->cpu_node = memory_new(memory, cpus, sizeof(*slab->cpu_node));
	slab->reap_node = memory_new(memory, cpus, sizeof(*slab->reap_node));
	if (!slab->cpu_node || !slab->reap_node) {
		slab_destroy(&slab->model);
		return err_set(err, ERR_NOMEM, "slab: out of memory");
	}
	if (config->cpu_node)
		memcpy(slab->cpu_node, config->cpu_node,
		       cpus * sizeof(*slab->cpu_node));
	/* init_reap_node(): each CPU begins with the node after its own. */
	for (uint32_t i = 0; i < cpus; i++)
		slab->reap_node[i] =
		    (uint16_t)((slab->cpu_node[i] + 1u) % config->nodes);
	*model = &slab->model;
	return 0;
}
