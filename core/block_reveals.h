/*
 * block_reveals: what a trace tells of the free blocks of its start: on which
 * list each was, in which order, and of which type its pageblock is.
 *
 * No file tells these: kpageflags has places, pagetypeinfo counts. But what
 * leaves the free areas names the list that it leaves
 * (mm_page_alloc_zone_locked; mm_page_alloc_extfrag, where that was another
 * type's), lists are taken from at their head, and what a CPU drains goes to
 * its pageblock's list (mm_page_pcpu_drain). The first such event in a block
 * or a pageblock tells how it was at the start.
 *
 * Source: mm/page_alloc.c: rmqueue_bulk(), __rmqueue_fallback(),
 * free_pcppages_bulk(), 5.15 to 6.12.
 *
 * Glossary
 *   touched   a free block of the start that something was taken from
 */
#ifndef CORE_BLOCK_REVEALS_H
#define CORE_BLOCK_REVEALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "core/snapshot.h"

enum { BLOCK_TYPE_UNKNOWN = 255 };

struct block_reveals {
	/* Numbers of touched blocks of the snapshot, by turn. */
	uint32_t *touched;
	size_t touched_count;
	/* Private */
	const struct snapshot *snapshot;
	uint8_t *types;	     /* + 1, 0: unknown; by pageblock, from pfn 0 on */
	uint8_t *list_types; /* the same by block of the snapshot */
	uint64_t pageblocks;
};

/*
 * The snapshot has zones and free blocks and outlives the reveals. Of zones
 * that lie where no machine has memory nothing is told. block_reveals_fini()
 * frees them, after a failure too. ERR_NOMEM.
 */
MUST_CHECK int block_reveals_init(struct block_reveals *reveals,
				  const struct snapshot *snapshot);
/* A zeroed struct is a valid empty one, of which nothing may be asked. */
void block_reveals_fini(struct block_reveals *reveals);

/* The next event of any kind, from the start on. */
void block_reveals_event(struct block_reveals *reveals,
			 const struct kmem_event *ev);

/*
 * What an event told, by itself: the type of a pageblock, the list of a block;
 * only the first time counts. False if there is no such one, or no such type.
 */
bool block_reveals_tell_type(struct block_reveals *reveals, uint64_t pageblock,
			     int type);
bool block_reveals_tell_list(struct block_reveals *reveals, uint64_t pfn,
			     int type);

/* The type of pfn's pageblock, or BLOCK_TYPE_UNKNOWN. */
uint8_t block_reveals_type(const struct block_reveals *reveals, uint64_t pfn);

/* The list that a block of the snapshot was on, or BLOCK_TYPE_UNKNOWN. */
uint8_t block_reveals_list(const struct block_reveals *reveals, size_t block);

#endif
