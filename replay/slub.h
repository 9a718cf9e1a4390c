/*
 * slub: the kernel's SLUB allocator as a slab_model.
 *
 * Glossary (besides replay/slab_model.h)
 *   CPU slab       the slab a CPU allocates from; all its free objects at the
 *                  moment it was taken are the CPU's own (c->freelist)
 *   remote free    a free to a slab that is not this CPU's; it goes to the
 *                  slab's own list
 *   CPU partial    slabs with free objects that a CPU keeps for itself
 *   node partial   slabs with free objects that any CPU of the node may take
 *   debug cache    one with debug options: no CPU keeps anything of it
 *   sheaf          free objects in front of the slabs (6.18, slub_sheaf.h)
 *
 * Sources: mm/slub.c of 5.15, 6.1, 6.12 and 6.18. Slabs of caches that free by
 * RCU are free at once: a trace does not tell when the grace period ended.
 */
#ifndef REPLAY_SLUB_H
#define REPLAY_SLUB_H

#include <stdint.h>

#include "core/err.h"
#include "replay/memory.h"
#include "replay/page_model.h"
#include "replay/slab_model.h"
#include "replay/slab_params.h"
#include "replay/slub_size.h"

/* A setting that was not made. */
#define SLUB_UNSET UINT32_MAX

struct slub_config {
	struct slub_env env;
	uint32_t nodes;
	const uint16_t *cpu_node; /* env.cpus elements; NULL: all on node 0 */
	struct page_model *pages; /* borrowed, outlives the model */
	struct memory memory;
	/*
	 * Take order and objects per slab of a cache from its spec where known
	 * (the kernel that was recorded); false: always from the formulas.
	 */
	bool use_captured_order;
	/* For every cache, in place of captured or computed values. */
	uint32_t cpu_partial, min_partial; /* SLUB_UNSET: none */
	/*
	 * enum slub_debug, as if the kernel was booted so: sizes are computed
	 * anew. SLUB_UNSET: as the recorded kernel, sizes as given.
	 */
	uint32_t debug;
};

/* ERR_USAGE or ERR_LIMIT with the reason in err, ERR_NOMEM. */
MUST_CHECK int slub_create(struct slab_model **slub,
			   const struct slub_config *config, struct err *err);

/* The parameters that a cache got; cache is an id of cache_add. */
const struct slub_params *slub_cache_params(const struct slab_model *slub,
					    uint32_t cache);

/* Counts since creation, as CONFIG_SLUB_STATS names them. */
struct slub_stats {
	uint64_t alloc_fastpath, alloc_slowpath, alloc_refill, alloc_slab;
	uint64_t alloc_from_partial;
	uint64_t cpu_partial_alloc, cpu_partial_node, cpu_partial_drain;
	uint64_t free_fastpath, free_slowpath, free_slab;
	uint64_t order_fallback, node_mismatch;
	uint64_t alloc_pcs, free_pcs, barn_get, barn_put;
	uint64_t sheaf_refill, sheaf_flush; /* objects */
};

const struct slub_stats *slub_stats(const struct slab_model *slub);

#endif
