/*
 * SLUB by counts: which object of a slab is taken never changes what SLUB
 * does, so a slab keeps numbers where the kernel keeps lists of objects.
 *
 *   cache ── cpu[c] ── slab          c->slab, cpu[c].free objects on
 * c->freelist │         └─ partial ──▶ slab ──▶ slab      newest first └─
 * node[n] ─ partial ◀─▶ slab ◀─▶ slab      head is taken first
 *
 * slab.inuse is the kernel's: a CPU slab counts all objects that its CPU took,
 * used or not; objects - inuse are those on the slab's own list (remote frees).
 * A slab on no list is full. Each function names the kernel's in mm/slub.c.
 *
 * Every step costs constant time, but for draining a CPU partial list, whose
 * length is bounded by cpu_partial_slabs plus what one refill adds.
 */
#include "replay/slub.h"

#include <assert.h>
#include <string.h>

#define NONE UINT32_MAX
enum { PLACE_UNUSED = 255 };

struct slub_slab {
	uint64_t pfn;
	uint32_t cache;
	uint32_t next, prev;  /* next alone on CPU partial and unused lists */
	uint32_t cpu_slabs;   /* CPU partial: slabs from here to the end */
	uint32_t cpu_objects; /* CPU partial: free objects, as 5.15 guesses */
	uint16_t inuse, objects;
	uint16_t node;
	uint8_t order;
	uint8_t place; /* enum slab_place or PLACE_UNUSED */
};

struct slub_cpu {
	uint32_t slab;	  /* c->slab or NONE */
	uint32_t free;	  /* objects on c->freelist */
	uint32_t partial; /* head of c->partial or NONE */
};

struct slub_node {
	uint32_t head, tail;
	uint32_t nr_partial;
};

struct slub_cache {
	struct slub_params params;
	bool reclaimable, dma;
	struct slub_cpu *cpus;
	struct slub_node *nodes;
	uint64_t slabs, slabs_peak, pages, objects, objects_total;
};

struct slub {
	struct slab_model model;
	struct slub_config config;
	uint16_t *cpu_node;
	struct slub_cache *caches;
	size_t cache_count, cache_cap;
	struct slub_slab *slabs;
	size_t slab_count, slab_cap;
	uint32_t unused; /* list of slab numbers to use again */
	uint64_t random; /* of get_any_partial() */
	struct slub_stats stats;
};

static struct slub *slub_of(struct slab_model *model)
{
	return (struct slub *)model;
}

static const struct slub *slub_of_const(const struct slab_model *model)
{
	return (const struct slub *)model;
}

/* ---- Lists ---- */

static void node_add(struct slub *slub, struct slub_cache *cache, uint32_t s,
		     bool tail)
{
	struct slub_slab *slab = &slub->slabs[s];
	struct slub_node *node = &cache->nodes[slab->node];

	slab->place = SLAB_NODE_PARTIAL;
	slab->prev = tail ? node->tail : NONE;
	slab->next = tail ? NONE : node->head;
	if (slab->prev != NONE)
		slub->slabs[slab->prev].next = s;
	else
		node->head = s;
	if (slab->next != NONE)
		slub->slabs[slab->next].prev = s;
	else
		node->tail = s;
	node->nr_partial++;
}

static void node_remove(struct slub *slub, struct slub_cache *cache, uint32_t s)
{
	struct slub_slab *slab = &slub->slabs[s];
	struct slub_node *node = &cache->nodes[slab->node];

	if (slab->prev != NONE)
		slub->slabs[slab->prev].next = slab->next;
	else
		node->head = slab->next;
	if (slab->next != NONE)
		slub->slabs[slab->next].prev = slab->prev;
	else
		node->tail = slab->prev;
	slab->place = SLAB_FULL;
	node->nr_partial--;
}

/* ---- Slabs and their pages ---- */

/* A slab number for a new slab; NONE if the array cannot grow. */
static uint32_t slab_number(struct slub *slub)
{
	uint32_t s = slub->unused;
	struct slub_slab *grown;

	if (s != NONE) {
		slub->unused = slub->slabs[s].next;
		return s;
	}
	if (slub->slab_count >= NONE)
		return NONE;
	grown =
	    memory_grow(&slub->config.memory, slub->slabs, sizeof(*slub->slabs),
			slub->slab_count + 1, &slub->slab_cap);
	if (!grown)
		return NONE;
	slub->slabs = grown;
	return (uint32_t)slub->slab_count++;
}

