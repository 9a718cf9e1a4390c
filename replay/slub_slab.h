/*
 * slub_slab: SLUB's slabs: their numbers, the pages below them, and the lists
 * of partial slabs that nodes have. Private to SLUB.
 */
#ifndef REPLAY_SLUB_SLAB_H
#define REPLAY_SLUB_SLAB_H

#include "replay/slub_state.h"

/* Puts a slab that is on no list on its node's (add_partial()). */
void slub_node_add(struct slub *slub, struct slub_cache *cache, uint32_t s,
		   bool tail);

/* Takes it away again; it is then on no list. */
void slub_node_remove(struct slub *slub, struct slub_cache *cache, uint32_t s);

/* A slab on no list goes to its node's if it has free objects. */
void slub_node_settle(struct slub *slub, struct slub_cache *cache, uint32_t s);

/* A slab came to a cache: from the page model or from the start. */
void slub_slab_count_in(struct slub *slub, const struct slub_slab *slab);

/* discard_slab(): the slab must be on no list and hold no object. */
void slub_slab_discard(struct slub *slub, uint32_t s, unsigned int cpu);

/*
 * new_slab(): all objects of it belong to the CPU that asked. ERR_NOMEM of the
 * page model, ERR_LIMIT for want of a number.
 */
MUST_CHECK int slub_slab_new(struct slub *slub, uint32_t cache,
			     const struct slab_request *request, int node,
			     uint32_t *number);

#endif
