/*
 * start_slabs: the slabs that were there before a replay, in a slab model, and
 * which recorded slab each of them stands for.
 *
 * A snapshot tells how many slabs a cache has and how full they are together,
 * not where each lies. So a recorded slab is bound to a slab of the start
 * when the first event in it is seen: to a full one if that is a free, to one
 * with free objects if it is an allocation.
 */
#ifndef REPLAY_START_SLABS_H
#define REPLAY_START_SLABS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "core/err.h"
#include "replay/memory.h"
#include "replay/slab_model.h"
#include "replay/start_counts.h"

#define START_SLAB_NONE UINT32_MAX

struct start_slab {
	uint64_t handle;
	uint32_t left; /* objects of the start not yet freed */
};

/* The slabs of one cache are neighbours: the known ones, then the fullest. */
struct start_cache {
	uint32_t first, count, known;
	uint32_t front, back; /* not yet bound: from front up to back - 1 */
	/* So many slabs, beginning behind the known ones, are out of objects. */
	uint32_t spent;
};

/* Free slots of the start, by what tells that they were free. */
struct start_shares {
	uint64_t slabs, slabs_known; /* all; those that the trace reveals */
	uint64_t slots_revealed;     /* by the trace */
	uint64_t slots_counted;	     /* by the snapshot's counts */
	uint64_t slots_guessed;	     /* by a rule: what CPUs keep */
};

struct start_slabs {
	struct start_shares shares;
	/* Private */
	struct memory memory;
	struct start_slab *slabs;
	size_t count, cap;
	struct start_cache *caches; /* by the model's cache id */
	size_t cache_cap;
};

/* A slab that a trace reveals (start_reveals.h). */
struct start_known {
	uint64_t pfn; /* SLAB_PFN_UNKNOWN if its pages are not to be had */
	uint32_t inuse;
	bool given;   /* an object was allocated from it; the first one first */
	uint16_t cpu; /* by which CPU */
	uint16_t node; /* of its pages */
	uint32_t slab; /* out: which slab of the start it is */
};

/* The machine, and what is known of slabs one by one. */
struct start_layout {
	uint32_t cpus, nodes;
	const uint16_t *cpu_node; /* cpus elements, or NULL: all on node 0 */
	struct start_known *known;
	size_t known_count;
	/*
	 * The trace was searched: a CPU slab that it does not reveal had no
	 * free object. Else CPU slabs count as half full.
	 */
	bool searched;
};

void start_slabs_init(struct start_slabs *starts, const struct memory *memory);

void start_slabs_fini(struct start_slabs *starts);

/*
 * Makes the slabs of one cache in the model. Counts that contradict each other
 * are cut to the number of slabs; known slabs for which the counts have no
 * place are full.
 *
 * Of the known slabs the first one that a CPU allocated from is its CPU slab,
 * the next ones are on CPU partial lists, then on the node's, as long as there
 * are such slabs. ERR_NOMEM, and what the model says.
 */
MUST_CHECK int start_slabs_add(struct start_slabs *starts,
			       struct slab_model *model, uint32_t cache,
			       const struct start_counts *counts,
			       const struct start_layout *layout);

/*
 * Binds a slab of the cache that is not yet bound; for_free: one that is full
 * rather than one with free objects. START_SLAB_NONE if there is none left.
 */
uint32_t start_slabs_bind(struct start_slabs *starts, uint32_t cache,
			  bool for_free);

/*
 * The handle of a start object to free: of that slab, or of another of the
 * cache if it has none left. False if the cache has none at all.
 */
bool start_slabs_take(struct start_slabs *starts, uint32_t cache, uint32_t slab,
		      uint64_t *handle);

/*
 * The handle of a slab by the number that bind returned; false if none of its
 * start objects is left: then the slab may be gone.
 */
bool start_slabs_holds(const struct start_slabs *starts, uint32_t slab,
		       uint64_t *handle);

#endif
