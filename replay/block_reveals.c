#include "replay/block_reveals.h"

#include <assert.h>
#include <string.h>

#include "replay/page_alloc.h"

int block_reveals_init(struct block_reveals *reveals,
		       const struct snapshot *snapshot,
		       const struct memory *memory)
{
	uint64_t end = 0;

	for (uint32_t i = 0; i < snapshot->zone_count; i++) {
		const struct snapshot_zone *zone = &snapshot->zones[i];

		if (zone->managed && zone->start_pfn + zone->spanned > end)
			end = zone->start_pfn + zone->spanned;
	}
	*reveals =
	    (struct block_reveals){.snapshot = snapshot, .memory = *memory};
	reveals->pageblocks = (end >> snapshot->pageblock_order) + 1;
	reveals->types = memory_new(memory, reveals->pageblocks, 1);
	reveals->list_types = memory_new(memory, snapshot->block_count + 1, 1);
	reveals->touched = memory_new(memory, snapshot->block_count + 1,
				      sizeof(*reveals->touched));
	if (!reveals->types || !reveals->list_types || !reveals->touched)
		return ERR_NOMEM;
	memset(reveals->types, BLOCK_TYPE_UNKNOWN, reveals->pageblocks);
	memset(reveals->list_types, BLOCK_TYPE_UNKNOWN,
	       snapshot->block_count + 1);
	return 0;
}

void block_reveals_fini(struct block_reveals *reveals)
{
	memory_free(&reveals->memory, reveals->types);
	memory_free(&reveals->memory, reveals->list_types);
	memory_free(&reveals->memory, reveals->touched);
	*reveals = (struct block_reveals){0};
}

/* The free block of the start that holds pfn; block_count: none does. */
static size_t block_at(const struct snapshot *snapshot, uint64_t pfn)
{
	size_t low = 0, high = snapshot->block_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct snapshot_block *block = &snapshot->blocks[middle];

		if (pfn < block->pfn)
			high = middle;
		else if (pfn - block->pfn < 1ull << block->order)
			return middle;
		else
			low = middle + 1;
	}
	return snapshot->block_count;
}

static void touch(struct block_reveals *reveals, uint64_t pfn, uint8_t type)
{
	size_t block = block_at(reveals->snapshot, pfn);

	if (block == reveals->snapshot->block_count ||
	    reveals->list_types[block] != BLOCK_TYPE_UNKNOWN)
		return;
	reveals->list_types[block] = type;
	reveals->touched[reveals->touched_count++] = (uint32_t)block;
}

void block_reveals_event(struct block_reveals *reveals,
			 const struct kmem_event *ev)
{
	bool taken = ev->kind == EV_ZONE_LOCKED || ev->kind == EV_EXTFRAG;
	uint64_t pageblock = ev->addr >> reveals->snapshot->pageblock_order;
	int type =
	    ev->kind == EV_EXTFRAG ? ev->fallback_migratetype : ev->migratetype;

	if ((!taken && ev->kind != EV_PCPU_DRAIN) || type < 0 ||
	    type >= PAGE_PCPTYPES || pageblock >= reveals->pageblocks)
		return;
	if (reveals->types[pageblock] == BLOCK_TYPE_UNKNOWN)
		reveals->types[pageblock] = (uint8_t)type;
	if (taken)
		touch(reveals, ev->addr, (uint8_t)type);
}

uint8_t block_reveals_type(const struct block_reveals *reveals, uint64_t pfn)
{
	uint64_t pageblock = pfn >> reveals->snapshot->pageblock_order;

	return pageblock < reveals->pageblocks ? reveals->types[pageblock]
					       : BLOCK_TYPE_UNKNOWN;
}

uint8_t block_reveals_list(const struct block_reveals *reveals, size_t block)
{
	assert(block < reveals->snapshot->block_count);
	return reveals->list_types[block];
}
