/*
 * page_pcp: each CPU's own lists of free pages of a zone. Private to
 * replay/page_*. All numbers of pages are frames.
 */
#ifndef REPLAY_PAGE_PCP_H
#define REPLAY_PAGE_PCP_H

#include "replay/page_state.h"

/* pcp_allowed_order() */
static inline bool pcp_holds(const struct page_alloc *pa, uint32_t order)
{
	return order <= pa->listed_order_max ||
	       (pa->thp_order && order == pa->thp_order);
}

/* True if blocks of that order go through the lists of that zone. */
static inline bool pcp_allows(const struct page_alloc *pa,
			      const struct page_zone *zone, uint32_t order)
{
	return zone->pcp_batch && pa->cpu_count && pcp_holds(pa, order);
}

/* rmqueue_pcplist(), enum alloc_flag: false if neither the list nor the zone has a block. */
bool pcp_take(struct page_alloc *pa, struct page_zone *zone, uint32_t cpu,
	      uint32_t order, uint32_t type, uint32_t alloc_flags,
	      uint64_t *pfn);

/* free_unref_page(): takes an unlisted block; may drain others. */
void pcp_free(struct page_alloc *pa, struct page_zone *zone, uint32_t cpu,
	      uint64_t pfn, uint32_t order);

/* Puts an unlisted block at the tail, where a refill would put it. */
void pcp_append(struct page_alloc *pa, struct page_zone *zone, uint32_t cpu,
		uint64_t pfn, uint32_t order, uint32_t type);

/* free_pcppages_bulk(): gives count frames back, list number first first. */
void pcp_drain(struct page_alloc *pa, struct page_zone *zone,
	       struct page_pcp *pcp, uint32_t count, uint32_t first);

#endif
