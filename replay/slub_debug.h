/*
 * slub_debug: caches with debug options, of which no CPU keeps anything: every
 * object is taken from and given back to a slab on a node's list, so that it
 * can be checked. Private to SLUB.
 *
 * Sources, mm/slub.c: alloc_single_from_partial(), alloc_single_from_new_slab()
 * and free_debug_processing() of 6.1, free_to_partial_list() of 6.12 and 6.18;
 * in 5.15 ___slab_alloc() gives up its slab after each object
 * (deactivate_slab()), which comes to the same.
 */
#ifndef REPLAY_SLUB_DEBUG_H
#define REPLAY_SLUB_DEBUG_H

#include "replay/slub_state.h"

/* One object, of slab *s. Errors as slub_slab_new(). node -1: any. */
MUST_CHECK int slub_debug_alloc(struct slub *slub, uint32_t cache,
				const struct slab_request *request, int node,
				uint32_t *s);

/* One object of that slab back. */
void slub_debug_free(struct slub *slub, struct slub_cache *cache, uint32_t s,
		     unsigned int cpu);

#endif
