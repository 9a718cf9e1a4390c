/*
 * compaction: which page frees of a trace are moves.
 *
 * The kernel takes the targets of compaction out of the free areas without an
 * event (mm/compaction.c, compaction_alloc()); the page that was moved away is
 * freed with one. Taken by itself that free would leave one page too many.
 */
#ifndef REPLAY_COMPACTION_H
#define REPLAY_COMPACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "core/trace.h"
#include "replay/memory.h"
#include "replay/page_alloc.h"

struct compaction {
	/* Private */
	const struct trace *trace;
	struct map compacting; /* pids between mm_compaction_begin and _end */
};

/* trace outlives it. */
void compaction_init(struct compaction *compaction, const struct trace *trace);
void compaction_fini(struct compaction *compaction);

/* Takes every event: those that begin and end a task's compaction count. */
MUST_CHECK int compaction_feed(struct compaction *compaction,
			       const struct kmem_event *ev);

/*
 * True if this free was made by compaction: by kcompactd, or by a task between
 * the events that say so, where the recording has them.
 */
bool compaction_frees(const struct compaction *compaction,
		      const struct kmem_event *ev);

/*
 * The pages that compaction takes, zone by zone: isolate_freepages() goes
 * through the pageblocks from the zone's end downward, and through each block
 * upward, past blocks that are free as a whole.
 */
struct compaction_scan {
	uint64_t block, pfn; /* 0, 0: at the zone's end */
};

/*
 * Takes the next page of the zone, *pfn, out of the free areas. False if there is none
 * down to the zone's start; the next call begins at its end again.
 */
bool compaction_target(struct compaction_scan *scan, struct page_alloc *pa,
		       uint32_t zone, uint64_t *pfn);

#endif
