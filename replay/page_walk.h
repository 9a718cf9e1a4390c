/*
 * page_walk: a request's way over the zones of its list. Private to
 * replay/page_*.
 */
#ifndef REPLAY_PAGE_WALK_H
#define REPLAY_PAGE_WALK_H

#include "replay/page_watermark.h"

/* A request as the zones see it (struct alloc_context). */
struct page_walk {
	const struct page_request *req;
	const struct page_zonelist *list;
	const struct page_zone *preferred;
	uint64_t nodemask;
	uint32_t type;
	uint32_t flags; /* enum alloc_flag */
	enum alloc_mark mark;
};

static inline bool walk_allows(const struct page_walk *walk,
			       const struct page_zone *zone)
{
	return zone->kind <= walk->req->zone &&
	       walk->nodemask >> zone->node & 1;
}

/* first_zones_zonelist(): bound to these nodes from now on (0: to none). */
static inline void walk_bind(const struct page_alloc *pa,
			     struct page_walk *walk, uint64_t nodemask)
{
	walk->nodemask = nodemask ? nodemask : UINT64_MAX;
	/* The zonelist's choice, not the mask's: it holds for all. */
	if (walk->req->flags & PAGE_REQ_THISNODE)
		walk->nodemask &= UINT64_C(1) << (walk->list - pa->zonelists);
	walk->preferred = NULL;
	for (uint32_t i = 0; i < walk->list->count && !walk->preferred; i++) {
		const struct page_zone *zone = &pa->zones[walk->list->zones[i]];

		if (walk_allows(walk, zone))
			walk->preferred = zone;
	}
}

/* gfp_to_alloc_flags_cma(): without grouping nothing counts as movable. */
static inline uint32_t walk_cma_flag(const struct page_alloc *pa,
				     const struct page_request *req)
{
	return pa->group_by_mobility && req->migratetype == PAGE_MOVABLE
		   ? ALLOC_CMA
		   : 0;
}

/*
 * get_page_from_freelist(): the block is in use then, and belongs to the
 * caller. Drops ALLOC_NOFRAGMENT if that is the only way.
 */
bool walk_take(struct page_alloc *pa, struct page_walk *walk, uint64_t *pfn);

/* __alloc_pages_slowpath(), after walk_take() with the low mark failed. */
bool slow_take(struct page_alloc *pa, struct page_walk *walk, uint64_t *pfn);

/* gfp_to_alloc_flags(): what a request may do below the low mark. */
uint32_t walk_slow_flags(const struct page_alloc *pa,
			 const struct page_request *req);

#endif
