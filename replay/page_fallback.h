/*
 * page_fallback: taking a block out of a zone's free areas, from another
 * migratetype's list if the own one has none. Private to replay/page_*.
 */
#ifndef REPLAY_PAGE_FALLBACK_H
#define REPLAY_PAGE_FALLBACK_H

#include "replay/page_state.h"

/* enum rmqueue_mode: where the last block was found, for a series of takes. */
enum rmqueue_mode { RMQUEUE_NORMAL, RMQUEUE_CLAIM, RMQUEUE_STEAL };

/*
 * __rmqueue(): a block of exactly that order, unlisted, its state to be
 * written by the caller. nofragment: leave other types' pageblocks whole.
 * *mode starts as RMQUEUE_NORMAL and is kept within one series of takes.
 */
bool fallback_take(struct page_alloc *pa, struct page_zone *zone,
		   uint32_t order, uint32_t type, bool nofragment,
		   enum rmqueue_mode *mode, uint64_t *pfn);

/*
 * move_freepages_block(): all free blocks of pfn's pageblock to that type's
 * lists; none where the pageblock leaves the zone.
 */
void fallback_move_block(struct page_alloc *pa, struct page_zone *zone,
			 uint64_t pfn, uint32_t type);

#endif
