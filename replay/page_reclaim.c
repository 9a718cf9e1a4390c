/*
 * Marks on blocks in use, and taking back what is marked reclaimable.
 *
 * Source: mm/vmscan.c: shrink_node(). The kernel sorts its pages by use into
 * active and inactive lists; here nobody tells of use, so what was marked first
 * goes first. One list per zone, through the links that a block in use does not
 * need; O(1) per block.
 */
#include "replay/page_buddy.h"
#include "replay/page_slow.h"
#include "replay/page_used.h"

int page_mark(struct page_alloc *pa, uint64_t pfn, uint32_t order,
	      uint32_t marks)
{
	struct page_zone *zone = zone_at_block(pa, pfn, order);

	if (!zone || marks > (PAGE_MARK_MOVABLE | PAGE_MARK_RECLAIMABLE) ||
	    !used_carve(pa, zone, pfn, order))
		return ERR_USAGE;
	used_mark(pa, zone, pfn, marks);
	return 0;
}

uint64_t page_reclaim_zone(struct page_alloc *pa, uint32_t zone_id,
			   uint64_t frames)
{
	struct page_zone *zone;
	uint64_t done = 0;

	if (zone_id >= pa->zone_count)
		return 0;
	zone = &pa->zones[zone_id];
	while (done < frames && zone->reclaimable.count) {
		uint32_t index = zone->reclaimable.first;
		uint32_t order = frame_order(pa->frames.states[index]);
		uint64_t pfn = zone_pfn(zone, index);

		used_mark(pa, zone, pfn, 0);
		buddy_free_typed(pa, zone, pfn, order, false);
		done += UINT64_C(1) << order;
		pa->kswapds[zone->node].failures = 0;
		if (pa->owner && pa->owner->reclaimed)
			pa->owner->reclaimed(pa->owner->context, pfn, order);
	}
	pa->counters.reclaimed += done;
	return done;
}