static void slab_number_release(struct slub *slub, uint32_t s)
{
	slub->slabs[s].place = PLACE_UNUSED;
	slub->slabs[s].next = slub->unused;
	slub->unused = s;
}

/* A slab came to a cache: from the page model or from the start. */
static void slab_count_in(struct slub *slub, const struct slub_slab *slab)
{
	struct slub_cache *cache = &slub->caches[slab->cache];

	cache->slabs++;
	if (cache->slabs > cache->slabs_peak)
		cache->slabs_peak = cache->slabs;
	cache->pages += 1ull << slab->order;
	cache->objects_total += slab->objects;
	slub->model.pages += 1ull << slab->order;
}

/* discard_slab(): the slab must be on no list and hold no object. */
static void slab_discard(struct slub *slub, uint32_t s, unsigned int cpu)
{
	struct slub_slab *slab = &slub->slabs[s];
	struct slub_cache *cache = &slub->caches[slab->cache];
	struct page_model *pages = slub->config.pages;

	cache->slabs--;
	cache->pages -= 1ull << slab->order;
	cache->objects_total -= slab->objects;
	slub->model.pages -= 1ull << slab->order;
	slub->stats.free_slab++;
	if (slab->pfn == SLAB_PFN_UNKNOWN ||
	    !pages->ops->free(pages, slab->pfn, slab->order, cpu))
		slub->model.unplaced_pages += 1ull << slab->order;
	slab_number_release(slub, s);
}

/*
 * allocate_slab(): the preferred order without reclaim, then the least order
 * with all that the request allows.
 */
static int slab_pages_take(struct slub *slub, const struct slub_cache *cache,
			   const struct slab_request *request, int node,
			   struct slub_slab *slab)
{
	struct page_model *pages = slub->config.pages;
	const struct slub_params *p = &cache->params;
	struct page_request want = {
	    .order = p->order,
	    .migratetype =
		cache->reclaimable ? PAGE_RECLAIMABLE : PAGE_UNMOVABLE,
	    .zone = cache->dma ? PAGE_ZONE_DMA : PAGE_ZONE_NORMAL,
	    .flags = request->flags,
	    .cpu = request->cpu,
	    .node = node < 0 ? PAGE_NODE_LOCAL : node,
	};

	if (p->order > p->order_min && !(request->flags & PAGE_REQ_NONBLOCK))
		want.flags |= PAGE_REQ_NONBLOCK | PAGE_REQ_NOMEMALLOC;
	slab->order = (uint8_t)p->order;
	slab->objects = (uint16_t)p->objs_per_slab;
	if (!pages->ops->alloc(pages, &want, &slab->pfn))
		return 0;
	want.order = p->order_min;
	want.flags = request->flags;
	slab->order = (uint8_t)p->order_min;
	slab->objects = (uint16_t)p->objs_per_slab_min;
	slub->stats.order_fallback++;
	return pages->ops->alloc(pages, &want, &slab->pfn);
}

/* new_slab(): all objects belong to the CPU that asked. */
static int slab_new(struct slub *slub, uint32_t c,
		    const struct slab_request *request, int node,
		    uint32_t *number)
{
	struct page_model *pages = slub->config.pages;
	struct slub_slab slab = {.cache = c, .next = NONE, .prev = NONE};
	uint32_t s = slab_number(slub);
	int ret;

	if (s == NONE)
		return ERR_LIMIT;
	ret = slab_pages_take(slub, &slub->caches[c], request, node, &slab);
	if (ret) {
		slab_number_release(slub, s);
		return ret;
	}
	slab.node = (uint16_t)pages->ops->node(pages, slab.pfn);
	if (slab.node >= slub->config.nodes)
		slab.node = 0;
	slab.inuse = slab.objects;
	slab.place = SLAB_CPU;
	slub->slabs[s] = slab;
	slab_count_in(slub, &slab);
	slub->stats.alloc_slab++;
	*number = s;
	return 0;
}

/* ---- CPU partial lists ---- */

/* __unfreeze_partials(), __put_partials(): to the nodes, the empty ones away.
 */
static void cpu_partial_drain(struct slub *slub, struct slub_cache *cache,
			      uint32_t s, unsigned int cpu)
{
	uint32_t discard = NONE;

	slub->stats.cpu_partial_drain++;
	while (s != NONE) {
		struct slub_slab *slab = &slub->slabs[s];
		uint32_t next = slab->next;

		if (!slab->inuse && cache->nodes[slab->node].nr_partial >=
					cache->params.min_partial) {
			slab->place = SLAB_FULL;
			slab->next = discard;
			discard = s;
		} else {
			node_add(slub, cache, s, true);
		}
		s = next;
	}
	while (discard != NONE) {
		uint32_t next = slub->slabs[discard].next;

		slab_discard(slub, discard, cpu);
		discard = next;
	}
}

