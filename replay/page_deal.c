/*
 * Blocks are dealt out from the largest order down. Those that the trace
 * touches have the type of the list that they were taken from. Of the others a
 * block takes the type of its pageblock, if that is revealed or was settled by
 * a larger block and the count is not used up, else the type of which most is
 * left; those of revealed pageblocks first, then in the order of pfns.
 * Pageblocks without either get the types that blocks_by_type still has to
 * give, movable last. The pageblocks of CMA are settled before all others.
 *
 * A list begins with the blocks that the trace touches, in its order; the
 * others follow in the order of pfns.
 */
#include "replay/page_deal.h"

#include <string.h>

enum { TYPE_UNSET = 255 };

/* What is still to be dealt out. */
struct hand {
	const struct page_deal *deal;
	uint8_t *types; /* per pageblock of the zone */
	uint8_t *dealt; /* per free block of the snapshot */
	uint64_t first_block, blocks;
	size_t begin, end; /* the snapshot's free blocks of the zone */
	uint64_t left[SNAPSHOT_MIGRATETYPES_MAX][SNAPSHOT_ORDERS_MAX];
	uint64_t blocks_left[SNAPSHOT_MIGRATETYPES_MAX];
	/* Numbers of the zone's free blocks, those of one order in a row. */
	uint32_t *rows;
	size_t row[SNAPSHOT_ORDERS_MAX + 1]; /* where that of an order begins */
};

static uint32_t types_known(const struct hand *hand)
{
	uint32_t count = hand->deal->snapshot->migratetype_count;

	return count < PAGE_CMA ? count : PAGE_CMA;
}

/* The n-th of count, from the start or from the end. */
static uint64_t nth(uint64_t n, uint64_t count, bool from_end)
{
	return from_end ? count - 1 - n : n;
}

static bool of_zone(const struct hand *hand, size_t block)
{
	return block >= hand->begin && block < hand->end;
}

static uint8_t deal_type(const struct hand *hand, uint64_t pfn,
			 unsigned int order)
{
	uint64_t block =
	    (pfn >> hand->deal->snapshot->pageblock_order) - hand->first_block;
	uint8_t settled = hand->types[block], best = PAGE_MOVABLE;
	uint64_t most = 0;

	if (settled != TYPE_UNSET && hand->left[settled][order])
		return settled;
	for (uint32_t t = 0; t < types_known(hand); t++) {
		if (hand->left[t][order] > most) {
			most = hand->left[t][order];
			best = (uint8_t)t;
		}
	}
	if (!most && settled != TYPE_UNSET)
		return settled;
	return best;
}

static int block_settle(struct hand *hand, uint64_t pfn, unsigned int order,
			uint8_t type)
{
	const struct page_deal *deal = hand->deal;
	unsigned int shift = deal->snapshot->pageblock_order;
	uint64_t block = (pfn >> shift) - hand->first_block;
	uint64_t count = order > shift ? 1ull << (order - shift) : 1;

	for (; count && block < hand->blocks; block++, count--) {
		uint64_t start = (hand->first_block + block) << shift;
		int ret;

		if (hand->types[block] != TYPE_UNSET)
			continue;
		hand->types[block] = type;
		if (hand->blocks_left[type])
			hand->blocks_left[type]--;
		if (start < deal->zone->start_pfn)
			start = deal->zone->start_pfn;
		ret = page_block_set_type(deal->pa, start, type, false);
		if (ret)
			return ret;
	}
	return 0;
}

static int block_deal(struct hand *hand, size_t i, uint8_t type)
{
	const struct snapshot_block *block = &hand->deal->snapshot->blocks[i];

	if (hand->left[type][block->order])
		hand->left[type][block->order]--;
	hand->dealt[i] = type;
	return block_settle(hand, block->pfn, block->order, type);
}

/* What the trace reveals: pageblocks, then the blocks that it touches. */
static int deal_revealed(struct hand *hand)
{
	const struct page_deal *deal = hand->deal;
	const struct block_reveals *reveals = deal->reveals;
	unsigned int shift = deal->snapshot->pageblock_order;
	int ret = 0;

	for (uint64_t b = 0; reveals && b < hand->blocks && !ret; b++) {
		uint64_t pfn = (hand->first_block + b) << shift;
		uint8_t type = block_reveals_type(reveals, pfn);

		if (type != BLOCK_TYPE_UNKNOWN)
			ret = block_settle(hand, pfn, 0, type);
	}
	for (size_t n = 0; reveals && n < reveals->touched_count && !ret; n++) {
		size_t i = reveals->touched[n];

		if (of_zone(hand, i))
			ret =
			    block_deal(hand, i, block_reveals_list(reveals, i));
	}
	return ret;
}

