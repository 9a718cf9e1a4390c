/*
 * The binary buddy system (Knowlton 1965) as Linux does it.
 *
 * Source: mm/page_alloc.c: __free_one_page(), buddy_merge_likely(), expand(),
 * __rmqueue_smallest(); mm/internal.h: page_is_buddy(). All versions; where
 * they differ, see page_rules.h.
 *
 *     order 3   |               0               |
 *     order 2   |       0       |       4       |
 *     order 1   |   0   |   2   |   4   |   6   |
 *     order 0   | 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 |
 *
 * The buddy of a block of 2^k frames at pfn p is at p ^ 2^k: naturally aligned
 * blocks pair up without any search. Two blocks merge if the buddy (1) lies in
 * the same zone, (2) is free as a whole, (3) as one block of the same order.
 *
 * Splitting (free -> in use), a request of order 0 from a block of order 3:
 *
 *     [0           7]   taken from its list
 *     [0] [1] [2,3] [4..7]
 *      |   `---+------`---- put at the heads of the lists of orders 0, 1 and 2
 *      `------------------- given out
 *
 * Every operation is O(orders). Only the first frame of a block carries its
 * state; the state of a frame inside of a block is 0, so that splitting and
 * merging write as many words as blocks change.
 */
#include "replay/page_buddy.h"

void buddy_move(struct page_alloc *pa, struct page_zone *zone, uint64_t pfn,
		uint32_t type)
{
	frame_state state = pa->frames.states[zone_index(zone, pfn)];

	buddy_remove(pa, zone, pfn, frame_order(state), frame_type(state));
	buddy_insert(pa, zone, pfn, frame_order(state), type, true);
}

void buddy_expand(struct page_alloc *pa, struct page_zone *zone, uint64_t pfn,
		  uint32_t low, uint32_t high, uint32_t type)
{
	pa->counters.splits += high - low;
	while (high > low) {
		high--;
		buddy_insert(pa, zone, pfn + (UINT64_C(1) << high), high, type,
			     false);
	}
}

/* Types whose whole pageblocks may merge: all that can fall back. */
static bool type_is_mergeable(uint32_t type)
{
	return type < PAGE_PCPTYPES;
}

/*
 * Whole pageblocks of different types stay apart if one of them has no
 * fallback, or its reserve would leak into ordinary memory.
 */
static bool merge_allowed(struct page_alloc *pa, struct page_zone *zone,
			  uint64_t buddy, uint32_t order, uint32_t type)
{
	uint32_t buddy_type;

	if (order < pa->pageblock_order)
		return true;
	buddy_type = *zone_block_type(pa, zone, buddy);
	if (buddy_type == type)
		return true;
	if (pa->rules->merge_any_type)
		return type != PAGE_ISOLATE && buddy_type != PAGE_ISOLATE;
	if (!type_is_mergeable(type) || !type_is_mergeable(buddy_type))
		return false;
	if (pa->rules->merge_retypes) {
		buddy_retype(pa, zone, buddy, order, type);
		pa->counters.retypes += UINT64_C(1)
					<< (order - pa->pageblock_order);
	}
	return true;
}

/*
 * If the buddy of the block that would come of the next merge is free, that
 * merge is likely soon: the block goes to the tail, where it waits longest.
 */
static bool merge_likely(const struct page_alloc *pa,
			 const struct page_zone *zone, uint64_t pfn,
			 uint32_t order)
{
	uint64_t parent, uncle;

	if (order + 1 >= pa->max_order)
		return false;
	parent = pfn & ~(UINT64_C(1) << order);
	uncle = parent ^ UINT64_C(1) << (order + 1);
	return buddy_is_free(pa, zone, uncle, order + 1);
}

void buddy_free(struct page_alloc *pa, struct page_zone *zone, uint64_t pfn,
		uint32_t order, uint32_t type, bool to_tail)
{
	for (; order < pa->max_order; order++) {
		uint64_t buddy = pfn ^ UINT64_C(1) << order;

		if (!buddy_is_free(pa, zone, buddy, order) ||
		    !merge_allowed(pa, zone, buddy, order, type))
			break;
		buddy_remove(pa, zone, buddy, order,
			     buddy_type(pa, zone, buddy));
		/* The upper half's head becomes a frame inside. */
		pa->frames.states[zone_index(zone, pfn | buddy)] = 0;
		pfn &= buddy;
		pa->counters.merges++;
	}
	buddy_insert(pa, zone, pfn, order, type,
		     to_tail || merge_likely(pa, zone, pfn, order));
}

void buddy_free_typed(struct page_alloc *pa, struct page_zone *zone,
		      uint64_t pfn, uint32_t order, bool to_tail)
{
	uint64_t end = pfn + (UINT64_C(1) << order);

	if (pa->rules->merge_retypes && order > pa->pageblock_order)
		order = pa->pageblock_order;
	for (; pfn < end; pfn += UINT64_C(1) << order)
		buddy_free(pa, zone, pfn, order,
			   *zone_block_type(pa, zone, pfn), to_tail);
}

bool buddy_take_smallest(struct page_alloc *pa, struct page_zone *zone,
			 uint32_t order, uint32_t type, uint64_t *pfn)
{
	uint32_t fits = (uint32_t)zone->filled[type] >> order << order;
	uint32_t found;

	if (!fits)
		return false;
	found = (uint32_t)__builtin_ctz(fits);
	*pfn = zone_pfn(zone, zone->free_area[found][type].first);
	buddy_remove(pa, zone, *pfn, found, type);
	buddy_expand(pa, zone, *pfn, order, found, type);
	return true;
}

void buddy_set_type(struct page_alloc *pa, struct page_zone *zone, uint64_t pfn,
		    uint32_t order, uint32_t type)
{
	uint64_t blocks = 1;

	if (order > pa->pageblock_order)
		blocks = UINT64_C(1) << (order - pa->pageblock_order);
	for (uint64_t i = 0; i < blocks; i++) {
		uint8_t *slot =
		    zone_block_type(pa, zone, pfn + (i << pa->pageblock_order));

		zone->highatomic_blocks -= *slot == PAGE_HIGHATOMIC;
		zone->highatomic_blocks += type == PAGE_HIGHATOMIC;
		*slot = (uint8_t)type;
	}
}

void buddy_retype(struct page_alloc *pa, struct page_zone *zone, uint64_t pfn,
		  uint32_t order, uint32_t type)
{
	/*
	 * set_pageblock_migratetype(): without grouping no block becomes
	 * movable. Those that are it since boot stay it.
	 */
	if (!pa->group_by_mobility && type < PAGE_PCPTYPES)
		type = PAGE_UNMOVABLE;
	buddy_set_type(pa, zone, pfn, order, type);
}

uint64_t buddy_head(const struct page_alloc *pa, const struct page_zone *zone,
		    uint64_t pfn)
{
	/*
	 * A block of order o starts at pfn with the low o bits cleared. The
	 * candidates for smaller orders lie inside of it and are tails, so the
	 * first head that is met is the right one.
	 */
	for (uint32_t order = 0; order <= PAGE_ORDER_MAX; order++) {
		pfn &= ~UINT64_C(0) << order;
		if (pa->frames.states[zone_index(zone, pfn)])
			break;
	}
	return pfn;
}
