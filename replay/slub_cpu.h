/*
 * slub_cpu: what a CPU keeps for itself: the slab it allocates from and its
 * list of partial slabs. Private to SLUB.
 */
#ifndef REPLAY_SLUB_CPU_H
#define REPLAY_SLUB_CPU_H

#include "replay/slub_state.h"

/*
 * put_cpu_partial(): a slab on no list becomes the newest of the CPU's. drain:
 * if the list is full it goes to the nodes first.
 */
void slub_cpu_partial_put(struct slub *slub, struct slub_cache *cache,
			  uint32_t s, unsigned int cpu, bool drain);

/* fresh: new, all its objects are the caller's; else some on no list are free. */
struct slub_got {
	uint32_t slab;
	bool fresh;
};

/*
 * get_partial() and new_slab(): a slab off a node's list, of which some more
 * come along to the CPU's list, but for debug caches; else a new one. Errors as
 * slub_slab_new(). node -1: any. Another's slab serves a request for a node
 * from 6.12 on only (___slab_alloc(), try_thisnode), if that node has no pages
 * either and the request does not insist on it.
 */
MUST_CHECK int slub_cpu_slab_get(struct slub *slub, uint32_t cache,
				 const struct slab_request *request, int node,
				 struct slub_got *got);

/* All free objects of the slab become the CPU's (get_freelist()). */
void slub_cpu_load(struct slub *slub, struct slub_cpu *c, uint32_t s);

/*
 * ___slab_alloc(): leaves at least one object on c->freelist. Errors as
 * slub_slab_new(). node -1: any.
 */
MUST_CHECK int slub_cpu_refill(struct slub *slub, uint32_t cache,
			       const struct slab_request *request, int node);

/* __slab_free() of one object of a slab that is not this CPU's. */
void slub_cpu_free_remote(struct slub *slub, struct slub_cache *cache,
			  uint32_t s, unsigned int cpu);

/* One object of the CPU's slab (__slab_alloc_node()). Errors as above. */
MUST_CHECK static inline int slub_cpu_alloc(struct slub *slub, uint32_t number,
					    const struct slab_request *request,
					    int node, uint32_t *s)
{
	struct slub_cpu *c = &slub->caches[number].cpus[request->cpu];

	if (c->free && (node < 0 || slub->slabs[c->slab].node == node)) {
		slub->stats.alloc_fastpath++;
	} else {
		int ret = slub_cpu_refill(slub, number, request, node);

		if (ret)
			return ret;
	}
	c->free--;
	*s = c->slab;
	return 0;
}

/* One object back to its slab (do_slab_free()). */
static inline void slub_cpu_free(struct slub *slub, struct slub_cache *cache,
				 uint32_t s, unsigned int cpu)
{
	struct slub_cpu *c = &cache->cpus[cpu];

	if (c->slab != s) {
		slub_cpu_free_remote(slub, cache, s, cpu);
		return;
	}
	c->free++;
	slub->stats.free_fastpath++;
}

#endif
