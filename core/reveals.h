/*
 * reveals: what a trace itself tells of the memory at its start, beyond what
 * the "before" snapshot counts.
 *
 * A place whose first event is an allocation was free at the start, one whose
 * first event is a free was in use. Linking gathers this while it learns
 * (parser/link_reveals.h); a replay starts from it (replay/start_reveals.h).
 *
 * Glossary
 *   start   the moment at which the snapshot was read: of objects that of
 *           before:slabinfo, of pages that of before:kpageflags
 */
#ifndef CORE_REVEALS_H
#define CORE_REVEALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/block_reveals.h"

/*
 * A page that held slab objects at the start. Its cache is name or, if that is
 * 0, what the allocation means that was seen in it: kind, sizes, flags, site.
 */
struct reveal_page {
	uint64_t pfn;
	uint64_t bytes_req, bytes_alloc, call_site;
	uint32_t gfp_flags;
	uint32_t name;	     /* name id, 0: none */
	uint32_t turn;	     /* of its first allocation among all pages' since
				the start, from 1; 0: there was none */
	uint32_t free, used; /* objects in it that were so at the start */
	uint16_t cpu;	     /* that allocated then */
	uint8_t kind;	     /* enum event_kind; EV_NONE: none was seen */
	bool gone;	     /* freed, with its slab, after the start */
};

/*
 * A block of pages that was on a CPU's list at the start: it was allocated, or
 * drained, without having been free in the snapshot, freed or taken from the
 * free areas before.
 */
struct reveal_listed {
	uint64_t pfn;
	uint16_t cpu;
	uint8_t order;
	int8_t migratetype;
	bool drained; /* from the list's tail; else allocated from its head */
};

struct reveals {
	struct reveal_page *pages; /* by pfn */
	size_t page_count;
	struct reveal_listed *listed; /* in the order of events */
	size_t listed_count;
	struct block_reveals blocks; /* touched is NULL if nothing is told */
};

/* A zeroed struct is a valid empty one. */
void reveals_fini(struct reveals *reveals);

#endif
