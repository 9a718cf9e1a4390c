/*
 * block_pins: how many pages keep each block of one large order, a huge page's,
 * from being free, and how many blocks compaction could free at most.
 *
 * Glossary
 *   pinned   in use, and compaction cannot move it: slabs, large kmallocs, pages
 *            asked for without __GFP_MOVABLE, and of the pages from before the
 *            trace all that were on no LRU list
 *
 * Follows recorded addresses. Pages on per-CPU lists count as movable.
 */
#ifndef REPLAY_BLOCK_PINS_H
#define REPLAY_BLOCK_PINS_H

#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "core/snapshot.h"
#include "replay/memory.h"
#include "replay/page_alloc.h"

/* Free blocks of that order, of all zones. */
struct block_room {
	uint64_t free; /* as they are */
	uint64_t
	    compacted;	 /* if movable pages filled the pinned blocks first */
	uint64_t packed; /* if every page in use could be moved */
};

struct block_pins {
	/* Private */
	struct memory memory;
	const struct page_alloc *pa;
	const struct snapshot *before;
	uint32_t order;	  /* of the blocks */
	uint32_t movable; /* gfp bit */
	uint64_t first_pfn, end_pfn;
	uint32_t *pinned; /* pages, per block from first_pfn on */
	uint8_t *by_slot; /* 1: the live block in that slot is pinned */
	size_t slot_cap;
};

/*
 * In the state of the start: what is free in pa, and the snapshot with
 * SNAPSHOT_KPAGEFLAGS. Both outlive it. ERR_NOMEM.
 */
MUST_CHECK int block_pins_init(struct block_pins *pins,
			       const struct page_alloc *pa, uint32_t order,
			       const struct snapshot *before,
			       uint32_t movable_gfp,
			       const struct memory *memory);
void block_pins_fini(struct block_pins *pins);

/* A page event of any kind. ERR_NOMEM. */
MUST_CHECK int block_pins_event(struct block_pins *pins,
				const struct kmem_event *ev);

/* In time of blocks. */
void block_pins_room(const struct block_pins *pins, struct block_room *room);

#endif
