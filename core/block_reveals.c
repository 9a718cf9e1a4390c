#include "core/block_reveals.h"

#include <assert.h>
#include <stdlib.h>

/* Types with lists: MIGRATE_PCPTYPES (include/linux/mmzone.h). */
enum { LIST_TYPES = 3 };

/* 256 TiB of 4 KiB pages. */
#define PFN_END_MAX (1ull << 36)

int block_reveals_init(struct block_reveals *reveals,
		       const struct snapshot *snapshot)
{
	uint64_t end = 0;

	for (uint32_t i = 0; i < snapshot->zone_count; i++) {
		const struct snapshot_zone *zone = &snapshot->zones[i];

		if (zone->managed && zone->start_pfn < PFN_END_MAX &&
		    zone->spanned < PFN_END_MAX &&
		    zone->start_pfn + zone->spanned > end)
			end = zone->start_pfn + zone->spanned;
	}
	*reveals = (struct block_reveals){.snapshot = snapshot};
	reveals->pageblocks = (end >> snapshot->pageblock_order) + 1;
	/* Pages that nothing is told of are never touched here either. */
	reveals->types = calloc(reveals->pageblocks, 1);
	reveals->list_types = calloc(snapshot->block_count + 1, 1);
	reveals->touched =
	    calloc(snapshot->block_count + 1, sizeof(*reveals->touched));
	if (!reveals->types || !reveals->list_types || !reveals->touched)
		return ERR_NOMEM;
	return 0;
}

void block_reveals_fini(struct block_reveals *reveals)
{
	free(reveals->types);
	free(reveals->list_types);
	free(reveals->touched);
	*reveals = (struct block_reveals){0};
}

bool block_reveals_tell_type(struct block_reveals *reveals, uint64_t pageblock,
			     int type)
{
	if (type < 0 || type >= LIST_TYPES || pageblock >= reveals->pageblocks)
		return false;
	if (!reveals->types[pageblock])
		reveals->types[pageblock] = (uint8_t)(type + 1);
	return true;
}

bool block_reveals_tell_list(struct block_reveals *reveals, uint64_t pfn,
			     int type)
{
	const struct snapshot_block *found =
	    snapshot_block_at(reveals->snapshot, pfn);
	size_t block;

	if (type < 0 || type >= LIST_TYPES || !found)
		return false;
	block = (size_t)(found - reveals->snapshot->blocks);
	if (reveals->list_types[block])
		return true;
	reveals->list_types[block] = (uint8_t)(type + 1);
	reveals->touched[reveals->touched_count++] = (uint32_t)block;
	return true;
}

void block_reveals_event(struct block_reveals *reveals,
			 const struct kmem_event *ev)
{
	bool taken = ev->kind == EV_ZONE_LOCKED || ev->kind == EV_EXTFRAG;
	uint64_t pageblock = ev->addr >> reveals->snapshot->pageblock_order;
	int type =
	    ev->kind == EV_EXTFRAG ? ev->fallback_migratetype : ev->migratetype;

	if (!taken && ev->kind != EV_PCPU_DRAIN)
		return;
	if (block_reveals_tell_type(reveals, pageblock, type) && taken)
		block_reveals_tell_list(reveals, ev->addr, type);
}

static uint8_t told(uint8_t type)
{
	return type ? (uint8_t)(type - 1) : BLOCK_TYPE_UNKNOWN;
}

uint8_t block_reveals_type(const struct block_reveals *reveals, uint64_t pfn)
{
	uint64_t pageblock = pfn >> reveals->snapshot->pageblock_order;

	return pageblock < reveals->pageblocks ? told(reveals->types[pageblock])
					       : BLOCK_TYPE_UNKNOWN;
}

uint8_t block_reveals_list(const struct block_reveals *reveals, size_t block)
{
	assert(block < reveals->snapshot->block_count);
	return told(reveals->list_types[block]);
}
