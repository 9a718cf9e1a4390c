/*
 * SLAB by counts: which object of a slab is taken never changes what SLAB
 * does, so an array holds numbers of slabs where the kernel's holds objects.
 *
 *   cache ─┬ cpu[c]      array ▶ slab slab slab ...   last in, first out
 *          ├ shared[n]   array
 *          ├ alien[n,m]  array   of node n, objects of node m
 *          └ node[n] ─┬ partial ◀─▶ slab ◀─▶ slab     taken at the head
 *                     └ free    ◀─▶ slab ◀─▶ slab     destroyed at the tail
 *
 * slab.active is the kernel's: objects that users or arrays have. Each function
 * names the kernel's in mm/slab.c. An allocation or a free costs constant time
 * but for one batch in about as many, and reaping, which is per cache.
 */
#include "replay/slab.h"

#include <assert.h>
#include <string.h>

#define NONE UINT32_MAX
#define REAP_NS 2000000000ull /* REAPTIMEOUT_AC */
enum {
	REFILL_UNTOUCHED = 16, /* BATCHREFILL_LIMIT */
	ALIEN_LIMIT = 12,
	REAPS_PER_NODE_REAP = 2, /* REAPTIMEOUT_NODE / REAPTIMEOUT_AC */
	ARRAY_MOST = 1 << 20,	 /* more is no limit that anybody sets */
};

enum list { LIST_PARTIAL, LIST_FREE, LISTS, LIST_FULL = LISTS, LIST_UNUSED };

struct slab_block {
	uint64_t pfn;
	uint32_t cache;
	uint32_t next, prev;
	uint32_t active;
	uint32_t freelist; /* slab of the off-slab freelist or NONE */
	uint32_t colour;   /* in units of colour_off */
	uint16_t node;
	uint8_t list; /* enum list */
};

struct slab_array {
	uint32_t *entries; /* numbers of slabs */
	uint32_t avail, limit, batchcount;
	bool touched;
};

struct slab_node {
	uint32_t head[LISTS], tail[LISTS];
	uint64_t free_objects, free_limit;
	uint64_t total_slabs, free_slabs;
	uint32_t colour_next;
	bool free_touched;
};

struct slab_cache {
	struct slab_layout layout;
	bool reclaimable, dma;
	bool internal;		   /* holds off-slab freelists */
	uint32_t freelist_cache;   /* of its freelists, NONE: none of its own */
	struct slab_array *arrays; /* of CPUs, then shared, then alien */
	uint32_t *entries;	   /* of all arrays */
	struct slab_node *nodes;
	uint64_t slabs_peak, objects;
};

struct slab {
	struct slab_model model;
	struct slab_config config;
	uint16_t *cpu_node;
	uint16_t *reap_node; /* per CPU: whose alien array is next */
	struct slab_cache *caches;
	size_t cache_count, cache_cap;
	struct slab_block *blocks;
	size_t block_count, block_cap;
	uint32_t unused;    /* list of slab numbers to use again */
	uint64_t reap_next; /* ts_ns, 0: no time seen yet */
	uint64_t reaps;
	struct slab_stats stats;
};

static struct slab *slab_of(struct slab_model *model)
{
	return (struct slab *)model;
}

static const struct slab *slab_of_const(const struct slab_model *model)
{
	return (const struct slab *)model;
}

static struct slab_array *cpu_array(const struct slab_cache *cache,
				    unsigned int cpu)
{
	return &cache->arrays[cpu];
}

/* Its limit is 0 where the cache has none. */
static struct slab_array *shared_array(const struct slab *slab,
				       const struct slab_cache *cache,
				       unsigned int node)
{
	return &cache->arrays[slab->config.env.cpus + node];
}

static struct slab_array *alien_array(const struct slab *slab,
				      const struct slab_cache *cache,
				      unsigned int node, unsigned int of)
{
	return &cache->arrays[slab->config.env.cpus + slab->config.nodes +
			      node * slab->config.nodes + of];
}

static size_t array_count(const struct slab *slab)
{
	size_t nodes = slab->config.nodes;

	return slab->config.env.cpus + nodes + nodes * nodes;
}

/* ---- Lists ---- */

static void list_add(struct slab *slab, struct slab_node *n, uint32_t s,
		     enum list list, bool tail)
{
	struct slab_block *block = &slab->blocks[s];

	block->list = (uint8_t)list;
	if (list >= LISTS)
		return;
	block->prev = tail ? n->tail[list] : NONE;
	block->next = tail ? NONE : n->head[list];
	if (block->prev != NONE)
		slab->blocks[block->prev].next = s;
	else
		n->head[list] = s;
	if (block->next != NONE)
		slab->blocks[block->next].prev = s;
	else
		n->tail[list] = s;
	n->free_slabs += list == LIST_FREE;
}