/* True if a CPU partial list that begins with s may take no further slab. */
static bool cpu_partial_full(const struct slub *slub,
			     const struct slub_cache *cache, uint32_t s)
{
	const struct slub_slab *slab = &slub->slabs[s];

	if (slub->config.env.variant == VARIANT_5_15)
		return slab->cpu_objects > cache->params.cpu_partial;
	return slab->cpu_slabs >= cache->params.cpu_partial_slabs;
}

/* put_cpu_partial() */
static void cpu_partial_put(struct slub *slub, struct slub_cache *cache,
			    uint32_t s, unsigned int cpu, bool drain)
{
	struct slub_slab *slab = &slub->slabs[s];
	uint32_t old = cache->cpus[cpu].partial, full = NONE;

	if (old != NONE && drain && cpu_partial_full(slub, cache, old)) {
		full = old;
		old = NONE;
	}
	slab->cpu_slabs = 1;
	slab->cpu_objects = (uint32_t)(slab->objects - slab->inuse);
	if (old != NONE) {
		slab->cpu_slabs += slub->slabs[old].cpu_slabs;
		slab->cpu_objects += slub->slabs[old].cpu_objects;
	}
	slab->place = SLAB_CPU_PARTIAL;
	slab->next = old;
	cache->cpus[cpu].partial = s;
	if (full != NONE)
		cpu_partial_drain(slub, cache, full, cpu);
}

/* ---- Allocation ---- */

/*
 * True if get_partial_node() has enough: extra slabs went to the CPU partial
 * list, which 5.15 counts by their free objects (objects: first slab too).
 */
static bool partial_enough(const struct slub *slub,
			   const struct slub_cache *cache, uint32_t extra,
			   uint32_t objects)
{
	const struct slub_params *p = &cache->params;

	if (slub->config.env.variant == VARIANT_5_15)
		return objects > p->cpu_partial / 2;
	if (slub->config.env.variant >= VARIANT_6_12 && !p->cpu_partial_slabs)
		return true;
	return extra > p->cpu_partial_slabs / 2;
}

/* get_partial_node(): the first becomes the CPU slab, some more go along. */
static uint32_t partial_take_node(struct slub *slub, struct slub_cache *cache,
				  unsigned int node, unsigned int cpu)
{
	uint32_t taken = NONE, extra = 0, objects = 0;
	uint32_t s = cache->nodes[node].head;

	while (s != NONE) {
		struct slub_slab *slab = &slub->slabs[s];
		uint32_t next = slab->next;

		objects += (uint32_t)(slab->objects - slab->inuse);
		node_remove(slub, cache, s);
		if (taken == NONE) {
			taken = s;
			slub->stats.alloc_from_partial++;
		} else {
			cpu_partial_put(slub, cache, s, cpu, false);
			slub->stats.cpu_partial_node++;
			extra++;
		}
		if (partial_enough(slub, cache, extra, objects))
			break;
		s = next;
	}
	return taken;
}

/*
 * get_any_partial(): other nodes are asked in 1001 of 1024 cases
 * (remote_node_defrag_ratio 1000), nearest first by number, and give only what
 * they have above min_partial.
 */
static uint32_t partial_take_any(struct slub *slub, struct slub_cache *cache,
				 unsigned int local, unsigned int cpu)
{
	enum { DEFRAG_RATIO = 1000 };
	uint32_t nodes = slub->config.nodes;

	if (nodes < 2)
		return NONE;
	slub->random =
	    slub->random * 6364136223846793005ull + 1442695040888963407ull;
	if ((slub->random >> 33) % 1024 > DEFRAG_RATIO)
		return NONE;
	for (uint32_t i = 0; i < nodes; i++) {
		uint32_t node = (local + i) % nodes;

		if (cache->nodes[node].nr_partial > cache->params.min_partial)
			return partial_take_node(slub, cache, node, cpu);
	}
	return NONE;
}

/* get_partial() */
static uint32_t partial_take(struct slub *slub, struct slub_cache *cache,
			     int node, unsigned int cpu)
{
	unsigned int local = slub->cpu_node[cpu];
	uint32_t s = partial_take_node(
	    slub, cache, node < 0 ? local : (unsigned int)node, cpu);

	if (s != NONE)
		return s;
	if (node >= 0 && (slub->config.env.variant < VARIANT_6_12))
		return NONE;
	return partial_take_any(slub, cache, local, cpu);
}

