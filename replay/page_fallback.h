/*
 * page_fallback: taking a block out of a zone's free areas, from another
 * migratetype's list if the own one has none. Private to replay/page_*.
 */
#ifndef REPLAY_PAGE_FALLBACK_H
#define REPLAY_PAGE_FALLBACK_H

#include "replay/page_state.h"

/* enum rmqueue_mode: where the last block was found, for a series of takes. */
enum rmqueue_mode { RMQUEUE_NORMAL, RMQUEUE_CMA, RMQUEUE_CLAIM, RMQUEUE_STEAL };

/*
 * __rmqueue(): a block of exactly that order, unlisted, its state to be
 * written by the caller. alloc_flags: ALLOC_NOFRAGMENT leaves other types'
 * pageblocks whole, ALLOC_CMA allows that type's. *mode starts as
 * RMQUEUE_NORMAL and is kept within one series of takes.
 */
bool fallback_take(struct page_alloc *pa, struct page_zone *zone,
		   uint32_t order, uint32_t type, uint32_t alloc_flags,
		   enum rmqueue_mode *mode, uint64_t *pfn);

/*
 * True if a block of exactly that order is free that the request may have with
 * the pageblock around it (find_suitable_fallback(), only_stealable).
 */
bool fallback_claimable(const struct page_alloc *pa,
			const struct page_zone *zone, uint32_t order,
			uint32_t type);

/*
 * move_freepages_block(): all free blocks of pfn's pageblock to that type's
 * lists; none where the pageblock leaves the zone. Returns the frames moved.
 */
uint64_t fallback_move_block(struct page_alloc *pa, struct page_zone *zone,
			     uint64_t pfn, uint32_t type);

/* True if pfn's pageblock lies in the zone as far as moving it needs. */
bool fallback_block_inside(const struct page_alloc *pa,
			   const struct page_zone *zone, uint64_t pfn);

#endif
