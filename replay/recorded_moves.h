/*
 * recorded_moves: which page frees of a trace are moves, and where to.
 *
 * The kernel takes the targets of compaction out of the free areas without an
 * event (mm/compaction.c, compaction_alloc()); the page that was moved away is
 * freed with one. Taken by itself that free would leave one page too many.
 *
 * Glossary
 *   source    a page that is moved away; scanned from the zone's start upward
 *   target    the page that it is moved to; scanned pageblock by pageblock from
 *             the zone's end downward, and upward in each
 *   isolated  taken out of the free areas for targets: always a whole free block
 *   release   the free, with an event, of what was isolated and not needed
 *   run       compact_zone(): sources go up, and at its end all is released
 *
 * A page whose owner freed it while it was a source is freed by compaction, too,
 * but takes no target. No event tells it from a move.
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
#include "replay/memory_threads.h"
#include "replay/page_alloc.h"

struct recorded_moves {
	struct memory_threads threads; /* as of the events so far */
	/* Private */
	const struct trace *trace;
	struct map compacting; /* pids between mm_compaction_begin and _end */
};

/* trace outlives it. */
void moves_init(struct recorded_moves *moves, const struct trace *trace);
void moves_fini(struct recorded_moves *moves);

/*
 * Takes every event: those of tasks, and those that begin and end a task's
 * compaction, count.
 * ERR_NOMEM.
 */
MUST_CHECK int moves_feed(struct recorded_moves *moves,
			  const struct kmem_event *ev);

/* What compaction does in one zone. */
struct move_run {
	/* Private */
	uint64_t source;     /* recorded pageblock that sources come from */
	uint32_t sources;    /* how many came from it so far */
	uint64_t block, pfn; /* the scanner for targets; block 0: at the end */
	uint64_t lowest;     /* pageblock of the lowest target; 0: none yet */
	uint64_t isolated;   /* the block that targets are taken from */
	uint64_t next, left; /* its frames that wait for a source */
	uint8_t order;
	bool met; /* nothing is left to isolate above this source */
};

/* The runs in the zones of a page allocator. */
struct move_runs {
	/* Private */
	struct page_alloc *pa; /* borrowed; NULL: none, nothing is found */
	bool ascending;	       /* a block's targets, from 6.9 on */
	int over;	   /* zone of a run whose releases go on, or -1 ... */
	uint16_t over_cpu; /* ... and the CPU that it runs on */
	struct move_run zones[PAGE_ZONES_MAX];
};

/* What compaction freed a page for. */
enum move_role {
	MOVE_NONE, /* it was not compaction that freed it */
	MOVE_SOURCE,
	MOVE_RELEASE,
};

void moves_runs_init(struct move_runs *runs, struct page_alloc *pa,
		     const struct trace *trace);

/*
 * The role of a page that was freed: by kcompactd, or by a task between the
 * events that say so where the recording has them, but not by an interrupt that
 * came upon it. movable: the trace saw it allocated, as a movable page. What it
 * saw only free before is a target: released, if it lies among this run's.
 */
enum move_role moves_role(struct recorded_moves *moves, struct move_runs *runs,
			  const struct kmem_event *ev, bool movable);

/*
 * A target for the source at the recorded pfn, which the allocator has at pfn.
 * False if there is none: the owner freed it, or the scanners have met.
 */
bool moves_target(struct move_runs *runs, uint64_t recorded, uint64_t pfn,
		  uint64_t *target);

/* True if targets were found above pfn, in its zone and this run. */
bool moves_went_above(struct move_runs *runs, uint64_t pfn);

/* A frame in pfn's zone that is isolated and no target; false: none is left. */
bool moves_left(struct move_runs *runs, uint64_t pfn, uint64_t *left);

/*
 * Recorded addresses: the frames of this event are released. Where they were
 * free the kernel had isolated other ones, which are exchanged then; returns
 * how many.
 */
uint64_t moves_released(struct move_runs *runs, const struct kmem_event *ev);

/*
 * Recorded addresses, each event that is no release: when these are over, what
 * is left was not isolated. As many sources were freed by their owners.
 */
void moves_settle(struct move_runs *runs, const struct kmem_event *ev);

#endif
