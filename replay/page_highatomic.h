/*
 * page_highatomic: pageblocks kept back for urgent requests of high order.
 * Private to replay/page_*.
 */
#ifndef REPLAY_PAGE_HIGHATOMIC_H
#define REPLAY_PAGE_HIGHATOMIC_H

#include "replay/page_walk.h"

/* reserve_highatomic_pageblock(): the one that just served such a request. */
void highatomic_reserve(struct page_alloc *pa, struct page_zone *zone,
			uint64_t pfn, uint32_t order);

/*
 * unreserve_highatomic_pageblock(): gives one back to ordinary use, for a
 * request that is about to fail; each zone's last one only by force.
 */
bool highatomic_unreserve(struct page_alloc *pa, const struct page_walk *walk,
			  bool force);

#endif
