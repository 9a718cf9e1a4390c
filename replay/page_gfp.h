/*
 * page_gfp: what a kernel's allocation flags ask of the page allocator.
 */
#ifndef REPLAY_PAGE_GFP_H
#define REPLAY_PAGE_GFP_H

#include "core/gfp.h"
#include "replay/page_alloc.h"

/*
 * gfp_zone(): the highest zone that the flags allow. A zone that is not in the
 * configuration was not built into the kernel, and Normal takes its place.
 */
enum page_zone_kind page_gfp_zone(const struct page_alloc *pa,
				  const struct gfp_bits *bits,
				  uint32_t gfp_flags);

/* gfp_migratetype() */
enum page_migratetype page_gfp_migratetype(const struct gfp_bits *bits,
					   uint32_t gfp_flags);

/* enum page_request_flag */
uint32_t page_gfp_flags(const struct gfp_bits *bits, uint32_t gfp_flags);

/*
 * Sets migratetype, zone and flags of a request; order, CPU, node and nodemask
 * are the caller's.
 */
void page_gfp_request(const struct page_alloc *pa, const struct gfp_bits *bits,
		      uint32_t gfp_flags, struct page_request *req);

#endif
