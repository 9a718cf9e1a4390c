/*
 * link_learn: the first pass over a trace, which finds what an event cannot
 * know when it happens: where the direct map starts, which page allocations
 * will hold slab objects, and which cache an unnamed allocation comes from.
 */
#ifndef PARSER_LINK_LEARN_H
#define PARSER_LINK_LEARN_H

#include <stdint.h>

#include "core/map.h"
#include "core/source.h"
#include "core/trace.h"
#include "parser/cache_keys.h"
#include "parser/link_rules.h"

/* What a page allocation turned out to be for; a byte each. */
enum backing {
	BACKING_NONE,  /* asked for directly, as far as is known */
	BACKING_LARGE, /* a large kmalloc */
	BACKING_SLAB,  /* a slab of a cache that is not known */
	BACKING_MIXED, /* of several caches: its pages changed hands unseen */
	BACKING_CACHE, /* and up: a slab of caches[backing - BACKING_CACHE] */
};

/* Slabs of any further cache are BACKING_SLAB. */
enum { BACKING_CACHES_MAX = 256 - BACKING_CACHE };

struct learned {
	/* One enum backing per page allocation, in the order of the trace. */
	uint8_t *backing;
	size_t backing_count, backing_cap;
	uint32_t caches[BACKING_CACHES_MAX]; /* name ids */
	uint32_t cache_count;
	struct map cache_index; /* name id -> index into caches */
	/* pfn -> cache of a slab from before the trace; 0: several caches. */
	struct map old_slabs;
	struct cache_keys keys;
};

/* A zeroed struct is a valid empty one. */
void learned_fini(struct learned *learned);

/*
 * Reads all of raw and leaves it at its end. Sets rules->linked and base, and
 * in info linked, direct_map_base and link_reason.
 */
MUST_CHECK int link_learn(struct source *raw, struct link_rules *rules,
			  struct learned *learned, struct capture_info *info,
			  struct err *err);

/* The cache of a backing, 0 if it has none that is known. */
static inline uint32_t learned_cache(const struct learned *learned,
				     uint8_t backing)
{
	return backing < BACKING_CACHE
		   ? 0
		   : learned->caches[backing - BACKING_CACHE];
}

#endif
