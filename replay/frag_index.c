/*
 *     F  free pages, B  free blocks, S  suitable blocks of order k
 *
 *     unusable index       (F - S * 2^k) / F
 *     fragmentation index  1 - (1 + F / 2^k) / B       (Gorman & Whitcroft)
 *
 * both times 1000, divided as integers.
 */
#include "replay/frag_index.h"

/* struct contig_page_info */
struct free_space {
	uint64_t pages, blocks, suitable;
};

static struct free_space free_space(const uint64_t *free_blocks,
				    uint32_t order_count, uint32_t order)
{
	struct free_space space = {0, 0, 0};

	for (uint32_t o = 0; o < order_count; o++) {
		space.blocks += free_blocks[o];
		space.pages += free_blocks[o] << o;
		if (o >= order)
			space.suitable += free_blocks[o] << (o - order);
	}
	return space;
}

int frag_unusable_index(const uint64_t *free_blocks, uint32_t order_count,
			uint32_t order)
{
	struct free_space space = free_space(free_blocks, order_count, order);

	if (!space.pages)
		return 1000;
	return (int)((space.pages - (space.suitable << order)) * 1000 /
		     space.pages);
}

int frag_fragmentation_index(const uint64_t *free_blocks, uint32_t order_count,
			     uint32_t order)
{
	struct free_space space = free_space(free_blocks, order_count, order);

	if (!space.blocks)
		return 0;
	if (space.suitable)
		return -1000;
	return (int)(1000 - (int64_t)((1000 + (space.pages * 1000 >> order)) /
				      space.blocks));
}
