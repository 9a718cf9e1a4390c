/*
 * Source: include/linux/gfp.h: gfp_zone() and its GFP_ZONE_TABLE,
 * gfp_migratetype(); mm/page_alloc.c: gfp_to_alloc_flags(), and
 * __alloc_pages_slowpath(), which drops __GFP_ATOMIC of who may reclaim.
 */
#include "replay/page_gfp.h"
#include "replay/page_state.h"

enum page_zone_kind page_gfp_zone(const struct page_alloc *pa,
				  const struct gfp_bits *bits,
				  uint32_t gfp_flags)
{
	enum page_zone_kind kind = PAGE_ZONE_NORMAL;

	if (gfp_flags & bits->dma)
		kind = PAGE_ZONE_DMA;
	else if (gfp_flags & bits->dma32)
		kind = PAGE_ZONE_DMA32;
	else if (gfp_flags & bits->highmem)
		kind = gfp_flags & bits->movable ? PAGE_ZONE_MOVABLE
						 : PAGE_ZONE_HIGHMEM;
	/* Every kernel has a Movable zone, if only an empty one. */
	if (kind != PAGE_ZONE_MOVABLE && !(pa->kinds_built >> kind & 1))
		kind = PAGE_ZONE_NORMAL;
	return kind;
}

enum page_migratetype page_gfp_migratetype(const struct gfp_bits *bits,
					   uint32_t gfp_flags)
{
	if (gfp_flags & bits->movable)
		return PAGE_MOVABLE;
	if (gfp_flags & bits->reclaimable)
		return PAGE_RECLAIMABLE;
	return PAGE_UNMOVABLE;
}

uint32_t page_gfp_flags(const struct gfp_bits *bits, uint32_t gfp_flags)
{
	uint32_t flags = 0;

	if (gfp_flags & bits->high)
		flags |= PAGE_REQ_HIGH;
	if (!(gfp_flags & bits->direct_reclaim)) {
		flags |= PAGE_REQ_NONBLOCK;
		if (gfp_flags & bits->atomic)
			flags |= PAGE_REQ_HARDER;
	}
	if (gfp_flags & bits->memalloc)
		flags |= PAGE_REQ_MEMALLOC;
	if (gfp_flags & bits->nomemalloc)
		flags |= PAGE_REQ_NOMEMALLOC;
	if (gfp_flags & bits->thisnode)
		flags |= PAGE_REQ_THISNODE;
	if (gfp_flags & bits->noretry)
		flags |= PAGE_REQ_NORETRY;
	if (gfp_flags & bits->retry_mayfail)
		flags |= PAGE_REQ_RETRY_MAYFAIL;
	if (gfp_flags & bits->nofail)
		flags |= PAGE_REQ_NOFAIL;
	if (!(gfp_flags & bits->kswapd_reclaim))
		flags |= PAGE_REQ_NOKSWAPD;
	if (!(gfp_flags & bits->io))
		flags |= PAGE_REQ_NOIO;
	return flags;
}

void page_gfp_request(const struct page_alloc *pa, const struct gfp_bits *bits,
		      uint32_t gfp_flags, struct page_request *req)
{
	req->migratetype = page_gfp_migratetype(bits, gfp_flags);
	req->zone = page_gfp_zone(pa, bits, gfp_flags);
	req->flags = page_gfp_flags(bits, gfp_flags);
}
