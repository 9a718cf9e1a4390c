#include "replay/slab_array.h"
#include "replay/slab_node.h"

#define REAP_NS 2000000000ull	  /* REAPTIMEOUT_AC */
enum { REAPS_PER_NODE_REAP = 2 }; /* REAPTIMEOUT_NODE / REAPTIMEOUT_AC */

/* drain_array(): an array that was used since the last time is spared. */
static bool array_reap(struct slab *slab, struct slab_cache *cache,
		       struct slab_array *array, unsigned int node,
		       unsigned int cpu)
{
	if (!array->avail)
		return false;
	if (array->touched)
		array->touched = false;
	else
		slab_array_drain(slab, cache, array, node, cpu);
	return true;
}

/* The part of cache_reap() that is done once per node: drain_freelist(). */
static bool node_reap(struct slab *slab, struct slab_cache *cache,
		      unsigned int node, unsigned int cpu)
{
	struct slab_node *n = &cache->nodes[node];
	uint64_t num = cache->layout.objs_per_slab;
	uint64_t most = (n->free_limit + 5 * num - 1) / (5 * num);
	bool busy = array_reap(slab, cache,
			       slab_shared_array(slab, cache, node), node, cpu);

	if (n->free_touched) {
		n->free_touched = false;
		return true;
	}
	for (; most && n->tail[LIST_FREE] != SLAB_NONE; most--) {
		slab_node_destroy(slab, n->tail[LIST_FREE], cpu);
		slab->stats.reaped++;
		busy = true;
	}
	return busy;
}

/*
 * cache_reap() on one CPU. A node's part is due every second time; caches take
 * turns as their addresses make them do in the kernel.
 */
static bool cpu_reap(struct slab *slab, unsigned int cpu, bool first)
{
	unsigned int node = slab->cpu_node[cpu], of = slab->reap_node[cpu];
	bool busy = false;

	for (size_t c = 0; c < slab->cache_count; c++) {
		struct slab_cache *cache = &slab->caches[c];
		struct slab_array *alien =
		    slab_alien_array(slab, cache, node, of);

		if (of != node && alien->avail) {
			slab_alien_drain(slab, cache, alien, of, cpu);
			busy = true;
		}
		busy |= array_reap(slab, cache, slab_cpu_array(cache, cpu),
				   node, cpu);
		if (first && (slab->reaps + c) % REAPS_PER_NODE_REAP == 0)
			busy |= node_reap(slab, cache, node, cpu);
	}
	slab->reap_node[cpu] = (uint16_t)((of + 1u) % slab->config.nodes);
	return busy;
}

static bool reap(struct slab *slab)
{
	bool busy = false;

	for (uint32_t cpu = 0; cpu < slab->config.env.cpus; cpu++) {
		bool first = true;

		for (uint32_t other = 0; other < cpu && first; other++)
			first = slab->cpu_node[other] != slab->cpu_node[cpu];
		busy |= cpu_reap(slab, cpu, first);
	}
	slab->reaps++;
	return busy;
}

/*
 * The timers run at full seconds, which all CPUs share but for some jiffies
 * (round_jiffies_relative()). After a gap no more is done than until nothing
 * is left to do.
 */
uint64_t slab_tick(struct slab_model *model, uint64_t ts_ns)
{
	struct slab *slab = slab_of(model);
	uint32_t quiet = 0, rest = REAPS_PER_NODE_REAP + slab->config.nodes;

	if (!slab->reap_next)
		slab->reap_next = ts_ns / REAP_NS * REAP_NS + REAP_NS;
	while (slab->reap_next <= ts_ns && quiet < rest) {
		quiet = reap(slab) ? 0 : quiet + 1;
		slab->reap_next += REAP_NS;
	}
	if (slab->reap_next <= ts_ns)
		slab->reap_next = ts_ns / REAP_NS * REAP_NS + REAP_NS;
	return slab->reap_next;
}