/* All free objects of the slab become the CPU's (get_freelist()). */
static void cpu_slab_load(struct slub *slub, struct slub_cpu *c, uint32_t s)
{
	struct slub_slab *slab = &slub->slabs[s];

	c->slab = s;
	c->free = (uint32_t)(slab->objects - slab->inuse);
	slab->inuse = slab->objects;
	slab->place = SLAB_CPU;
}

/* deactivate_slab(): the CPU gives its slab up, with what it did not use. */
static void cpu_slab_drop(struct slub *slub, struct slub_cache *cache,
			  struct slub_cpu *c, unsigned int cpu)
{
	uint32_t s = c->slab;
	struct slub_slab *slab = &slub->slabs[s];
	bool tail = slab->inuse < slab->objects;

	slab->inuse = (uint16_t)(slab->inuse - c->free);
	c->slab = NONE;
	c->free = 0;
	slab->place = SLAB_FULL;
	slub->stats.node_mismatch++;
	if (!slab->inuse &&
	    cache->nodes[slab->node].nr_partial >= cache->params.min_partial)
		slab_discard(slub, s, cpu);
	else if (slab->inuse < slab->objects)
		node_add(slub, cache, s, tail);
}

/* ___slab_alloc(): leaves at least one object on c->freelist. */
static int cpu_slab_refill(struct slub *slub, uint32_t number,
			   const struct slab_request *request, int node)
{
	struct slub_cache *cache = &slub->caches[number];
	struct slub_cpu *c = &cache->cpus[request->cpu];
	uint32_t s;
	int ret;

	for (;;) {
		if (c->slab == NONE) {
			s = c->partial;
			if (s == NONE)
				break;
			c->partial = slub->slabs[s].next;
			slub->slabs[s].place = SLAB_CPU;
			c->slab = s;
			c->free = 0;
			slub->stats.cpu_partial_alloc++;
		}
		if (node >= 0 && slub->slabs[c->slab].node != node) {
			cpu_slab_drop(slub, cache, c, request->cpu);
			continue;
		}
		if (c->free)
			return 0;
		if (slub->slabs[c->slab].inuse < slub->slabs[c->slab].objects) {
			cpu_slab_load(slub, c, c->slab);
			slub->stats.alloc_refill++;
			return 0;
		}
		slub->slabs[c->slab].place = SLAB_FULL;
		c->slab = NONE;
	}
	s = partial_take(slub, cache, node, request->cpu);
	if (s != NONE) {
		cpu_slab_load(slub, c, s);
		return 0;
	}
	ret = slab_new(slub, number, request, node, &s);
	if (ret)
		return ret;
	c->slab = s;
	c->free = slub->slabs[s].objects;
	return 0;
}

static int slub_alloc(struct slab_model *model,
		      const struct slab_request *request, uint64_t *handle)
{
	struct slub *slub = slub_of(model);
	struct slub_cache *cache = &slub->caches[request->cache];
	struct slub_cpu *c = &cache->cpus[request->cpu];
	int node = request->node;

	assert(request->cache < slub->cache_count);
	assert(request->cpu < slub->config.env.cpus);
	if (node >= (int)slub->config.nodes)
		node = -1;
	if (c->free && (node < 0 || slub->slabs[c->slab].node == node)) {
		slub->stats.alloc_fastpath++;
	} else {
		int ret = cpu_slab_refill(slub, request->cache, request, node);

		if (ret)
			return ret;
	}
	c->free--;
	cache->objects++;
	*handle = c->slab;
	return 0;
}

/* ---- Free ---- */

/* __slab_free() of one object of a slab that is not this CPU's. */
static void slab_free_remote(struct slub *slub, struct slub_cache *cache,
			     uint32_t s, unsigned int cpu)
{
	struct slub_slab *slab = &slub->slabs[s];

	assert(slab->inuse);
	slab->inuse--;
	if (slab->place == SLAB_FULL) {
		cpu_partial_put(slub, cache, s, cpu, true);
		return;
	}
	if (slab->place == SLAB_NODE_PARTIAL && !slab->inuse &&
	    cache->nodes[slab->node].nr_partial >= cache->params.min_partial) {
		node_remove(slub, cache, s);
		slab_discard(slub, s, cpu);
	}
}

