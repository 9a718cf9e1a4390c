/*
 * page_watermark: may this request have pages of this zone? Private to
 * replay/page_*.
 */
#ifndef REPLAY_PAGE_WATERMARK_H
#define REPLAY_PAGE_WATERMARK_H

#include "replay/page_state.h"

/* The kernel's alloc_flags, as far as they decide here. */
enum alloc_flag {
	ALLOC_MIN_RESERVE = 1u << 0, /* __GFP_HIGH */
	ALLOC_NON_BLOCK = 1u << 1,   /* ALLOC_HARDER up to 6.2 */
	ALLOC_NOFRAGMENT = 1u << 2,
	ALLOC_NO_WATERMARKS = 1u << 3,
	ALLOC_CMA = 1u << 4,	    /* movable: may have pages of that type */
	ALLOC_HIGHATOMIC = 1u << 5, /* urgent, of high order */
	/* No kernel's: a replay must serve what was served. */
	ALLOC_LAST_RESORT = 1u << 6,
	/* Nor this: what asks gfp_mask for __GFP_ATOMIC (up to 6.2). */
	ALLOC_ATOMIC = 1u << 7,
	/* ALLOC_KSWAPD's opposite, as a request has it. */
	ALLOC_NO_KSWAPD = PAGE_REQ_NOKSWAPD,
};

/*
 * The slow part of zone_watermark_fast(); highest is the highest zone that the
 * request may use.
 */
bool watermark_ok(const struct page_alloc *pa, const struct page_zone *zone,
		  uint32_t order, enum alloc_mark mark,
		  enum page_zone_kind highest, uint32_t alloc_flags);

/*
 * __zone_watermark_ok(): true if the zone would pass with so many frames free,
 * of which there is a block of the order now.
 */
bool watermark_ok_with(const struct page_alloc *pa,
		       const struct page_zone *zone, uint32_t order,
		       uint64_t mark, enum page_zone_kind highest,
		       uint32_t alloc_flags, uint64_t free_pages);

/* Free frames on the lists of one type. */
uint64_t watermark_free_of_type(const struct page_zone *zone, uint32_t type);

/* Free frames that a request with those flags must not count on. */
uint64_t watermark_unusable(const struct page_alloc *pa,
			    const struct page_zone *zone, uint32_t alloc_flags);

/* wmark_pages(): the frames of a mark. */
static inline uint64_t watermark_pages(const struct page_zone *zone,
				       enum alloc_mark mark)
{
	return zone->wmark[mark] + zone->boost;
}

/*
 * zone_watermark_fast(): a single page needs no more than this where there is
 * plenty; only else are the reserves reckoned.
 */
static inline bool watermark_fast(const struct page_alloc *pa,
				  const struct page_zone *zone, uint32_t order,
				  enum alloc_mark mark,
				  enum page_zone_kind highest,
				  uint32_t alloc_flags)
{
	uint64_t reserved = 0;

	if (zone->highatomic_blocks || zone->filled[PAGE_CMA])
		reserved = watermark_unusable(pa, zone, alloc_flags);
	if (!order && zone->free_pages > watermark_pages(zone, mark) +
					     zone->lowmem_reserve[highest] +
					     reserved)
		return true;
	return watermark_ok(pa, zone, order, mark, highest, alloc_flags);
}

#endif
