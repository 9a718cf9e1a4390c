#include "replay/start_counts.h"

struct start_counts start_counts_of(const struct snapshot_cache *c,
				    uint32_t objs_per_slab)
{
	struct start_counts counts = {.slabs = c->num_slabs,
				      .objs_per_slab = objs_per_slab};
	uint64_t free_objects =
	    c->num_objs > c->active_objs ? c->num_objs - c->active_objs : 0;

	if (c->partial != UINT64_MAX && c->objects_partial != UINT64_MAX) {
		counts.node_partial = c->partial;
		counts.objects_partial = c->objects_partial;
	} else if (c->num_objs != UINT64_MAX && c->active_objs != UINT64_MAX) {
		counts.node_partial =
		    (2 * free_objects + objs_per_slab - 1) / objs_per_slab;
		counts.objects_partial =
		    counts.node_partial * objs_per_slab - free_objects;
	}
	if (c->slabs_cpu_partial != UINT64_MAX)
		counts.cpu_partial = c->slabs_cpu_partial;
	if (c->cpu_slabs != UINT64_MAX && c->cpu_slabs > counts.cpu_partial)
		counts.cpu_slabs = c->cpu_slabs - counts.cpu_partial;
	return counts;
}

uint32_t start_cpu_slab_fill(const struct start_counts *counts)
{
	switch (counts->rules.kept) {
	case START_KEPT_LEAST:
		return counts->objs_per_slab;
	case START_KEPT_MOST:
		return 0;
	default:
		return counts->objs_per_slab / 2;
	}
}

uint32_t start_cpu_partial_fill(const struct start_counts *counts)
{
	if (counts->rules.kept == START_KEPT_LEAST)
		return counts->objs_per_slab - 1;
	if (counts->rules.kept == START_KEPT_MOST)
		return 0;
	if (!counts->node_partial)
		return counts->objs_per_slab / 2;
	return (uint32_t)(counts->objects_partial / counts->node_partial);
}

uint64_t start_counts_objects(const struct start_counts *counts)
{
	uint64_t objs = counts->objs_per_slab;
	uint64_t apart =
	    counts->node_partial + counts->cpu_slabs + counts->cpu_partial;
	uint64_t full = counts->slabs > apart ? counts->slabs - apart : 0;

	return full * objs + counts->objects_partial +
	       counts->cpu_slabs * start_cpu_slab_fill(counts) +
	       counts->cpu_partial * start_cpu_partial_fill(counts);
}

void start_counts_add(struct start_counts *sum, const struct start_counts *more,
		      uint32_t cpus)
{
	sum->slabs += more->slabs;
	sum->node_partial += more->node_partial;
	sum->objects_partial += more->objects_partial;
	sum->cpu_slabs += more->cpu_slabs;
	sum->cpu_partial += more->cpu_partial;
	/* A CPU allocates from one slab; the others are its partial ones. */
	if (sum->cpu_slabs > cpus) {
		sum->cpu_partial += sum->cpu_slabs - cpus;
		sum->cpu_slabs = cpus;
	}
}

void start_counts_pool(struct start_counts *counts)
{
	uint32_t objs = counts->objs_per_slab;

	counts->cached =
	    counts->cpu_slabs * (objs - start_cpu_slab_fill(counts)) +
	    counts->cpu_partial * (objs - start_cpu_partial_fill(counts));
	counts->cpu_slabs = counts->cpu_partial = 0;
}

void start_counts_arrays(struct start_counts *counts,
			 const struct snapshot_cache *c, uint32_t cpus)
{
	uint32_t objs = counts->objs_per_slab;
	uint64_t in_free, free_objects;

	counts->cached =
	    start_rules_kept(&counts->rules, c->batchcount, c->limit) * cpus;
	if (c->active_slabs > c->num_slabs || c->active_objs > c->num_objs ||
	    c->num_objs == UINT64_MAX)
		return;
	counts->free_slabs = c->num_slabs - c->active_slabs;
	in_free = counts->free_slabs * objs;
	free_objects = c->num_objs - c->active_objs;
	free_objects = free_objects > in_free ? free_objects - in_free : 0;
	counts->node_partial = (2 * free_objects + objs - 1) / objs;
	counts->objects_partial = counts->node_partial * objs - free_objects;
}

/* How many slabs of "other" objects have the room of slabs of "objs". */
static uint64_t slabs_scaled(uint64_t slabs, uint32_t objs, uint32_t other)
{
	return (slabs * objs + other / 2) / other;
}

struct start_counts start_counts_scaled(struct start_counts counts,
					uint32_t objs_per_slab)
{
	uint32_t objs = counts.objs_per_slab;
	struct start_counts scaled = {
	    .node_partial =
		slabs_scaled(counts.node_partial, objs, objs_per_slab),
	    .cpu_slabs = counts.cpu_slabs,
	    .cached = counts.cached,
	    .cpu_partial =
		slabs_scaled(counts.cpu_partial, objs, objs_per_slab),
	    .objs_per_slab = objs_per_slab,
	    .rules = counts.rules,
	};
	uint64_t apart =
	    counts.node_partial + counts.cpu_slabs + counts.cpu_partial;
	uint64_t full = counts.slabs > apart ? counts.slabs - apart : 0;
	uint64_t in_use = full * objs +
			  counts.cpu_slabs * start_cpu_slab_fill(&counts) +
			  counts.cpu_partial * start_cpu_partial_fill(&counts);
	uint64_t half;

	scaled.objects_partial = counts.objects_partial;
	if (scaled.objects_partial > scaled.node_partial * objs_per_slab)
		scaled.node_partial =
		    (scaled.objects_partial + objs_per_slab - 1) /
		    objs_per_slab;
	half = scaled.cpu_slabs * start_cpu_slab_fill(&scaled) +
	       scaled.cpu_partial * start_cpu_partial_fill(&scaled);
	full = in_use > half
		   ? (in_use - half + objs_per_slab - 1) / objs_per_slab
		   : 0;
	scaled.slabs =
	    full + scaled.node_partial + scaled.cpu_slabs + scaled.cpu_partial;
	return scaled;
}
