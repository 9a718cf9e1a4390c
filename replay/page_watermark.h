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
};

/* Which mark must hold. */
enum alloc_mark { ALLOC_WMARK_MIN, ALLOC_WMARK_LOW, ALLOC_WMARK_HIGH };

/* zone_watermark_fast(): highest is the highest zone the request may use. */
bool watermark_ok(const struct page_alloc *pa, const struct page_zone *zone,
		  uint32_t order, enum alloc_mark mark,
		  enum page_zone_kind highest, uint32_t alloc_flags);

#endif
