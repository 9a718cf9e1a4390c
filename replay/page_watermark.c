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

#include "core/rare.h"

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

uint64_t watermark_free_of_type(const struct page_zone *zone, uint32_t type)
{
	uint64_t frames = 0;

	for (uint32_t bits = zone->filled[type]; bits; bits &= bits - 1) {
		uint32_t order = (uint32_t)__builtin_ctz(bits);

		frames += (uint64_t)zone->free_area[order][type].count << order;
	}
	return frames;
}

uint64_t watermark_unusable(const struct page_alloc *pa,
			    const struct page_zone *zone, uint32_t alloc_flags)
{
	uint32_t rights = ALLOC_NON_BLOCK;
	uint64_t frames = 0;

	/* Requests without a right to reserves do without the high-atomic. */
	if (!pa->rules->highatomic_urgent_only)
		rights |= ALLOC_MIN_RESERVE;
	if (!(alloc_flags & rights)) {
		if (pa->rules->highatomic_free_only)
			frames = watermark_free_of_type(zone, PAGE_HIGHATOMIC);
		else
			frames = (uint64_t)zone->highatomic_blocks
				 << pa->pageblock_order;
	}
	if (!(alloc_flags & ALLOC_CMA))
		frames += watermark_free_of_type(zone, PAGE_CMA);
	return frames;
}

bool watermark_ok_with(const struct page_alloc *pa,
		       const struct page_zone *zone, uint32_t order,
		       uint64_t mark, enum page_zone_kind highest,
		       uint32_t alloc_flags, uint64_t free_pages)
{
	uint64_t unusable = (UINT64_C(1) << order) - 1 +
			    watermark_unusable(pa, zone, alloc_flags);
	uint64_t need =
	    mark_lowered(pa, mark, alloc_flags) + zone->lowmem_reserve[highest];
	uint32_t filled = 0;

	if (free_pages <= unusable || free_pages - unusable <= need)
		return false;
	if (!order)
		return true;
	for (uint32_t type = 0; type < PAGE_PCPTYPES; type++)
		filled |= zone->filled[type];
	if (alloc_flags & ALLOC_CMA)
		filled |= zone->filled[PAGE_CMA];
	if (alloc_flags & ALLOC_HIGHATOMIC)
		filled |= zone->filled[PAGE_HIGHATOMIC];
	return filled >> order;
}

/* Urgent single pages do not wait for the boost to wear off. */
static bool ignores_boost(const struct page_alloc *pa, uint32_t alloc_flags)
{
	return alloc_flags & (pa->rules->high_ignores_boost ? ALLOC_MIN_RESERVE
							    : ALLOC_ATOMIC);
}

RARE bool watermark_ok(const struct page_alloc *pa,
		       const struct page_zone *zone, uint32_t order,
		       enum alloc_mark mark, enum page_zone_kind highest,
		       uint32_t alloc_flags)
{
	if (watermark_ok_with(pa, zone, order, watermark_pages(zone, mark),
			      highest, alloc_flags, zone->free_pages))
		return true;
	return !order && zone->boost && mark == ALLOC_WMARK_MIN &&
	       ignores_boost(pa, alloc_flags) &&
	       watermark_ok_with(pa, zone, 0, zone->wmark[mark], highest,
				 alloc_flags, zone->free_pages);
}
