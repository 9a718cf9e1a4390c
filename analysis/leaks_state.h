/*
 * leaks_state: what the files of leaks share. Private to leaks*.c.
 */
#ifndef ANALYSIS_LEAKS_STATE_H
#define ANALYSIS_LEAKS_STATE_H

#include "analysis/leaks.h"
#include "analysis/lifetimes.h"
#include "core/map.h"

/* A group while it is counted. */
struct leak_group {
	struct leak_row row;
	struct lifetimes lifetimes;
	uint64_t steps[LEAK_STEPS]; /* live bytes at the end of each */
	uint32_t settled;	    /* steps that are written */
	bool sizes_differ;
};

/* A live object, by its slot. */
struct leak_object {
	uint64_t ts_ns, bytes;
	uint32_t group; /* LEAK_NONE: none that is followed */
};

#define LEAK_NONE UINT32_MAX

struct leaks_sink {
	struct leaks_options options;
	struct leak_group *groups;
	size_t group_count, group_cap;
	struct map index; /* hash of a key -> number of its group */
	struct leak_object *live;
	size_t live_cap;
	/* The grid begins with the first event of the window. */
	uint64_t start_ns, step_ns;
	uint64_t last_ns;   /* of the trace */
	uint64_t window_ns; /* last event of the window */
	uint64_t events;
	bool started;
};

/* leaks.c: how many steps the window has so far; LEAK_STEPS at most. */
uint32_t leaks_steps(struct leaks_sink *sink);

/* leaks.c: writes the steps of a group that are over, up to that number. */
void leaks_settle(struct leak_group *group, uint32_t steps);

/* leaks_rank.c: completes the rows of all groups from their live objects. */
MUST_CHECK int leaks_rank(struct leaks_sink *sink);

#endif
