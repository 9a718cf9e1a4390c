/*
 * blame: who keeps memory in pieces: which call sites and caches pin slab pages,
 * and who pins pageblocks.
 *
 * A sink of linked events; blame_report() looks at the state of the moment.
 *
 * Glossary
 *   holder    who has live memory: a call site in a cache, a cache, a large
 *             kmalloc's call site, direct requests of one kind (comm, gfp mask,
 *             order, migratetype), slabs from before the trace
 *   pinned    slab pages with a live object of the holder
 *   alone     slab pages whose only live objects are the holder's: what would
 *             come free if the holder went away
 *   share     of the pinned pages that others hold, too, the part that is the
 *             holder's by bytes
 *   block     a pageblock (2 MiB with pages of 4 KiB), the unit in which the
 *             kernel keeps movable and unmovable pages apart
 *   free block by a holder: its unmovable pages are the only unmovable ones of
 *             the block. Movable pages can be moved away. Pages from before that
 *             are no slab and on no LRU list are the kernel's own or free on a
 *             CPU's list; blocks that have such pages are counted apart, as
 *             perhaps
 */
#ifndef ANALYSIS_BLAME_H
#define ANALYSIS_BLAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "core/table.h"
#include "core/trace.h"

enum blame_kind {
	BLAME_SITE,  /* call_site in the cache name: slab objects */
	BLAME_CACHE, /* name: all slabs of a cache */
	BLAME_LARGE, /* call_site: large kmallocs */
	BLAME_PAGES, /* comm, gfp_flags, order, migratetype: unmovable pages */
	BLAME_OLD,   /* slabs from before whose cache is not known; one row */
};

struct blame_row {
	uint8_t kind;	    /* enum blame_kind */
	uint8_t order;	    /* pages */
	int8_t migratetype; /* pages */
	uint8_t event;	    /* sites: enum event_kind of the allocation */
	uint32_t name;	    /* cache, name id; 0: kmalloc, or not known */
	uint32_t gfp_flags; /* pages */
	int32_t pid;	    /* pages: one of the comm's; names it with comm 0 */
	uint32_t comm;	    /* pages: name id; 0: not known */
	uint64_t call_site; /* sites, large */
	uint64_t
	    bytes_each; /* sites: bytes_alloc of one object; 0: they differ */
	/* Slab objects of the trace, live. */
	uint64_t objects, live_bytes;
	uint64_t slabs; /* caches */
	uint64_t pinned_bytes, alone_bytes, share_bytes;
	/* Caches: slabs born in the trace without an object; from before it. */
	uint64_t empty_bytes, old_bytes;
	/* Unmovable pages, and blocks they are in. */
	uint64_t pages;
	uint64_t blocks, blocks_alone, blocks_perhaps;
};

/* The machine at the moment, in pageblocks. */
struct blame_blocks {
	uint64_t block_bytes;
	uint64_t total;	  /* with pages of a zone */
	uint64_t free;	  /* all of whose pages are free */
	uint64_t movable; /* free and movable pages only */
	uint64_t pinned;  /* with unmovable pages */
	uint64_t unknown; /* others: with pages from before of unknown kind */
	uint64_t pinned_by_one; /* of pinned: by one holder, nothing unknown */
};

struct blame_report {
	uint64_t ts_ns;		/* of the last event that counts */
	struct blame_row *rows; /* private order; see blame_tables() */
	size_t row_count;
	struct blame_blocks blocks;
	/* Objects that lie in no slab page that the trace tells of. */
	uint64_t misplaced;
};

struct blame_options {
	const struct trace *trace; /* of the source; outlives the sink */
	uint64_t until_ns;	   /* later events do not count; UINT64_MAX */
};

struct blame_sink;

/*
 * ERR_UNSUPPORTED: the trace is not linked, with the reason; ERR_FORMAT: no
 * page size; ERR_NOMEM.
 */
MUST_CHECK int blame_open(struct blame_sink **sink,
			  const struct blame_options *options, struct err *err);

/* NULL is allowed. */
void blame_close(struct blame_sink *sink);

MUST_CHECK int blame_feed(struct blame_sink *sink,
			  const struct kmem_event *events, size_t count,
			  struct err *err);

/*
 * The time of the event after which slabs born in the trace held most beyond
 * the bytes of the objects in them, of the events fed so far.
 */
uint64_t blame_worst_ns(const struct blame_sink *sink);

/* Ranks the holders; blame_report_fini() frees, after a failure too. */
MUST_CHECK int blame_report_make(const struct blame_sink *sink,
				 struct blame_report *report, struct err *err);
void blame_report_fini(struct blame_report *report);

enum { BLAME_TABLES = 4 };

/*
 * Makes the tables slab_sites, slab_caches, block_holders (caches, large
 * kmallocs and page requests) and block_sites, each of its first lines rows:
 * those of slabs by what comes free with the holder, then by their share;
 * those of blocks by the blocks that come free, then by those that perhaps do,
 * then by pages. Each table is table_fini()ed by the caller.
 */
void blame_tables(const struct blame_report *report, const struct trace *trace,
		  size_t lines, struct table tables[BLAME_TABLES]);

#endif
