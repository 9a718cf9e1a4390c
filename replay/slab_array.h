/*
 * slab_array: the arrays of objects that CPUs hold, that a node's CPUs share,
 * and that a node keeps for other nodes (alien). Private to SLAB.
 */
#ifndef REPLAY_SLAB_ARRAY_H
#define REPLAY_SLAB_ARRAY_H

#include "replay/slab_state.h"

/* All arrays and nodes of a cache whose layout is known. ERR_NOMEM. */
int slab_arrays_make(const struct slab *slab, struct slab_cache *cache);
void slab_arrays_fini(const struct slab *slab, struct slab_cache *cache);

/*
 * cache_alloc_refill() of the CPU's array, which is empty; ERR_NOMEM leaves it
 * so.
 */
int slab_array_refill(struct slab *slab, uint32_t c,
		      const struct slab_request *request, unsigned int node);
/* cache_flusharray(): the oldest objects to the shared array or the lists. */
void slab_array_flush(struct slab *slab, struct slab_cache *cache,
		      struct slab_array *array, unsigned int cpu);
/* drain_array_locked(): a fifth of what it may hold, or half of what it has. */
void slab_array_drain(struct slab *slab, struct slab_cache *cache,
		      struct slab_array *array, unsigned int node,
		      unsigned int cpu);
/* __drain_alien_cache(): to the shared array of their node, else its lists. */
void slab_alien_drain(struct slab *slab, struct slab_cache *cache,
		      struct slab_array *alien, unsigned int of,
		      unsigned int cpu);

/* True if an array of the cache has an object of the slab. */
bool slab_arrays_hold(const struct slab *slab, const struct slab_cache *cache,
		      uint32_t s);

#endif
