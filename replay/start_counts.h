/*
 * start_counts: how the slabs of one cache stood at the start, in counts, and
 * what these come to in the slabs of another layout or allocator.
 *
 * Sources: /proc/slabinfo (mm/slab_common.c, get_slabinfo() of mm/slub.c and
 * mm/slab.c) and the table slab.tsv of a capture (/sys/kernel/slab), 5.15 to
 * 6.18.
 */
#ifndef REPLAY_START_COUNTS_H
#define REPLAY_START_COUNTS_H

#include <stdint.h>

#include "core/snapshot.h"
#include "replay/start_rules.h"

/* What a snapshot says of one cache. */
struct start_counts {
	uint64_t slabs;		  /* all */
	uint64_t node_partial;	  /* slabs on node partial lists */
	uint64_t objects_partial; /* objects in use in those */
	uint64_t cpu_slabs;	  /* slabs that CPUs allocate from */
	uint64_t cpu_partial;	  /* slabs on CPU partial lists */
	uint64_t free_slabs;	  /* slabs without an object in use */
	uint64_t cached; /* free objects of full slabs, in CPUs' arrays */
	uint32_t objs_per_slab;
	/* For what is not counted: kept and partial of them. */
	struct start_rules rules;
};

/*
 * How a cache's slabs stood, as far as slab.tsv tells; with slabinfo alone the
 * free objects that it counts lie on node partial lists (get_slabinfo()), in
 * slabs that count as half full. The rules are the usual ones.
 */
struct start_counts start_counts_of(const struct snapshot_cache *captured,
				    uint32_t objs_per_slab);

/*
 * Objects in use in a slab on a CPU partial list, which no file tells. These
 * lists drain to the node's, so their slabs usually count as full as those there;
 * where there are none, as half full, the kernel's own guess
 * (slub_set_cpu_partial()).
 */
uint32_t start_cpu_partial_fill(const struct start_counts *counts);

/* The same of a slab that a CPU allocates from: usually half of it. */
uint32_t start_cpu_slab_fill(const struct start_counts *counts);

/* Objects in use, as far as the counts tell; those cached are among them. */
uint64_t start_counts_objects(const struct start_counts *counts);

/* Slabs of caches of the same layout, on the same lists. */
void start_counts_add(struct start_counts *sum, const struct start_counts *more,
		      uint32_t cpus);

/* For SLAB: what CPUs of SLUB keep in slabs of theirs lies in arrays. */
void start_counts_pool(struct start_counts *counts);

/*
 * For SLAB from its own slabinfo. That tells which slabs are free, but not what
 * lies in arrays, which it takes for active: after each refill and each flush a
 * CPU's array holds about a batch.
 */
void start_counts_arrays(struct start_counts *counts,
			 const struct snapshot_cache *captured, uint32_t cpus);

/*
 * The same objects and, about, the same free slots in slabs of another layout:
 * partial slabs keep how full they are, the rest fills slabs.
 */
struct start_counts start_counts_scaled(struct start_counts counts,
					uint32_t objs_per_slab);

#endif