static void list_remove(struct slab *slab, struct slab_node *n, uint32_t s)
{
	struct slab_block *block = &slab->blocks[s];
	uint8_t list = block->list;

	block->list = LIST_FULL;
	if (list >= LISTS)
		return;
	if (block->prev != NONE)
		slab->blocks[block->prev].next = block->next;
	else
		n->head[list] = block->next;
	if (block->next != NONE)
		slab->blocks[block->next].prev = block->prev;
	else
		n->tail[list] = block->prev;
	n->free_slabs -= list == LIST_FREE;
}

/* fixup_slab_list(): after objects were taken. */
static void list_fix(struct slab *slab, struct slab_cache *cache, uint32_t s)
{
	struct slab_block *block = &slab->blocks[s];
	struct slab_node *n = &cache->nodes[block->node];

	list_remove(slab, n, s);
	list_add(slab, n, s,
		 block->active == cache->layout.objs_per_slab ? LIST_FULL
							      : LIST_PARTIAL,
		 false);
}

/* get_first_slab() */
static uint32_t first_slab(struct slab_node *n)
{
	if (n->head[LIST_PARTIAL] != NONE)
		return n->head[LIST_PARTIAL];
	n->free_touched = true;
	return n->head[LIST_FREE];
}

/* ---- Slabs and their pages ---- */

/* A slab number for a new slab; NONE if the array cannot grow. */
static uint32_t block_number(struct slab *slab)
{
	uint32_t s = slab->unused;
	struct slab_block *grown;

	if (s != NONE) {
		slab->unused = slab->blocks[s].next;
		return s;
	}
	if (slab->block_count >= NONE)
		return NONE;
	grown = memory_grow(&slab->config.memory, slab->blocks,
			    sizeof(*slab->blocks), slab->block_count + 1,
			    &slab->block_cap);
	if (!grown)
		return NONE;
	slab->blocks = grown;
	return (uint32_t)slab->block_count++;
}

static void block_number_release(struct slab *slab, uint32_t s)
{
	slab->blocks[s].list = LIST_UNUSED;
	slab->blocks[s].next = slab->unused;
	slab->unused = s;
}

static uint64_t cache_slabs(const struct slab *slab,
			    const struct slab_cache *cache)
{
	uint64_t slabs = 0;

	for (uint32_t n = 0; n < slab->config.nodes; n++)
		slabs += cache->nodes[n].total_slabs;
	return slabs;
}

/* cache_grow_end(), slab_destroy(): the node's counts. */
static void block_count_in(struct slab *slab, const struct slab_block *block)
{
	struct slab_cache *cache = &slab->caches[block->cache];
	struct slab_node *n = &cache->nodes[block->node];
	uint64_t slabs;

	n->total_slabs++;
	n->free_objects += cache->layout.objs_per_slab - block->active;
	slab->model.pages += 1ull << cache->layout.order;
	slabs = cache_slabs(slab, cache);
	if (slabs > cache->slabs_peak)
		cache->slabs_peak = slabs;
}

/* The pages of a slab, from a node or, with node < 0, from anywhere. */
static int pages_take(struct slab *slab, const struct slab_cache *cache,
		      const struct slab_request *request, int node, bool exact,
		      uint64_t *pfn)
{
	struct page_model *pages = slab->config.pages;
	struct page_request want = {
	    .order = cache->layout.order,
	    .migratetype =
		cache->reclaimable ? PAGE_RECLAIMABLE : PAGE_UNMOVABLE,
	    .zone = cache->dma ? PAGE_ZONE_DMA : PAGE_ZONE_NORMAL,
	    .flags = request->flags,
	    .cpu = request->cpu,
	    .node = node < 0 ? PAGE_NODE_LOCAL : node,
	};

	/* gfp_exact_node(): no reclaim, no other node. */
	if (exact)
		want.flags |= PAGE_REQ_NONBLOCK | PAGE_REQ_THISNODE;
	return pages->ops->alloc(pages, &want, pfn);
}

/* kmem_getpages() and a number; the slab is on no list and not counted yet. */
static int block_take(struct slab *slab, uint32_t c,
		      const struct slab_request *request, int node, bool exact,
		      uint32_t *number)
{
	struct page_model *pages = slab->config.pages;
	struct slab_block block = {.cache = c, .next = NONE, .prev = NONE};
	uint32_t s = block_number(slab);
	int ret;

	if (s == NONE)
		return ERR_LIMIT;
	ret = pages_take(slab, &slab->caches[c], request, node, exact,
			 &block.pfn);
	if (ret) {
		block_number_release(slab, s);
		return ret;
	}
	block.node = (uint16_t)pages->ops->node(pages, block.pfn);
	if (block.node >= slab->config.nodes)
		block.node = 0;
	block.freelist = NONE;
	block.list = LIST_FULL;
	slab->blocks[s] = block;
	*number = s;
	return 0;
}

