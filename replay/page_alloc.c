/*
 * The allocator's outside: a request's way through the zones, and frees.
 *
 * Source: mm/page_alloc.c: __alloc_pages(), get_page_from_freelist(),
 * rmqueue(), alloc_flags_nofragment(), __free_pages().
 *
 *   request -> zonelist -> per zone: watermark -> per-CPU list
 *                                      | no            | empty
 *                                   next zone      free areas -> other types'
 *
 * First all zones with the low mark, leaving other types' pageblocks alone if
 * the preferred zone is Normal; then without that care. What that does not
 * serve goes the slow path (page_slow.c).
 */
#include "core/rare.h"
#include "replay/page_buddy.h"
#include "replay/page_fallback.h"
#include "replay/page_highatomic.h"
#include "replay/page_kswapd.h"
#include "replay/page_pcp.h"
#include "replay/page_used.h"
#include "replay/page_walk.h"

/* Checks what the caller says; false: impossible. */
static bool walk_init(const struct page_alloc *pa,
		      const struct page_request *req, struct page_walk *walk)
{
	uint32_t node;

	if (req->order > pa->max_order ||
	    (unsigned int)req->migratetype >= PAGE_PCPTYPES ||
	    (unsigned int)req->zone >= PAGE_ZONE_KINDS ||
	    req->node < PAGE_NODE_LOCAL ||
	    (pa->cpu_count && req->cpu >= pa->cpu_count))
		return false;
	node = (uint32_t)req->node;
	if (req->node == PAGE_NODE_LOCAL)
		node = pa->cpu_count ? pa->cpu_node[req->cpu] : 0;
	if (node >= pa->node_count)
		return false;
	walk->req = req;
	walk->list = &pa->zonelists[node];
	walk->type = pa->group_by_mobility ? req->migratetype : PAGE_UNMOVABLE;
	walk_bind(pa, walk, req->nodemask);
	return true;
}

/* rmqueue_buddy() */
static RARE bool zone_take_buddy(struct page_alloc *pa, struct page_zone *zone,
				 const struct page_walk *walk, uint64_t *pfn)
{
	enum rmqueue_mode mode = RMQUEUE_NORMAL;
	uint32_t order = walk->req->order;

	if (walk->flags & ALLOC_HIGHATOMIC &&
	    buddy_take_smallest(pa, zone, order, PAGE_HIGHATOMIC, pfn))
		return true;
	if (fallback_take(pa, zone, order, walk->type, walk->flags, &mode, pfn))
		return true;
	/* Failing now is worse than failing a high order later. */
	if (!pa->rules->highatomic_by_order && walk->flags & ALLOC_NON_BLOCK)
		return buddy_take_smallest(pa, zone, order, PAGE_HIGHATOMIC,
					   pfn);
	return walk->flags & ALLOC_LAST_RESORT &&
	       buddy_take_smallest(pa, zone, order, PAGE_HIGHATOMIC, pfn);
}

/* rmqueue(): from the CPU's list where orders allow, else the free areas. */
static bool zone_take(struct page_alloc *pa, struct page_zone *zone,
		      const struct page_walk *walk, uint64_t *pfn)
{
	uint32_t order = walk->req->order;

	if (pcp_allows(pa, zone, order)) {
		if (pcp_take(pa, zone, walk->req->cpu, order, walk->type,
			     walk->flags, pfn))
			return true;
		if (pa->rules->highatomic_by_order &&
		    !(walk->flags & ALLOC_LAST_RESORT))
			return false;
	}
	return zone_take_buddy(pa, zone, walk, pfn);
}

/* The zone has enough; notes where it falls below its high mark (6.7 on). */
static bool zone_passes(struct page_alloc *pa, struct page_zone *zone,
			const struct page_walk *walk)
{
	uint32_t order = walk->req->order;

	if (pa->rules->pcp_auto_high && !zone->below_high) {
		if (watermark_fast(pa, zone, order, ALLOC_WMARK_HIGH,
				   walk->req->zone, walk->flags))
			return true;
		zone->below_high = true;
	}
	return watermark_fast(pa, zone, order, walk->mark, walk->req->zone,
			      walk->flags) ||
	       walk->flags & ALLOC_NO_WATERMARKS;
}

