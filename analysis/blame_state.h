/*
 * blame_state: what the sink gathers and the report reads. Private to blame*.c.
 */
#ifndef ANALYSIS_BLAME_STATE_H
#define ANALYSIS_BLAME_STATE_H

#include "analysis/blame.h"
#include "analysis/number_index.h"
#include "analysis/pageblocks.h"

#define BLAME_NONE UINT32_MAX

/* A slab: the id of its pages in the pages is its number + 1. */
struct blame_slab {
	uint32_t name;	     /* cache; 0: the size tells, or nothing */
	uint32_t bytes_each; /* without a name: of an object in it */
	uint32_t pages;	     /* that it still has */
	uint32_t objects;
	uint32_t next; /* in the list of unused numbers */
	uint8_t event; /* without a name: that object's, a kmalloc or not */
	bool old, used;
};

/* A live object of the trace, by its slot. */
struct blame_object {
	uint32_t slab; /* BLAME_NONE: none */
	uint32_t holder;
	uint32_t bytes; /* 0: the slot is no live object */
};

struct blame_sink {
	struct blame_options options;
	struct pageblocks pages;
	unsigned int page_shift;
	uint64_t address_mask;
	/* Sites, large and page requests; the key fields of a row. */
	struct blame_row *holders;
	size_t holder_count, holder_cap;
	struct number_index index;
	struct blame_slab *slabs;
	size_t slab_count, slab_cap;
	uint32_t unused;
	struct blame_object *objects; /* by slot */
	size_t object_cap;
	uint64_t events, misplaced, ts_ns;
	uint64_t slab_bytes, live_bytes; /* of slabs born in the trace */
	int64_t worst;
	uint64_t worst_ns;
};

#endif