/* kmem_freepages(): the slab must be on no list and counted nowhere. */
static void block_return(struct slab *slab, uint32_t s, unsigned int cpu)
{
	const struct slab_block *block = &slab->blocks[s];
	unsigned int order = slab->caches[block->cache].layout.order;
	struct page_model *pages = slab->config.pages;

	if (block->pfn == SLAB_PFN_UNKNOWN ||
	    !pages->ops->free(pages, block->pfn, order, cpu))
		slab->model.unplaced_pages += 1ull << order;
	block_number_release(slab, s);
}

/* A slab leaves its node's free list and counts. */
static void block_count_out(struct slab *slab, uint32_t s)
{
	const struct slab_block *block = &slab->blocks[s];
	struct slab_cache *cache = &slab->caches[block->cache];
	struct slab_node *n = &cache->nodes[block->node];

	list_remove(slab, n, s);
	n->total_slabs--;
	n->free_objects -= cache->layout.objs_per_slab;
	slab->model.pages -= 1ull << cache->layout.order;
}

/* ---- Off-slab freelists ---- */

/*
 * alloc_slabmgmt(): an object for a freelist, of an internal cache, past the
 * arrays. Internal caches have no off-slab freelists themselves.
 */
static int freelist_take(struct slab *slab, uint32_t c,
			 const struct slab_request *request, unsigned int node,
			 uint32_t *number)
{
	uint32_t from = slab->caches[c].freelist_cache, s;
	struct slab_cache *cache;
	struct slab_node *n;

	*number = NONE;
	if (from == NONE)
		return 0;
	cache = &slab->caches[from];
	s = first_slab(&cache->nodes[node]);
	if (s == NONE) {
		int ret = block_take(slab, from, request, (int)node, false, &s);

		if (ret)
			return ret;
		block_count_in(slab, &slab->blocks[s]);
	}
	n = &cache->nodes[slab->blocks[s].node];
	slab->blocks[s].active++;
	n->free_objects--;
	list_fix(slab, cache, s);
	cache->objects++;
	*number = s;
	return 0;
}

static void freelist_put(struct slab *slab, uint32_t s, unsigned int cpu)
{
	struct slab_block *block = &slab->blocks[s];
	struct slab_cache *cache = &slab->caches[block->cache];
	struct slab_node *n = &cache->nodes[block->node];

	cache->objects--;
	block->active--;
	n->free_objects++;
	list_remove(slab, n, s);
	if (block->active || n->free_objects <= n->free_limit) {
		list_add(slab, n, s, block->active ? LIST_PARTIAL : LIST_FREE,
			 block->active);
		return;
	}
	block_count_out(slab, s);
	block_return(slab, s, cpu);
}

/* ---- Growing and shrinking ---- */

/*
 * cache_grow_begin(): a slab of the node, or, not exact, of any. It is counted
 * by grow_end().
 */
static int grow_begin(struct slab *slab, uint32_t c,
		      const struct slab_request *request, int node, bool exact,
		      uint32_t *number)
{
	struct slab_cache *cache = &slab->caches[c];
	struct slab_node *n;
	uint32_t s, freelist;
	int ret = block_take(slab, c, request, node, exact, &s);

	if (ret)
		return ret;
	n = &cache->nodes[slab->blocks[s].node];
	if (++n->colour_next >= cache->layout.colours)
		n->colour_next = 0;
	slab->blocks[s].colour = n->colour_next;
	ret = freelist_take(slab, c, request, slab->blocks[s].node, &freelist);
	if (ret) {
		block_return(slab, s, request->cpu);
		return ret;
	}
	slab->blocks[s].freelist = freelist;
	slab->stats.grown++;
	*number = s;
	return 0;
}

/* cache_grow_end() */
static void grow_end(struct slab *slab, uint32_t c, uint32_t s)
{
	struct slab_cache *cache = &slab->caches[c];
	struct slab_block *block = &slab->blocks[s];

	block_count_in(slab, block);
	if (block->active)
		list_fix(slab, cache, s);
	else
		list_add(slab, &cache->nodes[block->node], s, LIST_FREE, true);
}

/* slab_destroy() of a slab on a free list. */
static void destroy_slab(struct slab *slab, uint32_t s, unsigned int cpu)
{
	uint32_t freelist = slab->blocks[s].freelist;

	block_count_out(slab, s);
	block_return(slab, s, cpu);
	if (freelist != NONE)
		freelist_put(slab, freelist, cpu);
}

