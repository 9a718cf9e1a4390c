/*
 * Source: mm/page_alloc.c: __zone_watermark_ok(), zone_watermark_fast();
 * include/linux/mmzone.h: wmark_pages().
 *
 *     free pages
 *        |
 *      high + boost   kswapd sleeps above it
 *      low  + boost   ordinary requests pass above it
 *      min  + boost   the slow path still gives
 *      min/2, 3/8 min urgent requests still get
 *        0
 *
 * To each mark, a request that could have used a higher zone adds
 * lowmem_reserve: it shall not eat the scarce low one. Order > 0 also needs
 * one free block of that order or more that has an ordinary type.
 */
#include "replay/page_watermark.h"

/* How far into the reserve below the mark the request may reach. */
static uint64_t mark_lowered(const struct page_alloc *pa, uint64_t mark,
			     uint32_t alloc_flags)
{
	bool high = alloc_flags & ALLOC_MIN_RESERVE;

	if (high)
		mark -= mark / 2;
	if (alloc_flags & ALLOC_NON_BLOCK && (high || pa->rules->harder_alone))
		mark -= mark / 4;
	return mark;
}

/* __zone_watermark_ok(): true if the zone holds more than mark frames. */
static bool above(const struct page_alloc *pa, const struct page_zone *zone,
		  uint32_t order, uint64_t mark, enum page_zone_kind highest,
		  uint32_t alloc_flags)
{
	uint64_t unusable = (UINT64_C(1) << order) - 1;
	uint64_t need =
	    mark_lowered(pa, mark, alloc_flags) + zone->lowmem_reserve[highest];

	/* Requests without a right to reserves do without the high-atomic. */
	if (!(alloc_flags & (ALLOC_MIN_RESERVE | ALLOC_NON_BLOCK)))
		unusable += (uint64_t)zone->highatomic_blocks
			    << pa->pageblock_order;
	if (zone->free_pages <= unusable || zone->free_pages - unusable <= need)
		return false;
	if (!order)
		return true;
	for (uint32_t type = 0; type < PAGE_PCPTYPES; type++) {
		if (zone->filled[type] >> order)
			return true;
	}
	return false;
}

/* Urgent single pages do not wait for the boost to wear off. */
static bool ignores_boost(const struct page_alloc *pa, uint32_t alloc_flags)
{
	return alloc_flags & ALLOC_MIN_RESERVE &&
	       (pa->rules->high_ignores_boost || alloc_flags & ALLOC_NON_BLOCK);
}

bool watermark_ok(const struct page_alloc *pa, const struct page_zone *zone,
		  uint32_t order, enum alloc_mark mark,
		  enum page_zone_kind highest, uint32_t alloc_flags)
{
	if (above(pa, zone, order, watermark_pages(zone, mark), highest,
		  alloc_flags))
		return true;
	return !order && zone->boost && mark == ALLOC_WMARK_MIN &&
	       ignores_boost(pa, alloc_flags) &&
	       above(pa, zone, 0, zone->wmark[mark], highest, alloc_flags);
}
