/*
 * leaks: what was allocated and never freed, ranked by how likely it leaks.
 *
 * A sink of linked events. Slab objects and large kmallocs are grouped by call
 * site and cache; pages that were asked for directly by order, gfp mask and the
 * comm of their task (the tracepoint has no call site).
 *
 * Glossary
 *   window     allocations from from_ns to to_ns are followed; their frees are
 *              taken from the whole trace
 *   age        from the allocation to the last event of the trace
 *   typical    the 99th percentile of the lifetimes of the group's freed objects
 *   old        a live object whose age is beyond the typical lifetime; where
 *              nothing of the group was freed, every live object
 *   grid       the window in at most LEAK_STEPS equal steps; where the trace
 *              outgrows them, two become one
 *
 * A trace cannot tell a leak from a cache that grows: both allocate and do not
 * free. What it can tell is put together as
 *
 *   confidence = steady * edge * loss * linked * traced * samples * kept
 *   score      = bytes_old * confidence
 *
 * each factor from 0 to 1 (struct leak_factors); rows are ordered by score.
 */
#ifndef ANALYSIS_LEAKS_H
#define ANALYSIS_LEAKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "core/table.h"
#include "core/trace.h"

enum { LEAK_STEPS = 64 };

struct leak_factors {
	/*
	 * How well a line fits the group's live bytes over the grid: r squared,
	 * 0 where they fall. A burst at the start, or a working set that was
	 * filled once, fits badly.
	 */
	double steady;
	/*
	 * Objects of the last 20th of the trace have had no time to be freed:
	 * 20/19 of the share of live bytes that are not of it, 1 at most.
	 */
	double edge;
	/*
	 * A lost free looks like a leak: 1 - expected / old, where expected is
	 * the share of lost events times the group's allocations.
	 */
	double loss;
	/*
	 * Without linking a free in bulk is only seen when its address is used
	 * again: one half. 1 else.
	 */
	double linked;
	/* Share of the group's frees that had an event; 1 without any. */
	double traced;
	/* old / (old + 10): ten objects weigh one half. */
	double samples;
	/*
	 * What the kernel takes back when it needs it (movable pages, caches
	 * of SLAB_RECLAIM_ACCOUNT, __GFP_RECLAIMABLE): a tenth. 1 else.
	 */
	double kept;
};

/* A group. Its key is call_site, name and large, or comm, gfp_flags, order. */
struct leak_row {
	bool pages;	     /* pages that were asked for directly */
	bool large;	     /* kmalloc served by the page allocator */
	uint8_t kind;	     /* enum event_kind of the allocation */
	uint8_t order;	     /* pages */
	uint32_t name;	     /* cache, name id */
	uint32_t comm;	     /* pages: name id; 0: not known */
	uint32_t gfp_flags;  /* pages; else those of the last allocation */
	uint64_t call_site;  /* objects */
	uint64_t bytes_each; /* of one object; 0: they differ */
	/* Counts of the window; bytes as allocated. */
	uint64_t allocs, frees, implicit_frees;
	uint64_t live, live_bytes;
	uint64_t old, old_bytes;
	uint64_t edge_bytes; /* live, of the last 20th of the trace */
	/* Ages of live objects, ns; 0 without any. */
	uint64_t age_oldest_ns, age_median_ns;
	uint64_t lifetime_p99_ns; /* 0: nothing was freed */
	double bytes_per_s;	  /* slope of live bytes, least squares */
	double
	    monotone; /* net growth over all ups and downs of the grid, 0..1 */
	struct leak_factors factors;
	double confidence, score;
};

struct leaks_options {
	/* Of the source that will be fed; outlives the sink. */
	const struct trace *trace;
	uint64_t from_ns, to_ns; /* all: 0 and UINT64_MAX */
	bool self;		 /* also what the recorder itself allocated */
};

struct leaks_sink;

/* ERR_NOMEM, or ERR_FORMAT for a page size that is no power of two. */
MUST_CHECK int leaks_open(struct leaks_sink **sink,
			  const struct leaks_options *options, struct err *err);

/* NULL is allowed. */
void leaks_close(struct leaks_sink *sink);

MUST_CHECK int leaks_feed(struct leaks_sink *sink,
			  const struct kmem_event *events, size_t count,
			  struct err *err);

/*
 * Groups with old objects, by score, the largest first; ties by allocations,
 * then by call site. Once, at the end of the source. The caller frees *rows.
 */
MUST_CHECK int leaks_rows(struct leaks_sink *sink, struct leak_row **rows,
			  size_t *count, struct err *err);

enum { LEAKS_TABLES = 3 };

/*
 * Makes the tables leaks (objects), page_leaks and leak_factors of the first
 * lines rows of each kind. trace is the one of the options. Each table is
 * table_fini()ed by the caller.
 */
void leaks_tables(const struct leak_row *rows, size_t count,
		  const struct trace *trace, size_t lines,
		  struct table tables[LEAKS_TABLES]);

#endif
