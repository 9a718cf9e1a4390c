#include "replay/slub_debug.h"

#include <assert.h>

#include "replay/slub_cpu.h"
#include "replay/slub_slab.h"

int slub_debug_alloc(struct slub *slub, uint32_t number,
		     const struct slab_request *request, int node, uint32_t *s)
{
	struct slub_cache *cache = &slub->caches[number];
	struct slub_slab *slab;
	struct slub_got got;
	int ret = slub_cpu_slab_get(slub, number, request, node, &got);

	if (ret)
		return ret;
	*s = got.slab;
	slab = &slub->slabs[*s];
	if (got.fresh) {
		slab->inuse = 0;
		slab->place = SLAB_FULL;
	}
	slab->inuse++;
	/* The kernel leaves it where it is, at the head. */
	if (slab->inuse < slab->objects)
		slub_node_add(slub, cache, *s, false);
	return 0;
}

void slub_debug_free(struct slub *slub, struct slub_cache *cache, uint32_t s,
		     unsigned int cpu)
{
	struct slub_slab *slab = &slub->slabs[s];
	bool was_full = slab->place == SLAB_FULL;

	assert(slab->inuse);
	slab->inuse--;
	if (!slab->inuse &&
	    cache->nodes[slab->node].nr_partial >= cache->params.min_partial) {
		if (!was_full)
			slub_node_remove(slub, cache, s);
		slub_slab_discard(slub, s, cpu);
	} else if (was_full) {
		slub_node_add(slub, cache, s, true);
	}
}
