/*
 * db_timeline: what happened when, on a grid of equal steps.
 *
 * The length of a trace is not known before its end, so the grid starts fine
 * and doubles its step each time the trace outgrows it.
 */
#ifndef DB_DB_TIMELINE_H
#define DB_DB_TIMELINE_H

#include <stdint.h>

#include "core/event.h"

enum { TIMELINE_STEPS_MAX = 2048 };

/* One step of the trace, of width_ns from ts_ns on. */
struct timeline_step {
	uint64_t ts_ns, width_ns;
	uint64_t events, allocs, frees;
	/* At the end of the step; only what the trace saw being allocated. */
	uint64_t bytes_req_live, bytes_alloc_live, direct_pages_live;
};

struct timeline {
	/* Private */
	uint64_t origin_ns, width_ns;
	uint64_t bytes_req, bytes_alloc, direct_pages;
	struct timeline_step steps[TIMELINE_STEPS_MAX];
	uint32_t last;
};

/* A zeroed struct is a valid empty timeline. */
void timeline_add(struct timeline *timeline, const struct kmem_event *ev);

/* Moves the steps in use to the front; returns how many they are. */
uint32_t timeline_finish(struct timeline *timeline);

#endif
