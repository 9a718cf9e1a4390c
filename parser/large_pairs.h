/*
 * large_pairs: large kmallocs that the kernel traces twice, and by which of the
 * two call sites.
 *
 * From 6.12 on __do_kmalloc_node() (mm/slub.c) calls a function that traces a
 * large allocation, with a call site inside the kmalloc family, and then
 * traces it again with the real caller. The first of the two is the one to pass
 * over, so that waste is laid at the right door. Its call site never stands
 * alone: that is how it is told from others.
 */
#ifndef PARSER_LARGE_PAIRS_H
#define PARSER_LARGE_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "core/map.h"

struct large_pairs {
	/* Private */
	struct large_last *last; /* of each CPU */
	struct map live;	 /* address -> CPU whose last one it is */
	struct map sites;	 /* call site -> pairs << 32 | allocations */
};

/* A zeroed struct is a valid empty one. */
void large_pairs_fini(struct large_pairs *pairs);

/* The next large kmalloc of the trace. */
MUST_CHECK int large_pairs_alloc(struct large_pairs *pairs,
				 const struct kmem_event *ev);

/* The address was freed: a later allocation there is no second trace. */
void large_pairs_end(struct large_pairs *pairs, uint64_t addr);

/* True if each large kmalloc of that call site was traced again by another. */
bool large_pairs_is_first(const struct large_pairs *pairs, uint64_t call_site);

#endif
