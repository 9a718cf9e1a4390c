/*
 * Lists are doubly linked by slab number. A slab counts in its node from
 * slab_grow_end() to its end; a full one is on no list.
 */
#include "replay/slab_node.h"

#include <assert.h>

/* ---- Lists ---- */

void slab_list_add(struct slab *slab, struct slab_node *n, uint32_t s,
		   enum slab_list list, bool tail)
{
	struct slab_block *block = &slab->blocks[s];

	block->list = (uint8_t)list;
	if (list >= LISTS)
		return;
	block->prev = tail ? n->tail[list] : SLAB_NONE;
	block->next = tail ? SLAB_NONE : n->head[list];
	if (block->prev != SLAB_NONE)
		slab->blocks[block->prev].next = s;
	else
		n->head[list] = s;
	if (block->next != SLAB_NONE)
		slab->blocks[block->next].prev = s;
	else
		n->tail[list] = s;
	n->free_slabs += list == LIST_FREE;
}

void slab_list_remove(struct slab *slab, struct slab_node *n, uint32_t s)
{
	struct slab_block *block = &slab->blocks[s];
	uint8_t list = block->list;

	block->list = LIST_FULL;
	if (list >= LISTS)
		return;
	if (block->prev != SLAB_NONE)
		slab->blocks[block->prev].next = block->next;
	else
		n->head[list] = block->next;
	if (block->next != SLAB_NONE)
		slab->blocks[block->next].prev = block->prev;
	else
		n->tail[list] = block->prev;
	n->free_slabs -= list == LIST_FREE;
}

void slab_list_fix(struct slab *slab, struct slab_cache *cache, uint32_t s)
{
	struct slab_block *block = &slab->blocks[s];
	struct slab_node *n = &cache->nodes[block->node];

	slab_list_remove(slab, n, s);
	slab_list_add(slab, n, s,
		      block->active == cache->layout.objs_per_slab
			  ? LIST_FULL
			  : LIST_PARTIAL,
		      false);
}

uint32_t slab_node_first(struct slab_node *n)
{
	if (n->head[LIST_PARTIAL] != SLAB_NONE)
		return n->head[LIST_PARTIAL];
	n->free_touched = true;
	return n->head[LIST_FREE];
}

/* ---- Slabs and their pages ---- */

static void block_number_release(struct slab *slab, uint32_t s)
{
	slab->blocks[s].list = LIST_UNUSED;
	numbers_release(&slab->numbers, slab->blocks, s);
}

uint64_t slab_cache_slabs(const struct slab *slab,
			  const struct slab_cache *cache)
{
	uint64_t slabs = 0;

	for (uint32_t n = 0; n < slab->config.nodes; n++)
		slabs += cache->nodes[n].total_slabs;
	return slabs;
}

/* Room for objects of one slab; internal ones are no user's. */
static uint64_t room_bytes(const struct slab_cache *cache)
{
	return cache->internal
		   ? 0
		   : (uint64_t)cache->layout.objs_per_slab * cache->layout.size;
}

/* cache_grow_end(), slab_destroy(): the node's counts. */
void slab_block_count_in(struct slab *slab, const struct slab_block *block)
{
	struct slab_cache *cache = &slab->caches[block->cache];
	struct slab_node *n = &cache->nodes[block->node];
	uint64_t slabs;

	n->total_slabs++;
	n->free_objects += cache->layout.objs_per_slab - block->active;
	slab->model.pages += 1ull << cache->layout.order;
	slab->sums.room_bytes += room_bytes(cache);
	slabs = slab_cache_slabs(slab, cache);
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

	/* gfp_exact_node() with CONFIG_NUMA: no reclaim, no other node. */
	if (exact) {
		want.flags &= ~(uint32_t)PAGE_REQ_NOFAIL;
		want.flags |=
		    PAGE_REQ_NONBLOCK | PAGE_REQ_NOKSWAPD | PAGE_REQ_THISNODE;
	}
	return pages->ops->alloc(pages, &want, pfn);
}

/* kmem_getpages() and a number; the slab is on no list and not counted yet. */
static int block_take(struct slab *slab, uint32_t c,
		      const struct slab_request *request, int node, bool exact,
		      uint32_t *number)
{
	struct page_model *pages = slab->config.pages;
	struct slab_block block = {
	    .cache = c, .next = SLAB_NONE, .prev = SLAB_NONE};
	uint32_t s =
	    numbers_take(&slab->numbers, &slab->blocks, &slab->config.memory);
	int ret;

	if (s == SLAB_NONE)
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
	block.freelist = SLAB_NONE;
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

	slab_list_remove(slab, n, s);
	n->total_slabs--;
	n->free_objects -= cache->layout.objs_per_slab;
	slab->model.pages -= 1ull << cache->layout.order;
	slab->sums.room_bytes -= room_bytes(cache);
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

	*number = SLAB_NONE;
	if (from == SLAB_NONE)
		return 0;
	cache = &slab->caches[from];
	s = slab_node_first(&cache->nodes[node]);
	if (s == SLAB_NONE) {
		int ret = block_take(slab, from, request, (int)node, false, &s);

		if (ret)
			return ret;
		slab_block_count_in(slab, &slab->blocks[s]);
	}
	n = &cache->nodes[slab->blocks[s].node];
	slab->blocks[s].active++;
	n->free_objects--;
	slab_list_fix(slab, cache, s);
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
	slab_list_remove(slab, n, s);
	if (block->active || n->free_objects <= n->free_limit) {
		slab_list_add(slab, n, s,
			      block->active ? LIST_PARTIAL : LIST_FREE,
			      block->active);
		return;
	}
	block_count_out(slab, s);
	block_return(slab, s, cpu);
}

/* ---- Growing and shrinking ---- */

int slab_grow_begin(struct slab *slab, uint32_t c,
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

void slab_grow_end(struct slab *slab, uint32_t c, uint32_t s)
{
	struct slab_cache *cache = &slab->caches[c];
	struct slab_block *block = &slab->blocks[s];

	slab_block_count_in(slab, block);
	if (block->active)
		slab_list_fix(slab, cache, s);
	else
		slab_list_add(slab, &cache->nodes[block->node], s, LIST_FREE,
			      true);
}

void slab_node_destroy(struct slab *slab, uint32_t s, unsigned int cpu)
{
	uint32_t freelist = slab->blocks[s].freelist;

	block_count_out(slab, s);
	block_return(slab, s, cpu);
	if (freelist != SLAB_NONE)
		freelist_put(slab, freelist, cpu);
}

void slab_node_free(struct slab *slab, struct slab_cache *cache,
		    const uint32_t *entries, uint32_t count, unsigned int node,
		    unsigned int cpu)
{
	struct slab_node *n = &cache->nodes[node];

	n->free_objects += count;
	for (uint32_t i = 0; i < count; i++) {
		struct slab_block *block = &slab->blocks[entries[i]];

		assert(block->active && block->node == node);
		slab_list_remove(slab, n, entries[i]);
		block->active--;
		slab_list_add(slab, n, entries[i],
			      block->active ? LIST_PARTIAL : LIST_FREE,
			      block->active);
	}
	while (n->free_objects > n->free_limit &&
	       n->tail[LIST_FREE] != SLAB_NONE) {
		slab_node_destroy(slab, n->tail[LIST_FREE], cpu);
		slab->stats.freed++;
	}
}
