/*
 * page_used: blocks in use, and cutting them to the size that is asked about.
 * Private to replay/page_*.
 */
#ifndef REPLAY_PAGE_USED_H
#define REPLAY_PAGE_USED_H

#include "replay/page_state.h"

/*
 * Covers the frames from pfn to end with in-use blocks, as large as their
 * alignment and max_order allow. The frames must be tails of nothing.
 */
void used_fill(struct page_alloc *pa, struct page_zone *zone, uint64_t pfn,
	       uint64_t end, uint32_t type);

/*
 * Gives a block in use other marks (enum page_mark). One that is reclaimable
 * joins the zone's list of those at its end.
 */
void used_mark(struct page_alloc *pa, struct page_zone *zone, uint64_t pfn,
	       uint32_t marks);

/* used_carve() where the block has another size or is not in use. */
bool used_carve_slow(struct page_alloc *pa, struct page_zone *zone,
		     uint64_t pfn, uint32_t order);

/*
 * Makes 2^order frames at pfn one block of their own, whether they were a part
 * of a larger block in use (whose rest stays in use) or several smaller ones.
 * Its marks are gone; the rest keeps them.
 * False, and nothing changed, if one of them is not in use.
 */
static inline bool used_carve(struct page_alloc *pa, struct page_zone *zone,
			      uint64_t pfn, uint32_t order)
{
	frame_state state = pa->frames.states[zone_index(zone, pfn)];

	return frame_is_plain(state, order) ||
	       used_carve_slow(pa, zone, pfn, order);
}

#endif