/* free_block(): objects go back to their slabs, which are all of the node. */
static void free_block(struct slab *slab, struct slab_cache *cache,
		       const uint32_t *entries, uint32_t count,
		       unsigned int node, unsigned int cpu)
{
	struct slab_node *n = &cache->nodes[node];

	n->free_objects += count;
	for (uint32_t i = 0; i < count; i++) {
		struct slab_block *block = &slab->blocks[entries[i]];

		assert(block->active && block->node == node);
		list_remove(slab, n, entries[i]);
		block->active--;
		list_add(slab, n, entries[i],
			 block->active ? LIST_PARTIAL : LIST_FREE,
			 block->active);
	}
	while (n->free_objects > n->free_limit && n->tail[LIST_FREE] != NONE) {
		destroy_slab(slab, n->tail[LIST_FREE], cpu);
		slab->stats.freed++;
	}
}

/* ---- Arrays ---- */

/* transfer_objects(): the newest of one become the newest of the other. */
static uint32_t transfer(struct slab_array *to, struct slab_array *from,
			 uint32_t most)
{
	uint32_t count = to->limit - to->avail;

	if (count > most)
		count = most;
	if (count > from->avail)
		count = from->avail;
	if (!count)
		return 0;
	memcpy(to->entries + to->avail, from->entries + from->avail - count,
	       count * sizeof(*to->entries));
	from->avail -= count;
	to->avail += count;
	return count;
}

/* The oldest objects of an array are gone. */
static void array_drop(struct slab_array *array, uint32_t count)
{
	array->avail -= count;
	memmove(array->entries, array->entries + count,
		array->avail * sizeof(*array->entries));
}

/* drain_array_locked() */
static void array_drain(struct slab *slab, struct slab_cache *cache,
			struct slab_array *array, unsigned int node,
			unsigned int cpu)
{
	uint32_t count = (array->limit + 4) / 5;

	if (count > array->avail)
		count = (array->avail + 1) / 2;
	if (!count)
		return;
	free_block(slab, cache, array->entries, count, node, cpu);
	array_drop(array, count);
}

/* __drain_alien_cache(): to the shared array of their node, else its lists. */
static void alien_drain(struct slab *slab, struct slab_cache *cache,
			struct slab_array *alien, unsigned int of,
			unsigned int cpu)
{
	transfer(shared_array(slab, cache, of), alien, alien->limit);
	if (alien->avail)
		free_block(slab, cache, alien->entries, alien->avail, of, cpu);
	alien->avail = 0;
}

/* alloc_block(): objects of the slab, until it or the batch is used up. */
static uint32_t array_take(struct slab *slab, const struct slab_cache *cache,
			   struct slab_array *array, uint32_t s, uint32_t batch)
{
	struct slab_block *block = &slab->blocks[s];
	uint32_t count = cache->layout.objs_per_slab - block->active;

	if (count > batch)
		count = batch;
	for (uint32_t i = 0; i < count; i++)
		array->entries[array->avail++] = s;
	block->active += count;
	return batch - count;
}

/* ---- Allocation ---- */

/* cache_alloc_refill(); without memory on the node the array stays empty. */
static int array_refill(struct slab *slab, uint32_t c,
			const struct slab_request *request, unsigned int node)
{
	struct slab_cache *cache = &slab->caches[c];
	struct slab_array *array = cpu_array(cache, request->cpu);
	struct slab_array *shared = shared_array(slab, cache, node);
	struct slab_node *n = &cache->nodes[node];
	uint32_t batch = array->batchcount, s;
	int ret;

	if (!array->touched && batch > REFILL_UNTOUCHED)
		batch = REFILL_UNTOUCHED;
	if (transfer(array, shared, batch)) {
		shared->touched = true;
		array->touched = true;
		return 0;
	}
	s = n->free_objects ? first_slab(n) : NONE;
	while (batch && s != NONE) {
		uint32_t before = array->avail;

		batch = array_take(slab, cache, array, s, batch);
		n->free_objects -= array->avail - before;
		list_fix(slab, cache, s);
		s = batch ? first_slab(n) : NONE;
	}
	if (!array->avail) {
		ret = grow_begin(slab, c, request, (int)node, true, &s);
		if (ret)
			return ret;
		array_take(slab, cache, array, s, batch);
		grow_end(slab, c, s);
	}
	array->touched = true;
	return 0;
}

