/*
 * page_orders: how many requests of each order a page allocator would serve, one
 * after another, as it stands.
 *
 * The request is GFP_KERNEL for unmovable memory: zones up to Normal of all
 * nodes, above the min watermark with the reserve for it, without reclaim, without
 * compaction, without a share of the high-atomic and CMA pages. A zone serves
 * it if zone_watermark_ok() says so (mm/page_alloc.c, __zone_watermark_ok(), 5.15
 * to 6.18): with x = free - unusable - min - boost - lowmem_reserve frames, x
 * must be 2^order at least, and a block of that order or more be free.
 */
#ifndef REPLAY_PAGE_ORDERS_H
#define REPLAY_PAGE_ORDERS_H

#include <stdint.h>

#include "replay/page_alloc.h"

struct page_orders {
	uint32_t order_count;
	uint64_t serves[PAGE_ORDERS]; /* requests in a row; 0: it would fail */
};

/* In time of zones and orders, never of frames. */
void page_orders_read(struct page_orders *orders, const struct page_alloc *pa);

#endif
