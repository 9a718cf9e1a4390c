/*
 * Every step costs constant time, but for draining a CPU partial list, whose
 * length is bounded by cpu_partial_slabs plus what one refill adds. Each
 * function names the kernel's in mm/slub.c.
 */
#include "replay/slub_cpu.h"

#include <assert.h>

#include "replay/slub_slab.h"

/* ---- CPU partial lists ---- */

/* __unfreeze_partials(), __put_partials(): empty slabs go, if there are enough. */
static void cpu_partial_drain(struct slub *slub, struct slub_cache *cache,
			      uint32_t s, unsigned int cpu)
{
	uint32_t discard = SLUB_NONE;

	slub->stats.cpu_partial_drain++;
	while (s != SLUB_NONE) {
		struct slub_slab *slab = &slub->slabs[s];
		uint32_t next = slab->next;

		if (!slab->inuse && cache->nodes[slab->node].nr_partial >=
					cache->params.min_partial) {
			slab->place = SLAB_FULL;
			slab->next = discard;
			discard = s;
		} else {
			slub_node_add(slub, cache, s, true);
		}
		s = next;
	}
	while (discard != SLUB_NONE) {
		uint32_t next = slub->slabs[discard].next;

		slub_slab_discard(slub, discard, cpu);
		discard = next;
	}
}

/* True if a CPU partial list that begins with s may take no further slab. */
static bool cpu_partial_full(const struct slub *slub,
			     const struct slub_cache *cache, uint32_t s)
{
	const struct slub_slab *slab = &slub->slabs[s];

	if (slub->config.env.variant == VARIANT_5_15)
		return slab->cpu_objects > cache->params.cpu_partial;
	return slab->cpu_slabs >= cache->params.cpu_partial_slabs;
}

/* put_cpu_partial() */
void slub_cpu_partial_put(struct slub *slub, struct slub_cache *cache,
			  uint32_t s, unsigned int cpu, bool drain)
{
	struct slub_slab *slab = &slub->slabs[s];
	uint32_t old = cache->cpus[cpu].partial, full = SLUB_NONE;

	if (old != SLUB_NONE && drain && cpu_partial_full(slub, cache, old)) {
		full = old;
		old = SLUB_NONE;
	}
	slab->cpu_slabs = 1;
	slab->cpu_objects = (uint32_t)(slab->objects - slab->inuse);
	if (old != SLUB_NONE) {
		slab->cpu_slabs += slub->slabs[old].cpu_slabs;
		slab->cpu_objects += slub->slabs[old].cpu_objects;
	}
	slab->place = SLAB_CPU_PARTIAL;
	slab->next = old;
	cache->cpus[cpu].partial = s;
	if (full != SLUB_NONE)
		cpu_partial_drain(slub, cache, full, cpu);
}

/* ---- Allocation ---- */

/*
 * True if get_partial_node() has enough: extra slabs went to the CPU partial
 * list, which 5.15 counts by their free objects (objects: first slab too).
 */
static bool partial_enough(const struct slub *slub,
			   const struct slub_cache *cache, uint32_t extra,
			   uint32_t objects)
{
	const struct slub_params *p = &cache->params;

	if (cache->debug)
		return true;
	if (slub->config.env.variant == VARIANT_5_15)
		return objects > p->cpu_partial / 2;
	if (slub->config.env.variant >= VARIANT_6_12 && !p->cpu_partial_slabs)
		return true;
	return extra > p->cpu_partial_slabs / 2;
}

/* get_partial_node(): the first becomes the CPU slab, some more go along. */
static uint32_t partial_take_node(struct slub *slub, struct slub_cache *cache,
				  unsigned int node, unsigned int cpu)
{
	uint32_t taken = SLUB_NONE, extra = 0, objects = 0;
	uint32_t s = cache->nodes[node].head;

	while (s != SLUB_NONE) {
		struct slub_slab *slab = &slub->slabs[s];
		uint32_t next = slab->next;

		objects += (uint32_t)(slab->objects - slab->inuse);
		slub_node_remove(slub, cache, s);
		if (taken == SLUB_NONE) {
			taken = s;
			slub->stats.alloc_from_partial++;
		} else {
			slub_cpu_partial_put(slub, cache, s, cpu, false);
			slub->stats.cpu_partial_node++;
			extra++;
		}
		if (partial_enough(slub, cache, extra, objects))
			break;
		s = next;
	}
	return taken;
}

/*
 * get_any_partial(): other nodes are asked in 1001 of 1024 cases
 * (remote_node_defrag_ratio 1000), nearest first by number, and give only what
 * they have above min_partial.
 */
static uint32_t partial_take_any(struct slub *slub, struct slub_cache *cache,
				 unsigned int local, unsigned int cpu)
{
	enum { DEFRAG_RATIO = 1000 };
	uint32_t nodes = slub->config.nodes;

	if (nodes < 2)
		return SLUB_NONE;
	slub->random =
	    slub->random * 6364136223846793005ull + 1442695040888963407ull;
	if ((slub->random >> 33) % 1024 > DEFRAG_RATIO)
		return SLUB_NONE;
	for (uint32_t i = 0; i < nodes; i++) {
		uint32_t node = (local + i) % nodes;

		if (cache->nodes[node].nr_partial > cache->params.min_partial)
			return partial_take_node(slub, cache, node, cpu);
	}
	return SLUB_NONE;
}

