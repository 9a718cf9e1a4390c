/*
 * stat: who allocated how much, counted from a stream of linked events.
 *
 * A sink: feed it every event of a source in order, then read the rows. Rows
 * are struct site_summary (core/result.h); stat_view.h folds them into tables.
 *
 * Glossary
 *   row         one call site, cache and size class (or, for pages, one order,
 *               migratetype and gfp mask) and whether the recorder itself
 *               allocated: every table is a sum of rows
 *   address     one pointer, or one pfn, over all objects that ever lay there
 *   window      the time span that is counted; an object from before it
 *               counts, when it is freed, like one from before the trace
 *
 * What each event counts as follows core/event.h; docs/stat.md says where that
 * differs from perf kmem stat (tools/perf/builtin-kmem.c, kernel 6.1) and why.
 * Memory grows with rows and live objects (4 bytes each), and with the number
 * of different addresses only where those are asked for.
 */
#ifndef ANALYSIS_STAT_H
#define ANALYSIS_STAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analysis/stat_detail.h"
#include "core/err.h"
#include "core/event.h"
#include "core/result.h"
#include "core/topology.h"

struct stat_sink;

enum stat_table {
	STAT_NO_TABLE,
	STAT_CALLER, /* slab objects by call site */
	STAT_PLACE,  /* slab objects by what the context says of the site */
	STAT_ALLOC,  /* slab objects by pointer */
	STAT_CACHE,  /* slab objects by cache, kmallocs by size class */
	STAT_CLASS,  /* kmallocs by size class */
	STAT_PAGE,   /* pages by order, migratetype, gfp mask and use */
	STAT_PFN,    /* the same and by pfn */
	STAT_ORDER,  /* pages by order and migratetype */
	/* Slab objects, and the pages that hold none: */
	STAT_TASK,   /* by who allocated them */
	STAT_CPU,    /* by the CPU that did */
	STAT_CGROUP, /* by the control group of who did */
};

/* What a context is: a number of the caller's choice, below 1 << 30. */
enum { STAT_CONTEXT_MAX = (1 << 30) - 1 };

struct stat_options {
	uint32_t page_size; /* bytes, of the recorded kernel */
	/* Counted are events with from_ns <= ts_ns <= to_ns. */
	uint64_t from_ns, to_ns; /* everything: 0 and UINT64_MAX */
	bool objects;		 /* also keep a row per object address */
	bool pages;		 /* also keep a row per pfn */
	/*
	 * Also keep the details of each line of this table, which costs time.
	 * The recorder's own objects have none, and are not in the totals,
	 * unless self is set. Tables by address have none.
	 */
	bool detail, self;
	enum stat_table table;
	/*
	 * For the tables that tell rows apart by it: the context of an
	 * allocation, asked once for each. NULL elsewhere.
	 */
	uint32_t (*context)(void *argument, const struct kmem_event *ev);
	void *argument;
	/* For cross_node_allocs; NULL: not counted. Outlives the sink. */
	const struct topology *topology;
};

/*
 * A line of a table. One per address is perf's --alloc row: call_site and name
 * are those of the last allocation there; the page fields are part of the key,
 * as in perf.
 */
struct stat_row {
	uint64_t addr; /* pointer or pfn; 0 where a table has none */
	struct site_summary sum;
	/* Of pages, where a line has both: sum is of slab objects then. */
	uint64_t page_allocs, page_bytes, page_bytes_freed;
	const struct stat_detail *detail; /* NULL: not known */
};

/* ERR_NOMEM, or ERR_USAGE for a page size that is no power of two. */
MUST_CHECK int stat_open(struct stat_sink **sink,
			 const struct stat_options *options, struct err *err);

/* NULL is allowed. */
void stat_close(struct stat_sink *sink);

/* Counts the events. Fails only where memory ends. */
MUST_CHECK int stat_feed(struct stat_sink *sink,
			 const struct kmem_event *events, size_t count,
			 struct err *err);

/*
 * The rows so far, in order of first appearance; complete once the source is
 * at its end. Valid until the next stat_feed() or stat_close().
 */
const struct site_summary *stat_sites(struct stat_sink *sink, size_t *count);

/*
 * Gives folded rows (stat_view.h) of the table of the options their details and
 * peaks. Valid as the rows are; for details, call stat_sites() before.
 */
void stat_attach(const struct stat_sink *sink, struct stat_row *rows,
		 size_t count);

/* The table as a whole, if details were asked for; all 0 otherwise. */
const struct stat_meter *stat_total(const struct stat_sink *sink);

/* The rows per address, if they were asked for. Same validity. */
const struct stat_row *stat_addresses(const struct stat_sink *sink,
				      size_t *count);

/* Events that fell outside the window. */
uint64_t stat_skipped(const struct stat_sink *sink);

/* Recounts what the rows keep twice; true if all agrees. For tests. */
bool stat_check(const struct stat_sink *sink);

#endif