static bool has_cma(const struct snapshot *snapshot)
{
	return snapshot->migratetype_count > PAGE_CMA &&
	       !strcmp(snapshot->migratetypes[PAGE_CMA], "CMA");
}

/* True if what is free in so many pageblocks from one is what CMA has. */
static bool run_is_cma(const struct hand *hand, uint64_t block, uint64_t count)
{
	const struct snapshot *snapshot = hand->deal->snapshot;
	uint64_t start = (hand->first_block + block)
			 << snapshot->pageblock_order;
	uint64_t end = start + (count << snapshot->pageblock_order);
	const struct snapshot_block *across =
	    snapshot_block_at(snapshot, start);
	uint64_t left[SNAPSHOT_ORDERS_MAX];
	uint64_t rest = 0;

	memcpy(left, hand->deal->zone->free_by_type[PAGE_CMA], sizeof(left));
	if (across && across->pfn < start)
		return false;
	for (size_t i = snapshot_blocks_from(snapshot, start);
	     i < hand->end && snapshot->blocks[i].pfn < end; i++) {
		const struct snapshot_block *free = &snapshot->blocks[i];

		if (free->order >= SNAPSHOT_ORDERS_MAX || !left[free->order]--)
			return false;
		if (free->pfn + (1ull << free->order) > end)
			return false;
	}
	for (unsigned int o = 0; o < SNAPSHOT_ORDERS_MAX; o++)
		rest |= left[o];
	return !rest;
}

/*
 * CMA's pageblocks are one run where there is one area, which the kernel takes
 * from the end of what was free at boot (mm/cma.c, cma_declare_contiguous_nid()).
 * The last run of that length will do that has the free blocks of CMA.
 */
static int deal_cma(struct hand *hand)
{
	const struct snapshot_zone *zone = hand->deal->zone;
	unsigned int shift = hand->deal->snapshot->pageblock_order;
	uint64_t count = zone->blocks_by_type[PAGE_CMA], block;
	uint64_t whole = (zone->start_pfn + zone->spanned) >> shift;
	int ret = 0;

	if (!has_cma(hand->deal->snapshot) || !count ||
	    whole < hand->first_block + count)
		return 0;
	block = whole - hand->first_block - count;
	while (!run_is_cma(hand, block, count))
		if (!block--)
			return 0;
	for (uint64_t end = block + count; block < end && !ret; block++)
		ret = block_settle(hand, (hand->first_block + block) << shift,
				   0, PAGE_CMA);
	return ret;
}

/* Sorts the zone's blocks by order: counts them, then puts them there. */
static int rows_make(struct hand *hand)
{
	const struct snapshot_block *blocks = hand->deal->snapshot->blocks;
	size_t end[SNAPSHOT_ORDERS_MAX];

	hand->rows =
	    memory_new(&hand->deal->memory, hand->end - hand->begin + 1,
		       sizeof(*hand->rows));
	if (!hand->rows)
		return ERR_NOMEM;
	for (size_t i = hand->begin; i < hand->end; i++)
		if (blocks[i].order < SNAPSHOT_ORDERS_MAX)
			hand->row[blocks[i].order + 1]++;
	for (unsigned int o = 0; o < SNAPSHOT_ORDERS_MAX; o++) {
		hand->row[o + 1] += hand->row[o];
		end[o] = hand->row[o];
	}
	for (size_t i = hand->begin; i < hand->end; i++)
		if (blocks[i].order < SNAPSHOT_ORDERS_MAX)
			hand->rows[end[blocks[i].order]++] = (uint32_t)i;
	return 0;
}