/* The first half of ____cache_alloc_node(): one object of a node's slabs. */
static bool node_take(struct slab *slab, struct slab_cache *cache,
		      unsigned int node, uint32_t *handle)
{
	struct slab_node *n = &cache->nodes[node];
	uint32_t s = first_slab(n);

	if (s == NONE)
		return false;
	slab->blocks[s].active++;
	n->free_objects--;
	list_fix(slab, cache, s);
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
	ret = grow_begin(slab, c, request, -1, false, &s);
	if (ret)
		return ret;
	grow_end(slab, c, s);
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
	ret = grow_begin(slab, c, request, (int)node, true, &s);
	if (ret == ERR_NOMEM)
		return fallback_alloc(slab, c, request, handle);
	if (ret)
		return ret;
	slab->blocks[s].active++;
	grow_end(slab, c, s);
	*handle = s;
	return 0;
}

/* __do_cache_alloc() */
static int slab_alloc(struct slab_model *model,
		      const struct slab_request *request, uint64_t *handle)
{
	struct slab *slab = slab_of(model);
	struct slab_cache *cache = &slab->caches[request->cache];
	struct slab_array *array = cpu_array(cache, request->cpu);
	unsigned int local = slab->cpu_node[request->cpu], node = local;
	uint32_t s = NONE;
	int ret = 0;

	assert(request->cache < slab->cache_count);
	if (request->node >= 0 && request->node < (int)slab->config.nodes)
		node = (unsigned int)request->node;
	if (node == local && array->avail) {
		array->touched = true;
		slab->stats.allochit++;
	} else if (node == local) {
		slab->stats.allocmiss++;
		ret = array_refill(slab, request->cache, request, node);
		if (ret && ret != ERR_NOMEM)
			return ret;
	}
	if (node == local && array->avail)
		s = array->entries[--array->avail];
	else
		ret = node_alloc(slab, request->cache, request, node, &s);
	if (s == NONE)
		return ret;
	cache->objects++;
	*handle = s;
	return 0;
}

/* ---- Free ---- */

/* cache_flusharray(): the oldest objects to the shared array or the lists. */
static void array_flush(struct slab *slab, struct slab_cache *cache,
			struct slab_array *array, unsigned int cpu)
{
	unsigned int node = slab->cpu_node[cpu];
	struct slab_array *shared = shared_array(slab, cache, node);
	uint32_t count = array->batchcount,
		 room = shared->limit - shared->avail;

	if (room) {
		if (count > room)
			count = room;
		memcpy(shared->entries + shared->avail, array->entries,
		       count * sizeof(*array->entries));
		shared->avail += count;
	} else {
		free_block(slab, cache, array->entries, count, node, cpu);
	}
	array_drop(array, count);
}

/* __cache_free_alien() */
static void alien_free(struct slab *slab, struct slab_cache *cache, uint32_t s,
		       unsigned int cpu)
{
	unsigned int of = slab->blocks[s].node;
	struct slab_array *alien =
	    alien_array(slab, cache, slab->cpu_node[cpu], of);

	slab->stats.nodefrees++;
	if (alien->avail == alien->limit) {
		slab->stats.alienoverflow++;
		alien_drain(slab, cache, alien, of, cpu);
	}
	alien->entries[alien->avail++] = s;
}

/* ___cache_free() */
static void slab_free(struct slab_model *model, uint32_t number,
		      uint64_t handle, unsigned int cpu)
{
	struct slab *slab = slab_of(model);
	struct slab_cache *cache = &slab->caches[number];
	struct slab_array *array = cpu_array(cache, cpu);
	uint32_t s = (uint32_t)handle;

	assert(handle < slab->block_count && number < slab->cache_count);
	assert(slab->blocks[s].cache == number && slab->blocks[s].active);
	cache->objects--;
	if (slab->blocks[s].node != slab->cpu_node[cpu]) {
		alien_free(slab, cache, s, cpu);
		return;
	}
	if (array->avail < array->limit) {
		slab->stats.freehit++;
	} else {
		slab->stats.freemiss++;
		array_flush(slab, cache, array, cpu);
	}
	array->entries[array->avail++] = s;
}

/* ---- Reaping ---- */

/* drain_array(): an array that was used since the last time is spared. */
static bool array_reap(struct slab *slab, struct slab_cache *cache,
		       struct slab_array *array, unsigned int node,
		       unsigned int cpu)
{
	if (!array->avail)
		return false;
	if (array->touched)
		array->touched = false;
	else
		array_drain(slab, cache, array, node, cpu);
	return true;
}

/* The part of cache_reap() that is done once per node: drain_freelist(). */
static bool node_reap(struct slab *slab, struct slab_cache *cache,
		      unsigned int node, unsigned int cpu)
{
	struct slab_node *n = &cache->nodes[node];
	uint64_t num = cache->layout.objs_per_slab;
	uint64_t most = (n->free_limit + 5 * num - 1) / (5 * num);
	bool busy =
	    array_reap(slab, cache, shared_array(slab, cache, node), node, cpu);

	if (n->free_touched) {
		n->free_touched = false;
		return true;
	}
	for (; most && n->tail[LIST_FREE] != NONE; most--) {
		destroy_slab(slab, n->tail[LIST_FREE], cpu);
		slab->stats.reaped++;
		busy = true;
	}
	return busy;
}

