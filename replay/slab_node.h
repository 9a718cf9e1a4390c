/*
 * slab_node: a node's slabs: its lists, their pages, colours and off-slab
 * freelists, and how many free objects a node keeps. Private to SLAB.
 *
 * s, c: number of a slab, of a cache.
 */
#ifndef REPLAY_SLAB_NODE_H
#define REPLAY_SLAB_NODE_H

#include "replay/slab_state.h"

/* ---- Lists ---- */

void slab_list_add(struct slab *slab, struct slab_node *n, uint32_t s,
		   enum slab_list list, bool tail);
void slab_list_remove(struct slab *slab, struct slab_node *n, uint32_t s);
/* fixup_slab_list(): after objects of the slab were taken. */
void slab_list_fix(struct slab *slab, struct slab_cache *cache, uint32_t s);
/* get_first_slab(): the one to take objects from, or SLAB_NONE. */
uint32_t slab_node_first(struct slab_node *n);

/* ---- Slabs ---- */

/* cache_grow_end(): the slab counts in its node from now on. */
void slab_block_count_in(struct slab *slab, const struct slab_block *block);
/* Slabs of a cache on all nodes. */
uint64_t slab_cache_slabs(const struct slab *slab,
			  const struct slab_cache *cache);

/*
 * cache_grow_begin(): a slab of the node, or, not exact, of any. It is counted
 * by slab_grow_end(), after its first objects were taken.
 */
int slab_grow_begin(struct slab *slab, uint32_t c,
		    const struct slab_request *request, int node, bool exact,
		    uint32_t *number);
/* cache_grow_end() */
void slab_grow_end(struct slab *slab, uint32_t c, uint32_t s);

/* slab_destroy() of a slab on a free list. */
void slab_node_destroy(struct slab *slab, uint32_t s, unsigned int cpu);
/*
 * free_block(): objects go back to their slabs, which are all of the node, and
 * slabs beyond free_limit to the page allocator.
 */
void slab_node_free(struct slab *slab, struct slab_cache *cache,
		    const uint32_t *entries, uint32_t count, unsigned int node,
		    unsigned int cpu);

#endif
