/*
 * recorded_moves: which page frees of a trace are moves by the recorded
 * kernel's compaction, and which pages it took as their targets. What a model
 * compacts itself is page_compact.c.
 *
 * The kernel takes the targets of compaction out of the free areas without an
 * event (mm/compaction.c, compaction_alloc()); the page that was moved away is
 * freed with one. Taken by itself that free would leave one page too many.
 */
#ifndef REPLAY_RECORDED_MOVES_H
#define REPLAY_RECORDED_MOVES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "core/trace.h"
#include "replay/memory.h"
#include "replay/page_alloc.h"

struct recorded_moves {
	/* Private */
	const struct trace *trace;
	struct map compacting; /* pids between mm_compaction_begin and _end */
};

/* trace outlives it. */
void moves_init(struct recorded_moves *moves, const struct trace *trace);
void moves_fini(struct recorded_moves *moves);

/* Takes every event: those that begin and end a task's compaction count. */
MUST_CHECK int moves_feed(struct recorded_moves *moves,
			  const struct kmem_event *ev);

/*
 * True if this free was made by compaction: by kcompactd, or by a task between
 * the events that say so, where the recording has them.
 */
bool moves_freed(const struct recorded_moves *moves,
		 const struct kmem_event *ev);

/*
 * The pages that compaction takes, zone by zone: isolate_freepages() goes
 * through the pageblocks from the zone's end downward, and through each block
 * upward, past blocks that are free as a whole.
 */
struct move_scan {
	uint64_t block, pfn; /* 0, 0: at the zone's end */
};

/*
 * Takes the next page of the zone, *pfn, out of the free areas. False if there is none
 * down to the zone's start; the next call begins at its end again.
 */
bool moves_target(struct move_scan *scan, struct page_alloc *pa, uint32_t zone,
		  uint64_t *pfn);

#endif