/*
 * cache_reap() on one CPU. A node's part is due every second time; caches take
 * turns as their addresses make them do in the kernel.
 */
static bool cpu_reap(struct slab *slab, unsigned int cpu, bool first)
{
	unsigned int node = slab->cpu_node[cpu], of = slab->reap_node[cpu];
	bool busy = false;

	for (size_t c = 0; c < slab->cache_count; c++) {
		struct slab_cache *cache = &slab->caches[c];
		struct slab_array *alien = alien_array(slab, cache, node, of);

		if (of != node && alien->avail) {
			alien_drain(slab, cache, alien, of, cpu);
			busy = true;
		}
		busy |=
		    array_reap(slab, cache, cpu_array(cache, cpu), node, cpu);
		if (first && (slab->reaps + c) % REAPS_PER_NODE_REAP == 0)
			busy |= node_reap(slab, cache, node, cpu);
	}
	slab->reap_node[cpu] = (uint16_t)((of + 1u) % slab->config.nodes);
	return busy;
}

static bool reap(struct slab *slab)
{
	bool busy = false;

	for (uint32_t cpu = 0; cpu < slab->config.env.cpus; cpu++) {
		bool first = true;

		for (uint32_t other = 0; other < cpu && first; other++)
			first = slab->cpu_node[other] != slab->cpu_node[cpu];
		busy |= cpu_reap(slab, cpu, first);
	}
	slab->reaps++;
	return busy;
}

/*
 * The timers run at full seconds, which all CPUs share but for some jiffies
 * (round_jiffies_relative()). After a gap no more is done than until nothing
 * is left to do.
 */
static uint64_t slab_tick(struct slab_model *model, uint64_t ts_ns)
{
	struct slab *slab = slab_of(model);
	uint32_t quiet = 0, rest = REAPS_PER_NODE_REAP + slab->config.nodes;

	if (!slab->reap_next)
		slab->reap_next = ts_ns / REAP_NS * REAP_NS + REAP_NS;
	while (slab->reap_next <= ts_ns && quiet < rest) {
		quiet = reap(slab) ? 0 : quiet + 1;
		slab->reap_next += REAP_NS;
	}
	if (slab->reap_next <= ts_ns)
		slab->reap_next = ts_ns / REAP_NS * REAP_NS + REAP_NS;
	return slab->reap_next;
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
	return layout->order < slab->config.env.order_count ? 0 : ERR_LIMIT;
}

static void array_init(struct slab_array *array, uint32_t **entries,
		       uint32_t limit, uint32_t batchcount)
{
	*array = (struct slab_array){
	    .entries = *entries, .limit = limit, .batchcount = batchcount};
	*entries += limit;
}

/* do_tune_cpucache(), setup_kmem_cache_node() */
static void cache_arrays_init(const struct slab *slab, struct slab_cache *cache)
{
	const struct slab_layout *layout = &cache->layout;
	uint32_t nodes = slab->config.nodes, *entries = cache->entries;
	uint32_t alien = layout->limit > 1 ? ALIEN_LIMIT : layout->limit;

	for (uint32_t i = 0; i < slab->config.env.cpus; i++)
		array_init(cpu_array(cache, i), &entries, layout->limit,
			   layout->batchcount);
	for (uint32_t n = 0; n < nodes; n++)
		array_init(shared_array(slab, cache, n), &entries,
			   layout->shared * layout->batchcount, 0);
	for (uint32_t n = 0; n < nodes; n++)
		for (uint32_t of = 0; of < nodes; of++)
			array_init(alien_array(slab, cache, n, of), &entries,
				   n == of ? 0 : alien, 0);
	for (uint32_t n = 0; n < nodes; n++) {
		struct slab_node *node = &cache->nodes[n];
		uint64_t cpus = 0;

		for (uint32_t i = 0; i < slab->config.env.cpus; i++)
			cpus += slab->cpu_node[i] == n;
		*node = (struct slab_node){
		    .head = {NONE, NONE},
		    .tail = {NONE, NONE},
		    .free_limit =
			(1 + cpus) * layout->batchcount + layout->objs_per_slab,
		};
	}
}

static void cache_fini(const struct slab *slab, struct slab_cache *cache)
{
	memory_free(&slab->config.memory, cache->arrays);
	memory_free(&slab->config.memory, cache->entries);
	memory_free(&slab->config.memory, cache->nodes);
}

