/*
 * slub_state: how the parts of SLUB are held together. Private to slub.c and the
 * slub_* files of replay/.
 *
 *   cache ── cpu[c] ── slab           c->slab, cpu[c].free objects of it on
 *         │         │                 c->freelist
 *         │         └─ partial ──▶ slab ──▶ slab      newest first
 *         └─ node[n] ─ partial ◀─▶ slab ◀─▶ slab      head is taken first
 *
 * slab.inuse is the kernel's: a CPU slab counts all objects that its CPU took,
 * used or not; objects - inuse are those on the slab's own list (remote frees).
 * A slab on no list is full.
 */
#ifndef REPLAY_SLUB_STATE_H
#define REPLAY_SLUB_STATE_H

#include "replay/numbers.h"
#include "replay/slub.h"

#define SLUB_NONE NUMBER_NONE
enum { SLUB_PLACE_UNUSED = 255 };

struct slub_slab {
	uint64_t pfn;
	uint32_t cache;
	uint32_t next, prev;  /* next alone on CPU partial and unused lists */
	uint32_t cpu_slabs;   /* CPU partial: slabs from here to the end */
	uint32_t cpu_objects; /* CPU partial: free objects, as 5.15 guesses */
	uint16_t inuse, objects;
	uint16_t node;
	uint8_t order;
	uint8_t place; /* enum slab_place or SLUB_PLACE_UNUSED */
};

struct slub_cpu {
	uint32_t slab;	  /* c->slab or SLUB_NONE */
	uint32_t free;	  /* objects on c->freelist */
	uint32_t partial; /* head of c->partial or SLUB_NONE */
};

struct slub_node {
	uint32_t head, tail;
	uint32_t nr_partial;
};

struct slub_pcs;  /* slub_sheaf.h */
struct slub_barn; /* slub_sheaf.h */

struct slub_cache {
	struct slub_params params;
	bool reclaimable, dma;
	bool debug; /* kmem_cache_debug() */
	struct slub_cpu *cpus;
	struct slub_node *nodes;
	uint32_t sheaf_capacity; /* 0: pcs and barns are NULL */
	struct slub_pcs *pcs;
	struct slub_barn *barns;
	uint64_t slabs, slabs_peak, pages, objects, objects_total;
};

struct slub {
	struct slab_model model;
	struct slub_config config;
	uint16_t *cpu_node;
	struct slub_cache *caches;
	size_t cache_count, cache_cap;
	struct slub_slab *slabs;
	struct numbers numbers; /* of slabs */
	uint64_t random;	/* of get_any_partial() */
	struct slab_sums sums;
	struct slub_stats stats;
};

/* slub_check.c: slab_model_ops.check. */
MUST_CHECK int slub_check(const struct slab_model *model, struct err *err);

#endif
