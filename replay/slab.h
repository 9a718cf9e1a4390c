/*
 * slab: the kernel's SLAB allocator (until 6.7) as a slab_model.
 *
 * Glossary (besides replay/slab_model.h and replay/slab_layout.h)
 *   array     objects that a CPU holds, last in first out (array_cache)
 *   shared    an array that the CPUs of a node have in common
 *   alien     arrays of a node for objects of each other node
 *   lists     a node's slabs: partial, free; a full one is on none here
 *   reap      what each CPU does every 2 s: takes back what was not touched
 *
 * Sources: mm/slab.c of 5.15 and 6.1. Debug options, pfmemalloc slabs and
 * memory policies are not modelled. Slabs of caches that free by RCU are free at
 * once: a trace does not tell when the grace period ended.
 */
#ifndef REPLAY_SLAB_H
#define REPLAY_SLAB_H

#include <stdint.h>

#include "core/err.h"
#include "replay/memory.h"
#include "replay/page_model.h"
#include "replay/slab_layout.h"
#include "replay/slab_model.h"

struct slab_config {
	struct slab_layout_env env;
	uint32_t nodes;
	const uint16_t *cpu_node; /* env.cpus elements; NULL: all on node 0 */
	struct page_model *pages; /* borrowed, outlives the model */
	struct memory memory;
	/*
	 * Take layout and arrays of a cache from its spec where known (the
	 * kernel that was recorded); false: always from the formulas.
	 */
	bool use_captured;
	/*
	 * Off-slab freelists are among the requests already (a trace of SLAB);
	 * false: the model makes them itself, in kmalloc caches of its own.
	 */
	bool freelists_given;
};

/* ERR_USAGE or ERR_LIMIT with the reason in err, ERR_NOMEM. */
MUST_CHECK int slab_create(struct slab_model **slab,
			   const struct slab_config *config, struct err *err);

/* The layout that a cache got; cache is an id of cache_add. */
const struct slab_layout *slab_cache_layout(const struct slab_model *slab,
					    uint32_t cache);

/* Bytes before the first object of a slab (its colour). */
uint32_t slab_colour(const struct slab_model *slab, uint64_t handle);

/* Counts since creation, as CONFIG_DEBUG_SLAB's statistics name them. */
struct slab_stats {
	uint64_t allochit, allocmiss, freehit, freemiss;
	uint64_t grown; /* new slabs */
	uint64_t
	    freed; /* slabs given back when more was free than free_limit */
	uint64_t reaped;		/* slabs given back by the reaper */
	uint64_t nodeallocs, nodefrees; /* of and to other nodes */
	uint64_t alienoverflow;
};

const struct slab_stats *slab_stats(const struct slab_model *slab);

#endif
