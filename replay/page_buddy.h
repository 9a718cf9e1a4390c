/*
 * page_buddy: the free areas of a zone: insert, remove, split and coalesce.
 * Private to the page_* files of replay/.
 *
 * Every pfn here lies in the zone given with it, and is the head of a block.
 */
#ifndef REPLAY_PAGE_BUDDY_H
#define REPLAY_PAGE_BUDDY_H

#include "replay/page_state.h"

/* Writes a head's state; the frames behind it must be tails already. */
static inline void buddy_mark(struct page_alloc *pa,
			      const struct page_zone *zone, uint64_t pfn,
			      enum frame_kind kind, uint32_t order,
			      uint32_t type)
{
	pa->frames.states[zone_index(zone, pfn)] =
	    frame_make(kind, order, type);
}

/* True if a free block of exactly that order starts at pfn, in this zone. */
static inline bool buddy_is_free(const struct page_alloc *pa,
				 const struct page_zone *zone, uint64_t pfn,
				 uint32_t order)
{
	frame_state state;

	if (!zone_spans(zone, pfn))
		return false;
	state = pa->frames.states[zone_index(zone, pfn)];
	return frame_kind(state) == FRAME_FREE && frame_order(state) == order;
}

/*
 * What a block of that order on that type's list adds to the zone's free pages:
 * nobody may have what is isolated (account_freepages(); before 6.10
 * __free_one_page() and its callers).
 */
static inline uint64_t buddy_counts(uint32_t order, uint32_t type)
{
	return type == PAGE_ISOLATE ? 0 : UINT64_C(1) << order;
}

/* Puts a block into its list; it must not be in any. */
static inline void buddy_insert(struct page_alloc *pa, struct page_zone *zone,
				uint64_t pfn, uint32_t order, uint32_t type,
				bool to_tail)
{
	buddy_mark(pa, zone, pfn, FRAME_FREE, order, type);
	frame_list_add(&pa->frames, &zone->free_area[order][type],
		       zone_index(zone, pfn), to_tail);
	zone->filled[type] |= (uint16_t)(1u << order);
	zone->free_pages += buddy_counts(order, type);
}

/*
 * Takes a free block of that order and type out of its list. The caller writes
 * its next state.
 */
static inline void buddy_remove(struct page_alloc *pa, struct page_zone *zone,
				uint64_t pfn, uint32_t order, uint32_t type)
{
	struct frame_list *list = &zone->free_area[order][type];

	frame_list_remove(&pa->frames, list, zone_index(zone, pfn));
	if (!list->count)
		zone->filled[type] &= (uint16_t) ~(1u << order);
	zone->free_pages -= buddy_counts(order, type);
}

/* The type of the list that a free block is on. */
static inline uint32_t buddy_type(const struct page_alloc *pa,
				  const struct page_zone *zone, uint64_t pfn)
{
	return frame_type(pa->frames.states[zone_index(zone, pfn)]);
}

/* Moves a free block to the tail of another type's list. */
void buddy_move(struct page_alloc *pa, struct page_zone *zone, uint64_t pfn,
		uint32_t type);

/*
 * expand(): keeps the low 2^low frames of an unlisted block of 2^high and puts
 * the upper halves at the heads of their lists.
 */
void buddy_expand(struct page_alloc *pa, struct page_zone *zone, uint64_t pfn,
		  uint32_t low, uint32_t high, uint32_t type);

/*
 * __free_one_page(): makes an unlisted block free, merged with its buddies as
 * far as they are free. to_tail: at the list's tail whatever the rule says.
 */
void buddy_free(struct page_alloc *pa, struct page_zone *zone, uint64_t pfn,
		uint32_t order, uint32_t type, bool to_tail);

/*
 * Frees a block that comes from a caller, not from a per-CPU list: under the
 * type of its pageblock, pageblock by pageblock where the rules say so.
 */
void buddy_free_typed(struct page_alloc *pa, struct page_zone *zone,
		      uint64_t pfn, uint32_t order, bool to_tail);

/*
 * __rmqueue_smallest(): the first block of the smallest order that has one in
 * that type's list, split down. False if there is none.
 */
bool buddy_take_smallest(struct page_alloc *pa, struct page_zone *zone,
			 uint32_t order, uint32_t type, uint64_t *pfn);

/*
 * Sets the types of all pageblocks from pfn on, 2^order frames or the one
 * block around it; keeps the count of high-atomic blocks.
 */
void buddy_set_type(struct page_alloc *pa, struct page_zone *zone, uint64_t pfn,
		    uint32_t order, uint32_t type);

/* The same where the kernel does it while it runs: no grouping, no types. */
void buddy_retype(struct page_alloc *pa, struct page_zone *zone, uint64_t pfn,
		  uint32_t order, uint32_t type);

/* The head of the block that pfn belongs to. */
uint64_t buddy_head(const struct page_alloc *pa, const struct page_zone *zone,
		    uint64_t pfn);

#endif
