/*
 * Source: mm/page_alloc.c: reserve_highatomic_pageblock(),
 * unreserve_highatomic_pageblock().
 *
 * An urgent request of high order cannot wait for compaction. So whenever one
 * was served, its pageblock is set aside for the next, up to a hundredth of the
 * zone. When others run out of memory the reserve is opened again.
 */
#include "replay/page_buddy.h"
#include "replay/page_fallback.h"
#include "replay/page_highatomic.h"

void highatomic_reserve(struct page_alloc *pa, struct page_zone *zone,
			uint64_t pfn, uint32_t order)
{
	uint64_t block = UINT64_C(1) << pa->pageblock_order;
	uint64_t share = zone->managed / 100, most = share + block;

	if (pa->rules->highatomic_hundredth) {
		if (share < block)
			return;
		most = (share + block - 1) & ~(block - 1);
	}
	if ((uint64_t)zone->highatomic_blocks << pa->pageblock_order >= most ||
	    *zone_block_type(pa, zone, pfn) >= PAGE_PCPTYPES)
		return;
	if (order > pa->pageblock_order && pa->rules->highatomic_hundredth) {
		buddy_retype(pa, zone, pfn, order, PAGE_HIGHATOMIC);
	} else {
		if (pa->rules->highatomic_hundredth &&
		    !fallback_block_inside(pa, zone, pfn))
			return;
		buddy_retype(pa, zone, pfn, 0, PAGE_HIGHATOMIC);
		fallback_move_block(pa, zone, pfn, PAGE_HIGHATOMIC);
	}
	pa->counters.highatomic_reserved++;
}

/* Opens the reserved pageblock that has the smallest free block. */
static bool zone_unreserve(struct page_alloc *pa, struct page_zone *zone,
			   uint32_t type)
{
	for (uint32_t order = 0; order <= pa->max_order; order++) {
		const struct frame_list *list =
		    &zone->free_area[order][PAGE_HIGHATOMIC];
		uint64_t pfn, moved = 1;

		if (!list->count)
			continue;
		pfn = zone_pfn(zone, list->first);
		if (order < pa->pageblock_order || !pa->rules->merge_retypes) {
			buddy_retype(pa, zone, pfn, 0, type);
			moved = fallback_move_block(pa, zone, pfn, type);
		} else {
			buddy_retype(pa, zone, pfn, order, type);
			buddy_move(pa, zone, pfn, type);
		}
		pa->counters.highatomic_unreserved++;
		if (moved)
			return true;
	}
	return false;
}

bool highatomic_unreserve(struct page_alloc *pa, const struct page_walk *walk,
			  bool force)
{
	for (uint32_t i = 0; i < walk->list->count; i++) {
		struct page_zone *zone = &pa->zones[walk->list->zones[i]];

		if (!walk_allows(walk, zone) ||
		    (!force && zone->highatomic_blocks <= 1))
			continue;
		if (zone_unreserve(pa, zone, walk->type))
			return true;
	}
	return false;
}
