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
#include "parser/large_pairs.h"
#include "parser/link_rules.h"

/* What a page allocation turned out to be for; a byte each. */
enum backing {
	BACKING_NONE,  /* asked for directly, as far as is known */
	BACKING_LARGE, /* a large kmalloc */
	BACKING_SLAB,  /* a slab of a cache that is not known */
	BACKING_MIXED, /* of several caches: its pages changed hands unseen */
	BACKING_OWNER, /* and up: a slab of owners[backing - BACKING_OWNER] */
};

/* Slabs of any further owner are BACKING_SLAB. */
enum { BACKING_OWNERS_MAX = 256 - BACKING_OWNER };

/* A cache, or the cache that a key will turn out to mean. */
struct slab_owner {
	uint32_t name; /* id in the trace's names; 0: see key */
	uint32_t key;  /* cache_keys_id() */
};

struct learned {
	/* One enum backing per page allocation, in the order of the trace. */
	uint8_t *backing;
	size_t backing_count, backing_cap;
	struct slab_owner owners[BACKING_OWNERS_MAX];
	uint32_t owner_count;
	struct map owner_index; /* see owner_id() -> index into owners */
	/* pfn -> cache of a slab from before the trace; 0: several caches. */
	struct map old_slabs;
	struct cache_keys keys;
	struct large_pairs pairs;
};

/* A zeroed struct is a valid empty one. */
void learned_fini(struct learned *learned);

/*
 * Reads all of raw and leaves it at its end. Sets rules->linked and base, and
 * in trace, which is raw's own, reveals, topology as the pages tell it, and of
 * info linked, direct_map_base and link_reason.
 */
MUST_CHECK int link_learn(struct source *raw, struct link_rules *rules,
			  struct learned *learned, struct trace *trace,
			  struct err *err);

/* The cache of a backing, 0 if it has none that is known. */
uint32_t learned_cache(const struct learned *learned, uint8_t backing);

#endif
