/* Each function names the kernel's in mm/slub.c. */
#include "replay/slub_slab.h"

/* ---- Lists ---- */

void slub_node_add(struct slub *slub, struct slub_cache *cache, uint32_t s,
		   bool tail)
{
	struct slub_slab *slab = &slub->slabs[s];
	struct slub_node *node = &cache->nodes[slab->node];

	slab->place = SLAB_NODE_PARTIAL;
	slab->prev = tail ? node->tail : SLUB_NONE;
	slab->next = tail ? SLUB_NONE : node->head;
	if (slab->prev != SLUB_NONE)
		slub->slabs[slab->prev].next = s;
	else
		node->head = s;
	if (slab->next != SLUB_NONE)
		slub->slabs[slab->next].prev = s;
	else
		node->tail = s;
	node->nr_partial++;
}

void slub_node_remove(struct slub *slub, struct slub_cache *cache, uint32_t s)
{
	struct slub_slab *slab = &slub->slabs[s];
	struct slub_node *node = &cache->nodes[slab->node];

	if (slab->prev != SLUB_NONE)
		slub->slabs[slab->prev].next = slab->next;
	else
		node->head = slab->next;
	if (slab->next != SLUB_NONE)
		slub->slabs[slab->next].prev = slab->prev;
	else
		node->tail = slab->prev;
	slab->place = SLAB_FULL;
	node->nr_partial--;
}

void slub_node_settle(struct slub *slub, struct slub_cache *cache, uint32_t s)
{
	if (slub->slabs[s].inuse < slub->slabs[s].objects)
		slub_node_add(slub, cache, s, true);
}

/* ---- Slabs and their pages ---- */

static void number_release(struct slub *slub, uint32_t s)
{
	slub->slabs[s].place = SLUB_PLACE_UNUSED;
	numbers_release(&slub->numbers, slub->slabs, s);
}

/* A slab came to a cache: from the page model or from the start. */
void slub_slab_count_in(struct slub *slub, const struct slub_slab *slab)
{
	struct slub_cache *cache = &slub->caches[slab->cache];

	cache->slabs++;
	if (cache->slabs > cache->slabs_peak)
		cache->slabs_peak = cache->slabs;
	cache->pages += 1ull << slab->order;
	cache->objects_total += slab->objects;
	slub->sums.room_bytes +=
	    (uint64_t)slab->objects * cache->params.slab_size;
	slub->model.pages += 1ull << slab->order;
}

/* discard_slab(): the slab must be on no list and hold no object. */
void slub_slab_discard(struct slub *slub, uint32_t s, unsigned int cpu)
{
	struct slub_slab *slab = &slub->slabs[s];
	struct slub_cache *cache = &slub->caches[slab->cache];
	struct page_model *pages = slub->config.pages;

	cache->slabs--;
	cache->pages -= 1ull << slab->order;
	cache->objects_total -= slab->objects;
	slub->sums.room_bytes -=
	    (uint64_t)slab->objects * cache->params.slab_size;
	slub->model.pages -= 1ull << slab->order;
	slub->stats.free_slab++;
	if (slab->pfn == SLAB_PFN_UNKNOWN ||
	    !pages->ops->free(pages, slab->pfn, slab->order, cpu))
		slub->model.unplaced_pages += 1ull << slab->order;
	number_release(slub, s);
}

/*
 * allocate_slab(): the order it likes, without long tries, and without reclaim
 * and kswapd if there is a lesser order; then that with all that the request
 * allows.
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
	    .flags = (request->flags | PAGE_REQ_NORETRY) &
		     ~(uint32_t)PAGE_REQ_NOFAIL,
	    .cpu = request->cpu,
	    .node = node < 0 ? PAGE_NODE_LOCAL : node,
	};

	if (p->order > p->order_min && !(request->flags & PAGE_REQ_NONBLOCK))
		want.flags |=
		    PAGE_REQ_NONBLOCK | PAGE_REQ_NOKSWAPD | PAGE_REQ_NOMEMALLOC;
	slab->order = (uint8_t)p->order;
	slab->objects = (uint16_t)p->objs_per_slab;
	if (!pages->ops->alloc(pages, &want, &slab->pfn))
		return 0;
	want.order = p->order_min;
	want.flags = request->flags;
	slab->order = (uint8_t)p->order_min;
	slab->objects = (uint16_t)p->objs_per_slab_min;
	if (pages->ops->alloc(pages, &want, &slab->pfn))
		return ERR_NOMEM;
	slub->stats.order_fallback++;
	return 0;
}

/* new_slab(): all objects belong to the CPU that asked. */
int slub_slab_new(struct slub *slub, uint32_t c,
		  const struct slab_request *request, int node,
		  uint32_t *number)
{
	struct page_model *pages = slub->config.pages;
	struct slub_slab slab = {
	    .cache = c, .next = SLUB_NONE, .prev = SLUB_NONE};
	uint32_t s =
	    numbers_take(&slub->numbers, &slub->slabs, &slub->config.memory);
	int ret;

	if (s == SLUB_NONE)
		return ERR_LIMIT;
	ret = slab_pages_take(slub, &slub->caches[c], request, node, &slab);
	if (ret) {
		number_release(slub, s);
		return ret;
	}
	slab.node = (uint16_t)pages->ops->node(pages, slab.pfn);
	if (slab.node >= slub->config.nodes)
		slab.node = 0;
	slab.inuse = slab.objects;
	slab.place = SLAB_CPU;
	slub->slabs[s] = slab;
	slub_slab_count_in(slub, &slab);
	slub->stats.alloc_slab++;
	*number = s;
	return 0;
}