/* One walk over the zonelist. */
static bool walk_once(struct page_alloc *pa, const struct page_walk *walk,
		      uint64_t *pfn)
{
	for (uint32_t i = 0; i < walk->list->count; i++) {
		struct page_zone *zone = &pa->zones[walk->list->zones[i]];

		if (!walk_allows(walk, zone))
			continue;
		/* Near and fragmenting is better than far. */
		if (walk->flags & ALLOC_NOFRAGMENT &&
		    zone->node != walk->preferred->node)
			return false;
		if (!zone_passes(pa, zone, walk) ||
		    !zone_take(pa, zone, walk, pfn))
			continue;
		buddy_mark(pa, zone, *pfn, FRAME_USED, walk->req->order,
			   walk->type);
		if (walk->flags & ALLOC_HIGHATOMIC)
			highatomic_reserve(pa, zone, *pfn, walk->req->order);
		pa->counters.remote += zone->node != walk->preferred->node;
		return true;
	}
	return false;
}

bool walk_take(struct page_alloc *pa, struct page_walk *walk, uint64_t *pfn)
{
	if (walk_once(pa, walk, pfn))
		return true;
	if (!(walk->flags & ALLOC_NOFRAGMENT))
		return false;
	walk->flags &= ~(uint32_t)ALLOC_NOFRAGMENT;
	return walk_once(pa, walk, pfn);
}

int page_alloc_pages(struct page_alloc *pa, const struct page_request *req,
		     uint64_t *pfn)
{
	struct page_walk walk;
	uint64_t found;
	bool served;

	if (!walk_init(pa, req, &walk)) {
		pa->counters.bad_requests++;
		return ERR_USAGE;
	}
	if (!walk.preferred) {
		pa->counters.failures++;
		return ERR_NOMEM;
	}
	walk.mark = ALLOC_WMARK_LOW;
	walk.flags = walk_cma_flag(pa, req) | (req->flags & ALLOC_NO_KSWAPD);
	if (walk.preferred->spared)
		walk.flags |= ALLOC_NOFRAGMENT;
	served = walk_take(pa, &walk, &found) || slow_take(pa, &walk, &found);
	if (pa->kswapd_awake)
		kswapd_run(pa);
	if (!served) {
		pa->counters.failures++;
		return ERR_NOMEM;
	}
	pa->counters.allocs++;
	pa->counters.alloc_pages += UINT64_C(1) << req->order;
	*pfn = found;
	return 0;
}

int page_free(struct page_alloc *pa, uint64_t pfn, uint32_t order, uint32_t cpu)
{
	struct page_zone *zone = zone_at_block(pa, pfn, order);

	/* The links are needed in a moment, while the state is looked at. */
	if (zone)
		__builtin_prefetch(&pa->frames.links[zone_index(zone, pfn)], 1);
	if (!zone || (pa->cpu_count && cpu >= pa->cpu_count) ||
	    !used_carve(pa, zone, pfn, order)) {
		pa->counters.bad_frees++;
		return ERR_USAGE;
	}
	pa->counters.frees++;
	pa->counters.free_pages += UINT64_C(1) << order;
	if (pcp_allows(pa, zone, order))
		pcp_free(pa, zone, cpu, pfn, order);
	else
		buddy_free_typed(pa, zone, pfn, order, false);
	if (zone->reclaim_active &&
	    zone->free_pages > watermark_pages(zone, ALLOC_WMARK_HIGH))
		zone->reclaim_active = false;
	return 0;
}

const struct page_counters *page_alloc_counters(const struct page_alloc *pa)
{
	return &pa->counters;
}
