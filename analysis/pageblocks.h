/*
 * pageblocks: what each page of the recorded machine is, event by event.
 *
 * Starts from the snapshot before (free blocks, slab pages and pages on LRU lists
 * of kpageflags) at the moment at which that file was read, and follows page
 * events. Answers for one page and, in constant time, for a pageblock.
 *
 * Glossary
 *   class   what a page is used for
 *   id      whatever the user notes of a page in use
 *   known   in use by an event of the trace; what the snapshot says of such a
 *           page is older
 *
 * A page that compaction or a bulk allocation took without an event counts as
 * free until it is freed.
 */
#ifndef ANALYSIS_PAGEBLOCKS_H
#define ANALYSIS_PAGEBLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "core/trace.h"

enum pageblock_class {
	/*
	 * From before and none of the others: the kernel's own, or free on a
	 * CPU's list. Without kpageflags any page of which no event tells.
	 */
	PAGEBLOCK_OLD,
	PAGEBLOCK_FREE,
	/* Asked for as movable, or on an LRU list: user pages, page cache. */
	PAGEBLOCK_MOVABLE,
	PAGEBLOCK_UNMOVABLE, /* any other request; large kmallocs */
	PAGEBLOCK_SLAB,
	PAGEBLOCK_OLD_SLAB, /* a slab from before */
	PAGEBLOCK_CLASSES
};

enum { PAGEBLOCK_ID_MAX = (1 << 28) - 1 };

struct pageblock_page {
	enum pageblock_class class;
	uint32_t id; /* up to PAGEBLOCK_ID_MAX, 0: none */
};

struct pageblock;

struct pageblocks {
	uint64_t block_count; /* pageblocks, from pfn 0 on */
	unsigned int block_order;
	uint64_t outside; /* page events beyond the machine's memory */
	bool started;	  /* the snapshot was entered, or there is none */
	/* Private */
	uint64_t limit; /* the first pfn beyond all memory */
	struct pageblock *blocks;
	const struct trace *trace;
	uint32_t marker; /* name id: the snapshot counts from here; 0: none */
};

/* trace outlives the pages, its "before" is as it was opened. ERR_NOMEM. */
MUST_CHECK int pageblocks_init(struct pageblocks *pages,
			       const struct trace *trace);
void pageblocks_fini(struct pageblocks *pages);

/*
 * Enters a page event or marker; others are ignored. id: of the pages that an
 * allocation takes. ERR_NOMEM.
 */
MUST_CHECK int pageblocks_feed(struct pageblocks *pages,
			       const struct kmem_event *ev, uint32_t id);

/* Sets 2^order pages. ERR_NOMEM. */
MUST_CHECK int pageblocks_set(struct pageblocks *pages, uint64_t pfn,
			      unsigned int order, struct pageblock_page page);

/* PAGEBLOCK_OLD for a page that nothing tells of. */
struct pageblock_page pageblocks_get(const struct pageblocks *pages,
				     uint64_t pfn);

/*
 * Pages of each class in a pageblock.
 */
void pageblocks_counts(const struct pageblocks *pages, uint64_t block,
		       uint32_t counts[PAGEBLOCK_CLASSES]);

/* True if a zone of the machine has pages in that pageblock. */
bool pageblocks_exists(const struct pageblocks *pages, uint64_t block);

#endif
