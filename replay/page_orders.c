/*
 * A block of a higher order is as many of this one as it can be cut into. Each
 * request served takes 2^order from x, so a zone serves the smaller of x >>
 * order and the blocks.
 */
#include "replay/page_orders.h"

#include "replay/page_watermark.h"

static void zone_add(struct page_orders *orders, const struct page_alloc *pa,
		     const struct page_zone *zone)
{
	uint64_t need = watermark_pages(zone, ALLOC_WMARK_MIN) +
			zone->lowmem_reserve[PAGE_ZONE_NORMAL] +
			watermark_unusable(pa, zone, 0);
	uint64_t blocks = 0, left;

	if (zone->free_pages <= need)
		return;
	left = zone->free_pages - need;
	for (uint32_t order = pa->max_order + 1; order--;) {
		blocks *= 2;
		for (int type = 0; type < PAGE_PCPTYPES; type++)
			blocks += zone->free_area[order][type].count;
		orders->serves[order] +=
		    blocks < left >> order ? blocks : left >> order;
	}
}

void page_orders_read(struct page_orders *orders, const struct page_alloc *pa)
{
	*orders = (struct page_orders){.order_count = pa->max_order + 1};
	for (uint32_t i = 0; i < pa->zone_count; i++)
		if (pa->zones[i].kind <= PAGE_ZONE_NORMAL)
			zone_add(orders, pa, &pa->zones[i]);
}
