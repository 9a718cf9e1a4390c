/*
 * slab_state: what the rooms of SLAB share: slab.c (the front door), slab_node.c
 * (slabs and their lists), slab_array.c, slab_reap.c and slab_check.c. Private to
 * them; users include replay/slab.h.
 *
 *   cache ─┬ cpu[c]      array ▶ slab slab slab ...   last in, first out
 *          ├ shared[n]   array
 *          ├ alien[n,m]  array   of node n, objects of node m
 *          └ node[n] ─┬ partial ◀─▶ slab ◀─▶ slab     taken at the head
 *                     └ free    ◀─▶ slab ◀─▶ slab     destroyed at the tail
 *
 * slab.active is the kernel's: objects that users or arrays have.
 */
#ifndef REPLAY_SLAB_STATE_H
#define REPLAY_SLAB_STATE_H

#include "replay/numbers.h"
#include "replay/slab.h"

#define SLAB_NONE NUMBER_NONE

enum slab_list {
	LIST_PARTIAL,
	LIST_FREE,
	LISTS,
	LIST_FULL = LISTS, /* on none */
	LIST_UNUSED	   /* the number stands for no slab */
};

struct slab_block {
	uint64_t pfn;
	uint32_t cache;
	uint32_t next, prev;
	uint32_t active;
	uint32_t freelist; /* slab of the off-slab freelist or SLAB_NONE */
	uint32_t colour;   /* in units of colour_off */
	uint16_t node;
	uint8_t list; /* enum slab_list */
};

struct slab_array {
	uint32_t *entries; /* numbers of slabs */
	uint32_t avail, limit, batchcount;
	bool touched;
};

struct slab_node {
	uint32_t head[LISTS], tail[LISTS];
	uint64_t free_objects, free_limit;
	uint64_t total_slabs, free_slabs;
	uint32_t colour_next;
	bool free_touched;
};

struct slab_cache {
	struct slab_layout layout;
	bool reclaimable, dma;
	bool internal;		   /* holds off-slab freelists */
	uint32_t freelist_cache;   /* for its freelists; SLAB_NONE: none */
	struct slab_array *arrays; /* of CPUs, then shared, then alien */
	uint32_t *entries;	   /* of all arrays */
	struct slab_node *nodes;
	uint64_t slabs_peak, objects;
};

struct slab {
	struct slab_model model;
	struct slab_config config;
	uint16_t *cpu_node;
	uint16_t *reap_node; /* per CPU: whose alien array is next */
	struct slab_cache *caches;
	size_t cache_count, cache_cap;
	struct slab_block *blocks;
	struct numbers numbers; /* of blocks */
	uint64_t reap_next;	/* ts_ns, 0: no time seen yet */
	uint64_t reaps;
	struct slab_sums sums; /* internal caches left out */
	struct slab_stats stats;
};

static inline struct slab *slab_of(struct slab_model *model)
{
	return (struct slab *)model;
}

static inline const struct slab *slab_of_const(const struct slab_model *model)
{
	return (const struct slab *)model;
}

static inline struct slab_array *slab_cpu_array(const struct slab_cache *cache,
						unsigned int cpu)
{
	return &cache->arrays[cpu];
}

/* Its limit is 0 where the cache has none. */
static inline struct slab_array *
slab_shared_array(const struct slab *slab, const struct slab_cache *cache,
		  unsigned int node)
{
	return &cache->arrays[slab->config.env.cpus + node];
}

static inline struct slab_array *
slab_alien_array(const struct slab *slab, const struct slab_cache *cache,
		 unsigned int node, unsigned int of)
{
	return &cache->arrays[slab->config.env.cpus + slab->config.nodes +
			      node * slab->config.nodes + of];
}

static inline size_t slab_array_count(const struct slab *slab)
{
	size_t nodes = slab->config.nodes;

	return slab->config.env.cpus + nodes + nodes * nodes;
}

/* As the kernel's timers do up to ts_ns; returns when they run next. */
uint64_t slab_tick(struct slab_model *model, uint64_t ts_ns);

/* slab_model_ops.check */
int slab_check(const struct slab_model *model, struct err *err);

#endif
