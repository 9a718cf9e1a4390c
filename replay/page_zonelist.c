/*
 * Source: mm/page_alloc.c: build_zonelists(), build_zonerefs_node(),
 * find_next_best_node() with all remote nodes equally far.
 *
 * On each node the highest zone comes first, because the lower ones can serve
 * more kinds of requests. All zones of a node come before the next node's.
 *
 *     zones of 2 nodes     node 0: DMA DMA32 Normal     node 1: Normal
 *     node 0's list        Normal0 DMA32 DMA | Normal1
 *     node 1's list        Normal1 | Normal0 DMA32 DMA
 *
 * The kernel orders remote nodes by the firmware's distance table, which no
 * snapshot file has; at equal distance it goes upward from the node and wraps.
 */
#include "replay/page_zonelist.h"

/* Appends the node's zones with memory, highest kind first. */
static void add_node(const struct page_alloc *pa, struct page_zonelist *list,
		     uint32_t node)
{
	for (int kind = PAGE_ZONE_KINDS - 1; kind >= 0; kind--) {
		for (uint32_t i = 0; i < pa->populated; i++) {
			const struct page_zone *zone =
			    &pa->zones[pa->by_pfn[i]];

			if (zone->node == node && (int)zone->kind == kind)
				list->zones[list->count++] = (uint16_t)zone->id;
		}
	}
}

void zonelist_build(struct page_alloc *pa, uint16_t *storage)
{
	for (uint32_t node = 0; node < pa->node_count; node++) {
		struct page_zonelist *list = &pa->zonelists[node];

		list->zones = storage + (size_t)node * pa->populated;
		list->count = 0;
		for (uint32_t i = 0; i < pa->node_count; i++)
			add_node(pa, list, (node + i) % pa->node_count);
	}
}
