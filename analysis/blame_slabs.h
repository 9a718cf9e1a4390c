/*
 * blame_slabs: the slabs whose pages blame follows (blame.h). Private to
 * blame.c.
 *
 * A slab from before the trace is entered with the first object that is seen in
 * it. A slab's number is used again once it has neither pages nor objects.
 */
#ifndef ANALYSIS_BLAME_SLABS_H
#define ANALYSIS_BLAME_SLABS_H

#include "analysis/blame_state.h"

/* The slab that an allocation of pages makes. ERR_NOMEM or ERR_LIMIT. */
MUST_CHECK int blame_slab_born(struct blame_sink *sink,
			       const struct kmem_event *ev, uint32_t *number);

/*
 * The slab in which an object at pfn lies; BLAME_NONE: in none that is known.
 * ERR_NOMEM or ERR_LIMIT.
 */
MUST_CHECK int blame_slab_of(struct blame_sink *sink,
			     const struct kmem_event *ev, uint64_t pfn,
			     uint32_t *number);

/* Takes the pages from the slab that has them, if one has. */
void blame_slab_pages_gone(struct blame_sink *sink, uint64_t pfn,
			   unsigned int order);

/* After an object of it is gone. */
void blame_slab_release(struct blame_sink *sink, uint32_t number);

#endif