static int cache_arrays_make(const struct slab *slab, struct slab_cache *cache)
{
	const struct memory *memory = &slab->config.memory;
	const struct slab_layout *layout = &cache->layout;
	size_t nodes = slab->config.nodes;
	size_t entries = (size_t)slab->config.env.cpus * layout->limit +
			 nodes * layout->shared * layout->batchcount +
			 nodes * nodes * ALIEN_LIMIT;

	cache->arrays =
	    memory_new(memory, array_count(slab), sizeof(*cache->arrays));
	cache->entries = memory_new(memory, entries, sizeof(*cache->entries));
	cache->nodes = memory_new(memory, nodes, sizeof(*cache->nodes));
	if (!cache->arrays || !cache->entries || !cache->nodes) {
		cache_fini(slab, cache);
		return ERR_NOMEM;
	}
	cache_arrays_init(slab, cache);
	return 0;
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
	ret = cache_arrays_make(slab, cache);
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
	struct slab_cache cache = {.internal = true, .freelist_cache = NONE};
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
				   .freelist_cache = NONE};
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
	s = block_number(slab);
	if (s == NONE)
		return ERR_LIMIT;
	slab->blocks[s] = (struct slab_block){
	    .pfn = start->pfn,
	    .cache = start->cache,
	    .next = NONE,
	    .prev = NONE,
	    .active = start->inuse,
	    .freelist = NONE,
	    .node = start->node,
	    .list = LIST_FULL,
	};
	array = cpu_array(cache, start->cpu);
	if (cached > array->limit - array->avail)
		cached = array->limit - array->avail;
	for (uint32_t i = 0; i < cached; i++)
		array->entries[array->avail++] = s;
	slab->blocks[s].active += cached;
	cache->objects += start->inuse;
	block_count_in(slab, &slab->blocks[s]);
	if (slab->blocks[s].active < num)
		list_add(slab, &cache->nodes[start->node], s,
			 slab->blocks[s].active ? LIST_PARTIAL : LIST_FREE,
			 true);
	*handle = s;
	return 0;
}

/* True if an array of the cache has an object of the slab. */
static bool in_arrays(const struct slab *slab, const struct slab_cache *cache,
		      uint32_t s)
{
	for (size_t a = 0; a < array_count(slab); a++)
		for (uint32_t i = 0; i < cache->arrays[a].avail; i++)
			if (cache->arrays[a].entries[i] == s)
				return true;
	return false;
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

	assert(handle < slab->block_count && list != LIST_UNUSED);
	block->pfn = pfn;
	if (node == block->node || node >= slab->config.nodes ||
	    in_arrays(slab, cache, (uint32_t)handle))
		return;
	list_remove(slab, &cache->nodes[block->node], (uint32_t)handle);
	cache->nodes[block->node].total_slabs--;
	cache->nodes[block->node].free_objects -= free_objects;
	block->node = (uint16_t)node;
	cache->nodes[node].total_slabs++;
	cache->nodes[node].free_objects += free_objects;
	list_add(slab, &cache->nodes[node], (uint32_t)handle, (enum list)list,
		 true);
}

/* ---- What there is ---- */

static void slab_counts(const struct slab_model *model, uint32_t number,
			struct slab_counts *counts)
{
	const struct slab *slab = slab_of_const(model);
	const struct slab_cache *cache = &slab->caches[number];
	uint64_t slabs = cache_slabs(slab, cache);

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

	assert(handle < slab->block_count && block->list != LIST_UNUSED);
	return block->colour * slab->caches[block->cache].layout.colour_off;
}

const struct slab_stats *slab_stats(const struct slab_model *model)
{
	return &slab_of_const(model)->stats;
}

/* ---- Checking ---- */

/* The node whose objects the array with that number may hold. */
static unsigned int array_node(const struct slab *slab, size_t number)
{
	size_t cpus = slab->config.env.cpus, nodes = slab->config.nodes;

	if (number < cpus)
		return slab->cpu_node[number];
	if (number < cpus + nodes)
		return (unsigned int)(number - cpus);
	return (unsigned int)((number - cpus - nodes) % nodes);
}

/* Counts in held, per slab, the objects that lie in arrays of the cache. */
static int check_arrays(const struct slab *slab, uint32_t c, uint32_t *held)
{
	const struct slab_cache *cache = &slab->caches[c];

	for (size_t a = 0; a < array_count(slab); a++) {
		const struct slab_array *array = &cache->arrays[a];

		if (array->avail > array->limit)
			return ERR_FORMAT;
		for (uint32_t i = 0; i < array->avail; i++) {
			uint32_t s = array->entries[i];

			if (s >= slab->block_count ||
			    slab->blocks[s].cache != c ||
			    slab->blocks[s].node != array_node(slab, a))
				return ERR_FORMAT;
			held[s]++;
		}
	}
	return 0;
}

