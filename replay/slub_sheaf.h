/*
 * slub_sheaf: SLUB's sheaves (6.18): arrays of free objects in front of the
 * slabs, for caches that asked for them. Private to SLUB.
 *
 * Glossary
 *   sheaf   an array of free objects, as full as its cache's sheaf_capacity
 *   main    the sheaf a CPU takes from and gives to; it always has one
 *   spare   a second one, empty or full as a rule; may be missing
 *   barn    a node's stock of full and of empty sheaves
 *
 * Objects of other nodes than the CPU's are never put in a sheaf. Whatever has
 * no place goes the old way, to CPU slabs and lists. Objects in sheaves count
 * as in use in their slabs, as in the kernel.
 *
 * Source: mm/slub.c of 6.18: alloc_from_pcs(), free_to_pcs(),
 * __pcs_replace_empty_main(), __pcs_replace_full_main(), barn_*(). Not modelled:
 * the sheaf for kfree_rcu(), which no event shows (an object freed so counts as
 * used until its place is allocated again), and sheaves that are filled ahead
 * for one user (kmem_cache_prefill_sheaf(): the maple tree); these allocations
 * are taken from main.
 */
#ifndef REPLAY_SLUB_SHEAF_H
#define REPLAY_SLUB_SHEAF_H

#include "replay/slub_state.h"

/* Largest capacity that is believed. */
enum { SLUB_SHEAF_MOST = 4096 };

struct slub_sheaf {
	struct slub_sheaf *next; /* in a barn */
	uint32_t size;
	uint32_t slabs[];
};

struct slub_pcs {
	struct slub_sheaf *main, *spare; /* spare: NULL if there is none */
};

struct slub_barn {
	struct slub_sheaf *full, *empty;
	uint32_t nr_full, nr_empty;
};

/* For a new cache with a sheaf_capacity; ERR_NOMEM leaves nothing behind. */
MUST_CHECK int slub_sheaf_make(struct slub *slub, struct slub_cache *cache);
void slub_sheaf_destroy(struct slub *slub, struct slub_cache *cache);

/*
 * Free objects of a slab of the start (start->cached) go to the main sheaf of
 * their CPU, as far as it has room; the slab counts them as used.
 */
void slub_sheaf_start(struct slub *slub, struct slub_cache *cache, uint32_t s,
		      const struct slab_start *start);

/*
 * alloc_from_pcs(): true, and the object's slab in *s, if a sheaf had one. node
 * -1: any.
 */
bool slub_sheaf_alloc(struct slub *slub, uint32_t cache,
		      const struct slab_request *request, int node,
		      uint32_t *s);

/* free_to_pcs(): true if a sheaf took an object of slab s. */
bool slub_sheaf_free(struct slub *slub, uint32_t cache, uint32_t s,
		     unsigned int cpu);

/* Free objects in all sheaves of the cache, of slab s or (SLUB_NONE) of all. */
uint64_t slub_sheaf_objects(const struct slub *slub,
			    const struct slub_cache *cache, uint32_t s);

#endif