/* get_partial(): a slab off a node's list; others: of any node's then. */
static uint32_t partial_take(struct slub *slub, struct slub_cache *cache,
			     int node, bool others, unsigned int cpu)
{
	unsigned int local = slub->cpu_node[cpu];
	uint32_t s = partial_take_node(
	    slub, cache, node < 0 ? local : (unsigned int)node, cpu);

	return s != SLUB_NONE || !others
		   ? s
		   : partial_take_any(slub, cache, local, cpu);
}

/* One try of slub_cpu_slab_get(). */
static int slab_get(struct slub *slub, uint32_t number,
		    const struct slab_request *request, int node, bool others,
		    struct slub_got *got)
{
	got->slab = partial_take(slub, &slub->caches[number], node, others,
				 request->cpu);
	got->fresh = got->slab == SLUB_NONE;
	return got->fresh
		   ? slub_slab_new(slub, number, request, node, &got->slab)
		   : 0;
}

int slub_cpu_slab_get(struct slub *slub, uint32_t number,
		      const struct slab_request *request, int node,
		      struct slub_got *got)
{
	struct slab_request near = *request;
	bool prefers = node >= 0 && slub->config.env.variant >= VARIANT_6_12 &&
		       !(request->flags & PAGE_REQ_THISNODE);

	/* try_thisnode: pages of that node before slabs of another. */
	near.flags = PAGE_REQ_NONBLOCK | PAGE_REQ_THISNODE;
	if (prefers && !slab_get(slub, number, &near, node, false, got))
		return 0;
	return slab_get(slub, number, request, node, node < 0 || prefers, got);
}

/* All free objects of the slab become the CPU's (get_freelist()). */
void slub_cpu_load(struct slub *slub, struct slub_cpu *c, uint32_t s)
{
	struct slub_slab *slab = &slub->slabs[s];

	c->slab = s;
	c->free = (uint32_t)(slab->objects - slab->inuse);
	slab->inuse = slab->objects;
	slab->place = SLAB_CPU;
}

/* deactivate_slab(): the CPU gives its slab up, with what it did not use. */
static void cpu_slab_drop(struct slub *slub, struct slub_cache *cache,
			  struct slub_cpu *c, unsigned int cpu)
{
	uint32_t s = c->slab;
	struct slub_slab *slab = &slub->slabs[s];
	bool tail = slab->inuse < slab->objects;

	slab->inuse = (uint16_t)(slab->inuse - c->free);
	c->slab = SLUB_NONE;
	c->free = 0;
	slab->place = SLAB_FULL;
	slub->stats.node_mismatch++;
	if (!slab->inuse &&
	    cache->nodes[slab->node].nr_partial >= cache->params.min_partial)
		slub_slab_discard(slub, s, cpu);
	else if (slab->inuse < slab->objects)
		slub_node_add(slub, cache, s, tail);
}

/* ___slab_alloc(): leaves at least one object on c->freelist. */
int slub_cpu_refill(struct slub *slub, uint32_t number,
		    const struct slab_request *request, int node)
{
	struct slub_cache *cache = &slub->caches[number];
	struct slub_cpu *c = &cache->cpus[request->cpu];
	struct slub_got got;
	uint32_t s;
	int ret;

	slub->stats.alloc_slowpath++;
	for (;;) {
		if (c->slab == SLUB_NONE) {
			s = c->partial;
			if (s == SLUB_NONE)
				break;
			c->partial = slub->slabs[s].next;
			slub->slabs[s].place = SLAB_CPU;
			c->slab = s;
			c->free = 0;
			slub->stats.cpu_partial_alloc++;
		}
		if (node >= 0 && slub->slabs[c->slab].node != node) {
			cpu_slab_drop(slub, cache, c, request->cpu);
			continue;
		}
		if (c->free)
			return 0;
		if (slub->slabs[c->slab].inuse < slub->slabs[c->slab].objects) {
			slub_cpu_load(slub, c, c->slab);
			slub->stats.alloc_refill++;
			return 0;
		}
		slub->slabs[c->slab].place = SLAB_FULL;
		c->slab = SLUB_NONE;
	}
	ret = slub_cpu_slab_get(slub, number, request, node, &got);
	if (ret)
		return ret;
	if (got.fresh) {
		c->slab = got.slab;
		c->free = slub->slabs[got.slab].objects;
	} else {
		slub_cpu_load(slub, c, got.slab);
	}
	return 0;
}

/* __slab_free() of one object of a slab that is not this CPU's. */
void slub_cpu_free_remote(struct slub *slub, struct slub_cache *cache,
			  uint32_t s, unsigned int cpu)
{
	struct slub_slab *slab = &slub->slabs[s];

	assert(slab->inuse);
	slub->stats.free_slowpath++;
	slab->inuse--;
	if (slab->place == SLAB_FULL) {
		slub_cpu_partial_put(slub, cache, s, cpu, true);
		return;
	}
	if (slab->place == SLAB_NODE_PARTIAL && !slab->inuse &&
	    cache->nodes[slab->node].nr_partial >= cache->params.min_partial) {
		slub_node_remove(slub, cache, s);
		slub_slab_discard(slub, s, cpu);
	}
}