static void slub_free(struct slab_model *model, uint32_t number,
		      uint64_t handle, unsigned int cpu)
{
	struct slub *slub = slub_of(model);
	struct slub_cache *cache = &slub->caches[number];
	struct slub_cpu *c = &cache->cpus[cpu];

	assert(handle < slub->slab_count && number < slub->cache_count);
	assert(cpu < slub->config.env.cpus);
	assert(slub->slabs[handle].cache == number);
	cache->objects--;
	if (c->slab == handle) {
		c->free++;
		slub->stats.free_fastpath++;
		return;
	}
	slab_free_remote(slub, cache, (uint32_t)handle, cpu);
}

/* ---- Caches ---- */

static void cache_captured(const struct slub *slub,
			   const struct slab_cache_spec *spec,
			   struct slub_params *p)
{
	const struct slub_config *config = &slub->config;

	if (config->use_captured_order && spec->has_order &&
	    spec->objs_per_slab) {
		p->order = spec->order;
		p->objs_per_slab = spec->objs_per_slab;
	}
	if (spec->has_cpu_partial)
		p->cpu_partial = spec->cpu_partial;
	if (spec->has_min_partial)
		p->min_partial = spec->min_partial;
	if (config->cpu_partial != SLUB_UNSET)
		p->cpu_partial = config->cpu_partial;
	if (config->min_partial != SLUB_UNSET)
		p->min_partial = config->min_partial;
	p->cpu_partial_slabs =
	    slub_cpu_partial_slabs(p->cpu_partial, p->objs_per_slab);
}

static int cache_arrays(struct slub *slub, struct slub_cache *cache)
{
	const struct memory *memory = &slub->config.memory;

	cache->cpus =
	    memory_new(memory, slub->config.env.cpus, sizeof(*cache->cpus));
	cache->nodes =
	    memory_new(memory, slub->config.nodes, sizeof(*cache->nodes));
	if (!cache->cpus || !cache->nodes) {
		memory_free(memory, cache->cpus);
		memory_free(memory, cache->nodes);
		return ERR_NOMEM;
	}
	for (uint32_t i = 0; i < slub->config.env.cpus; i++)
		cache->cpus[i] = (struct slub_cpu){NONE, 0, NONE};
	for (uint32_t i = 0; i < slub->config.nodes; i++)
		cache->nodes[i] = (struct slub_node){NONE, NONE, 0};
	return 0;
}

static int slub_cache_add(struct slab_model *model,
			  const struct slab_cache_spec *spec, uint32_t *number)
{
	struct slub *slub = slub_of(model);
	struct slub_cache cache = {.reclaimable = spec->reclaimable,
				   .dma = spec->dma};
	struct slub_cache *grown;
	int ret = slub_params_compute(&slub->config.env, spec->slab_size,
				      &cache.params);

	if (ret)
		return ret;
	cache_captured(slub, spec, &cache.params);
	if (cache.params.order >= slub->config.env.order_count ||
	    cache.params.objs_per_slab > UINT16_MAX)
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
	    start->cpu >= slub->config.env.cpus ||
	    start->node >= slub->config.nodes)
		return ERR_USAGE;
	if (start->place == SLAB_CPU && cache->cpus[start->cpu].slab != NONE)
		return ERR_USAGE;
	s = slab_number(slub);
	if (s == NONE)
		return ERR_LIMIT;
	slub->slabs[s] = (struct slub_slab){
	    .pfn = start->pfn,
	    .cache = start->cache,
	    .next = NONE,
	    .prev = NONE,
	    .inuse = (uint16_t)start->inuse,
	    .objects = (uint16_t)cache->params.objs_per_slab,
	    .node = start->node,
	    .order = (uint8_t)cache->params.order,
	    .place = SLAB_FULL,
	};
	slab_count_in(slub, &slub->slabs[s]);
	cache->objects += start->inuse;
	if (start->place == SLAB_CPU)
		cpu_slab_load(slub, &cache->cpus[start->cpu], s);
	else if (start->place == SLAB_NODE_PARTIAL)
		node_add(slub, cache, s, true);
	else if (start->place == SLAB_CPU_PARTIAL)
		cpu_partial_put(slub, cache, s, start->cpu, false);
	*handle = s;
	return 0;
}