/* Sums of one node of one cache as its slabs have them. */
struct recount {
	uint64_t on_list[LISTS + 1], free_objects, objects;
};

static int check_list(const struct slab *slab, const struct slab_node *n,
		      int list, uint64_t expected)
{
	uint32_t prev = NONE;
	uint64_t length = 0;

	for (uint32_t s = n->head[list]; s != NONE; s = slab->blocks[s].next) {
		if (slab->blocks[s].prev != prev ||
		    slab->blocks[s].list != list || ++length > expected)
			return ERR_FORMAT;
		prev = s;
	}
	return n->tail[list] == prev && length == expected ? 0 : ERR_FORMAT;
}

static int check_block(const struct slab *slab, const struct slab_block *block,
		       uint32_t held, struct recount *sum)
{
	uint32_t num = slab->caches[block->cache].layout.objs_per_slab;
	uint8_t list = LIST_PARTIAL;

	if (!block->active)
		list = LIST_FREE;
	else if (block->active == num)
		list = LIST_FULL;
	if (block->list != list || held > block->active || block->active > num)
		return ERR_FORMAT;
	/* What an internal cache has out are the freelists of other slabs. */
	if (slab->caches[block->cache].internal && held != block->active)
		return ERR_FORMAT;
	sum->on_list[list]++;
	sum->free_objects += num - block->active;
	sum->objects += slab->caches[block->cache].internal
			    ? block->active
			    : block->active - held;
	return 0;
}

static int check_node(const struct slab *slab, uint32_t c, unsigned int node,
		      const uint32_t *held, struct recount *sum)
{
	const struct slab_node *n = &slab->caches[c].nodes[node];
	uint64_t before = sum->objects;
	int ret = 0;

	*sum = (struct recount){.objects = before};
	for (size_t s = 0; s < slab->block_count && !ret; s++)
		if (slab->blocks[s].list != LIST_UNUSED &&
		    slab->blocks[s].cache == c && slab->blocks[s].node == node)
			ret = check_block(slab, &slab->blocks[s], held[s], sum);
	for (int list = 0; list < LISTS && !ret; list++)
		ret = check_list(slab, n, list, sum->on_list[list]);
	if (ret)
		return ret;
	return sum->free_objects == n->free_objects &&
		       sum->on_list[LIST_FREE] == n->free_slabs &&
		       sum->on_list[LIST_PARTIAL] + sum->on_list[LIST_FREE] +
			       sum->on_list[LIST_FULL] ==
			   n->total_slabs
		   ? 0
		   : ERR_FORMAT;
}

static int check_caches(const struct slab *slab, uint32_t *held,
			struct err *err)
{
	uint64_t pages = 0;

	for (size_t s = 0; s < slab->block_count; s++) {
		uint32_t freelist = slab->blocks[s].freelist;

		if (slab->blocks[s].list == LIST_UNUSED || freelist == NONE)
			continue;
		if (freelist >= slab->block_count)
			return err_set(err, ERR_FORMAT, "freelist of no slab");
		held[freelist]++;
	}
	for (uint32_t c = 0; c < slab->cache_count; c++) {
		const struct slab_cache *cache = &slab->caches[c];
		struct recount sum = {0};
		int ret = check_arrays(slab, c, held);

		for (uint32_t n = 0; n < slab->config.nodes && !ret; n++)
			ret = check_node(slab, c, n, held, &sum);
		if (ret)
			return err_set(err, ret,
				       "cache %u: lists, arrays and counters "
				       "disagree",
				       c);
		if (sum.objects != cache->objects)
			return err_set(err, ERR_FORMAT,
				       "cache %u: objects are not those that "
				       "its slabs have out",
				       c);
		pages += cache_slabs(slab, cache) << cache->layout.order;
	}
	return pages == slab->model.pages
		   ? 0
		   : err_set(err, ERR_FORMAT, "sum of pages is wrong");
}

static int slab_check(const struct slab_model *model, struct err *err)
{
	const struct slab *slab = slab_of_const(model);
	uint32_t *held = memory_new(&slab->config.memory, slab->block_count + 1,
				    sizeof(*held));
	int ret;

	if (!held)
		return err_set(err, ERR_NOMEM, "slab: out of memory");
	ret = check_caches(slab, held, err);
	memory_free(&slab->config.memory, held);
	return ret;
}

/* ---- Making one ---- */

static void slab_destroy(struct slab_model *model)
{
	struct slab *slab = slab_of(model);
	struct memory memory = slab->config.memory;

	for (size_t c = 0; c < slab->cache_count; c++)
		cache_fini(slab, &slab->caches[c]);
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
	slab->unused = NONE;
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
