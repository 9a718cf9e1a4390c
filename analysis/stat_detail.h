/*
 * stat_detail: what is known of a line of stat beyond sums: when it held most,
 * how much of that was waste, how long its memory lived.
 *
 * Glossary
 *   waste        live bytes that nobody asked for: bytes_alloc - bytes_req
 *   total        all lines together
 *   worst moment when the total's waste was largest, the first such moment
 *
 * Every change costs the same however many lines there are: at the worst
 * moment no line is looked at. A line remembers which worst moment it has
 * already recorded; its waste cannot have changed between a later one and its
 * own next change, so it is recorded then.
 */
#ifndef ANALYSIS_STAT_DETAIL_H
#define ANALYSIS_STAT_DETAIL_H

#include <stdint.h>

#include "analysis/lifetimes.h"
#include "core/err.h"

/* An object that lived less than this was short-lived (1 ms). */
enum { STAT_SHORT_NS = 1000000 };

struct stat_detail {
	/* The most waste of this line, and when it was first so large. */
	int64_t waste_max;
	uint64_t waste_max_ns;
	uint64_t peak_ns; /* when bytes_alloc was first at its peak */
	/* Objects whose free had an event: only their lifetimes are known. */
	uint64_t ended, short_lived;
	uint64_t cross_node_frees; /* of ended: on another node */
	struct lifetimes *lives;   /* of ended; NULL: none */
	int64_t waste_at_worst;	   /* after stat_meter_settle() */
	/* Private */
	int64_t waste;
	uint64_t worst_seen; /* number of the worst moment recorded */
};

/* The total. A zeroed struct is one of nothing. */
struct stat_meter {
	int64_t waste, waste_max;
	uint64_t waste_max_ns;	 /* the worst moment */
	int64_t live, live_peak; /* bytes_alloc */
	uint64_t live_peak_ns;
	/* Private */
	uint64_t worst_count; /* worst moments so far */
};

/* The line, and the total, grow by so many bytes; less than 0: they shrink. */
void stat_meter_change(struct stat_meter *meter, struct stat_detail *line,
		       int64_t req, int64_t alloc, uint64_t ts_ns);

/* An object of the line ended, by an event. ERR_NOMEM. */
MUST_CHECK int stat_detail_end(struct stat_detail *line, uint64_t span_ns);

/* Makes waste_at_worst of a line true for now. */
void stat_meter_settle(const struct stat_meter *meter,
		       struct stat_detail *line);

#endif