static void slub_place(struct slab_model *model, uint64_t handle, uint64_t pfn)
{
	struct slub *slub = slub_of(model);
	struct page_model *pages = slub->config.pages;
	struct slub_slab *slab = &slub->slabs[handle];
	unsigned int node = pages->ops->node(pages, pfn);

	assert(handle < slub->slab_count && slab->place != PLACE_UNUSED);
	slab->pfn = pfn;
	if (node == slab->node || node >= slub->config.nodes)
		return;
	if (slab->place == SLAB_NODE_PARTIAL) {
		struct slub_cache *cache = &slub->caches[slab->cache];

		node_remove(slub, cache, (uint32_t)handle);
		slab->node = (uint16_t)node;
		node_add(slub, cache, (uint32_t)handle, true);
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

/* Sums of one cache as its slabs and lists have them. */
struct recount {
	uint64_t slabs, pages, objects, objects_total;
	uint64_t on_node, on_cpu_partial, cpu_slabs;
};

static int check_lists(const struct slub *slub, const struct slub_cache *cache,
		       struct recount *found)
{
	for (uint32_t i = 0; i < slub->config.env.cpus; i++) {
		const struct slub_cpu *c = &cache->cpus[i];

		if (c->slab != NONE) {
			if (slub->slabs[c->slab].place != SLAB_CPU)
				return ERR_FORMAT;
			found->cpu_slabs++;
			found->objects -= c->free;
		} else if (c->free) {
			return ERR_FORMAT;
		}
		for (uint32_t s = c->partial; s != NONE;
		     s = slub->slabs[s].next) {
			if (slub->slabs[s].place != SLAB_CPU_PARTIAL ||
			    found->on_cpu_partial++ > slub->slab_count)
				return ERR_FORMAT;
		}
	}
	for (uint32_t n = 0; n < slub->config.nodes; n++) {
		uint64_t length = 0;

		for (uint32_t s = cache->nodes[n].head; s != NONE;
		     s = slub->slabs[s].next) {
			if (slub->slabs[s].place != SLAB_NODE_PARTIAL ||
			    slub->slabs[s].node != n ||
			    length++ > slub->slab_count)
				return ERR_FORMAT;
		}
		if (length != cache->nodes[n].nr_partial)
			return ERR_FORMAT;
		found->on_node += length;
	}
	return 0;
}

static int check_cache(const struct slub *slub, uint32_t number,
		       uint64_t *pages, struct err *err)
{
	const struct slub_cache *cache = &slub->caches[number];
	struct recount sum = {0};
	uint64_t by_place[4] = {0};

	for (size_t s = 0; s < slub->slab_count; s++) {
		const struct slub_slab *slab = &slub->slabs[s];

		if (slab->place == PLACE_UNUSED || slab->cache != number)
			continue;
		if (slab->inuse > slab->objects || slab->place > SLAB_CPU ||
		    (slab->place == SLAB_FULL && slab->inuse < slab->objects))
			return err_set(err, ERR_FORMAT,
				       "slab %zu: impossible state", s);
		by_place[slab->place]++;
		sum.slabs++;
		sum.pages += 1ull << slab->order;
		sum.objects += slab->inuse;
		sum.objects_total += slab->objects;
	}
	if (check_lists(slub, cache, &sum) ||
	    by_place[SLAB_CPU] != sum.cpu_slabs ||
	    by_place[SLAB_CPU_PARTIAL] != sum.on_cpu_partial ||
	    by_place[SLAB_NODE_PARTIAL] != sum.on_node)
		return err_set(err, ERR_FORMAT,
			       "cache %u: lists and slabs disagree", number);
	if (sum.slabs != cache->slabs || sum.pages != cache->pages ||
	    sum.objects != cache->objects ||
	    sum.objects_total != cache->objects_total)
		return err_set(err, ERR_FORMAT,
			       "cache %u: counters and slabs disagree", number);
	*pages += sum.pages;
	return 0;
}

static int slub_check(const struct slab_model *model, struct err *err)
{
	const struct slub *slub = slub_of_const(model);
	uint64_t pages = 0;

	for (size_t c = 0; c < slub->cache_count; c++) {
		int ret = check_cache(slub, (uint32_t)c, &pages, err);

		if (ret)
			return ret;
	}
	if (pages != model->pages)
		return err_set(err, ERR_FORMAT, "sum of pages is wrong");
	return 0;
}

static void slub_destroy(struct slab_model *model)
{
	struct slub *slub = slub_of(model);
	struct memory memory = slub->config.memory;

	for (size_t c = 0; c < slub->cache_count; c++) {
		memory_free(&memory, slub->caches[c].cpus);
		memory_free(&memory, slub->caches[c].nodes);
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
	if (slub_params_compute(&config->env, 64, &probe))
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
	slub->unused = NONE;
	*model = &slub->model;
	return 0;
}
