/*
 * What the allocator tells about itself: read only, nothing recomputed.
 */
#include <string.h>

#include "replay/page_buddy.h"
#include "replay/page_pcp.h"

uint32_t page_zone_count(const struct page_alloc *pa)
{
	return pa->zone_count;
}

int page_zone_info(const struct page_alloc *pa, uint32_t zone_id,
		   struct page_zone_info *info)
{
	const struct page_zone *zone;

	if (zone_id >= pa->zone_count)
		return ERR_USAGE;
	zone = &pa->zones[zone_id];
	memset(info, 0, sizeof(*info));
	info->node = zone->node;
	info->kind = zone->kind;
	info->start_pfn = zone->start_pfn;
	info->spanned = zone->end_pfn - zone->start_pfn;
	info->managed = zone->managed;
	info->wmark_min = zone->wmark[ALLOC_WMARK_MIN];
	info->wmark_low = zone->wmark[ALLOC_WMARK_LOW];
	info->wmark_high = zone->wmark[ALLOC_WMARK_HIGH];
	info->boost = zone->boost;
	info->free_pages = zone->free_pages;
	info->reclaimable = zone->reclaimable_pages;
	info->order_count = pa->max_order + 1;
	for (uint32_t cpu = 0; zone->pcps && cpu < pa->cpu_count; cpu++)
		info->pcp_pages += zone->pcps[cpu].count;
	for (uint32_t order = 0; order <= pa->max_order; order++) {
		for (int type = 0; type < PAGE_MIGRATETYPES; type++) {
			uint64_t blocks = zone->free_area[order][type].count;

			info->free_blocks[type][order] = blocks;
			info->free_blocks_any[order] += blocks;
		}
	}
	return 0;
}

bool page_peek(const struct page_alloc *pa, uint32_t zone_id, uint32_t order,
	       int migratetype, uint64_t *pfn, uint32_t *found_order)
{
	const struct page_zone *zone;

	if (zone_id >= pa->zone_count || migratetype < 0 ||
	    migratetype >= PAGE_MIGRATETYPES)
		return false;
	zone = &pa->zones[zone_id];
	for (; order <= pa->max_order; order++) {
		const struct frame_list *list =
		    &zone->free_area[order][migratetype];

		if (!list->count)
			continue;
		*pfn = zone_pfn(zone, list->first);
		*found_order = order;
		return true;
	}
	return false;
}

uint32_t page_block_order(const struct page_alloc *pa)
{
	return pa->pageblock_order;
}

bool page_is_listed(const struct page_alloc *pa, uint32_t order)
{
	return pcp_holds(pa, order);
}

int page_zone_of(const struct page_alloc *pa, uint64_t pfn)
{
	const struct page_zone *zone = zone_at(pa, pfn);

	return zone ? (int)zone->id : ERR_USAGE;
}

int page_zone_blocks(const struct page_alloc *pa, uint32_t zone_id,
		     uint64_t count[PAGE_MIGRATETYPES])
{
	const struct page_zone *zone;

	if (zone_id >= pa->zone_count)
		return ERR_USAGE;
	zone = &pa->zones[zone_id];
	memset(count, 0, PAGE_MIGRATETYPES * sizeof(count[0]));
	for (uint32_t i = 0; i < zone->block_count; i++)
		count[zone->block_types[i]]++;
	return 0;
}

uint64_t page_free_total(const struct page_alloc *pa)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < pa->zone_count; i++)
		total += pa->zones[i].free_pages;
	return total;
}

enum page_use page_lookup(const struct page_alloc *pa, uint64_t pfn,
			  uint64_t *head, uint32_t *order)
{
	const struct page_zone *zone = zone_at(pa, pfn);
	frame_state state;
	uint64_t first;

	if (!zone)
		return PAGE_USE_OUTSIDE;
	first = buddy_head(pa, zone, pfn);
	state = pa->frames.states[zone_index(zone, first)];
	if (head)
		*head = first;
	if (order)
		*order = frame_order(state);
	switch (frame_kind(state)) {
	case FRAME_FREE:
		return PAGE_USE_FREE;
	case FRAME_PCP:
		return PAGE_USE_PCP;
	default:
		return PAGE_USE_IN_USE;
	}
}