/* The blocks of an order that are still to be dealt; or the settled ones only. */
static int deal_order(struct hand *hand, unsigned int order, bool settled)
{
	const struct page_deal *deal = hand->deal;
	const struct snapshot *snapshot = deal->snapshot;
	const uint32_t *row = hand->rows + hand->row[order];
	size_t count = hand->row[order + 1] - hand->row[order];
	int ret = 0;

	for (size_t n = 0; n < count && !ret; n++) {
		size_t i = row[nth(n, count, deal->rules.types_from_end)];
		uint64_t pfn = snapshot->blocks[i].pfn;

		if (hand->dealt[i] != TYPE_UNSET)
			continue;
		if (settled && hand->types[(pfn >> snapshot->pageblock_order) -
					   hand->first_block] == TYPE_UNSET)
			continue;
		ret = block_deal(hand, i, deal_type(hand, pfn, order));
	}
	return ret;
}

static int block_seed(const struct hand *hand, size_t i)
{
	const struct snapshot_block *block = &hand->deal->snapshot->blocks[i];

	return page_alloc_seed_free(hand->deal->pa, block->pfn, block->order,
				    hand->dealt[i]);
}

static int deal_seed(const struct hand *hand)
{
	const struct page_deal *deal = hand->deal;
	const struct block_reveals *reveals = deal->reveals;
	size_t count = hand->end - hand->begin;
	int ret = 0;

	for (size_t n = 0; reveals && n < reveals->touched_count && !ret; n++)
		if (of_zone(hand, reveals->touched[n]))
			ret = block_seed(hand, reveals->touched[n]);
	for (size_t n = 0; n < count && !ret; n++) {
		size_t i =
		    hand->begin + nth(n, count, deal->rules.lists_from_end);

		if (!reveals ||
		    block_reveals_list(reveals, i) == BLOCK_TYPE_UNKNOWN)
			ret = block_seed(hand, i);
	}
	return ret;
}

/* Types for the pageblocks that have no free block. */
static int deal_rest(struct hand *hand)
{
	const struct page_deal *deal = hand->deal;

	for (uint64_t n = 0; n < hand->blocks; n++) {
		uint64_t b = nth(n, hand->blocks, deal->rules.types_from_end);
		uint64_t start = hand->first_block + b;
		uint8_t type = PAGE_MOVABLE;
		int ret;

		if (hand->types[b] != TYPE_UNSET)
			continue;
		for (uint32_t t = 0; t < types_known(hand); t++)
			if (t != PAGE_MOVABLE && hand->blocks_left[t])
				type = (uint8_t)t;
		ret = block_settle(
		    hand, start << deal->snapshot->pageblock_order, 0, type);
		if (ret)
			return ret;
	}
	return 0;
}

int page_deal_zone(const struct page_deal *deal)
{
	const struct snapshot *snapshot = deal->snapshot;
	const struct snapshot_zone *zone = deal->zone;
	unsigned int shift = snapshot->pageblock_order;
	struct hand hand = {.deal = deal,
			    .first_block = zone->start_pfn >> shift};
	uint64_t end_pfn = zone->start_pfn + zone->spanned;
	int ret = 0;

	hand.blocks = ((end_pfn - 1) >> shift) - hand.first_block + 1;
	hand.begin = snapshot_blocks_from(snapshot, zone->start_pfn);
	hand.end = snapshot_blocks_from(snapshot, end_pfn);
	memcpy(hand.left, zone->free_by_type, sizeof(hand.left));
	memcpy(hand.blocks_left, zone->blocks_by_type,
	       sizeof(hand.blocks_left));
	hand.types = memory_new(&deal->memory, hand.blocks, 1);
	hand.dealt = memory_new(&deal->memory, snapshot->block_count + 1, 1);
	if (hand.types && hand.dealt) {
		memset(hand.types, TYPE_UNSET, hand.blocks);
		memset(hand.dealt, TYPE_UNSET, snapshot->block_count + 1);
		ret = rows_make(&hand);
		if (!ret)
			ret = deal_cma(&hand);
		if (!ret)
			ret = deal_revealed(&hand);
	} else {
		ret = ERR_NOMEM;
	}
	for (unsigned int o = snapshot->order_count; o-- > 0 && !ret;) {
		ret = deal_order(&hand, o, true);
		if (!ret)
			ret = deal_order(&hand, o, false);
	}
	if (!ret)
		ret = deal_seed(&hand);
	if (!ret)
		ret = deal_rest(&hand);
	memory_free(&deal->memory, hand.types);
	memory_free(&deal->memory, hand.dealt);
	memory_free(&deal->memory, hand.rows);
	return ret;
}
