/*
 * fidelity: how far a replay ended from the machine that was recorded.
 *
 * Everything is a difference between what the kernel's own "after" snapshot
 * says and what the replay had when it passed that file's marker. Growth is
 * held against growth: a file of "before" and the replay's start need not
 * agree to the page.
 *
 * Glossary
 *   touched     a cache whose number of slabs differs between the snapshots,
 *               or between start and end of the replay
 *   exact       touched, and both differences are the same
 *   unchanged   what the score would be if nothing had happened since "before"
 */
#ifndef REPLAY_FIDELITY_H
#define REPLAY_FIDELITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/result.h"
#include "core/trace.h"
#include "replay/replay.h"

/* What one replay gave, and the trace it was fed from. */
struct fidelity_input {
	const struct trace *trace;
	const struct replay_result *result;
	const struct replay_notes *notes;
	const struct replay_cache_result *caches;
	size_t cache_count;
	const struct replay_zone *zones;
	size_t zone_count;
};

/* One cache. Slabs and objects, as growth between the snapshots. */
struct fidelity_cache {
	const char *name; /* until the trace's names grow */
	uint32_t order;	  /* of the replay's slabs */
	int64_t slabs_kernel, slabs_replay;
	/*
	 * Objects in use. slabinfo counts free objects of slabs that CPUs hold
	 * for themselves as in use, so these agree less well than slabs do.
	 */
	int64_t objects_kernel, objects_replay;
	int64_t pages_error; /* growth in pages, replay less kernel */
	bool touched;
};

/* Free blocks of one order, all zones: buddyinfo. */
struct fidelity_order {
	uint64_t before, kernel, replay; /* blocks */
	/* Unusable free space index, thousandths (mm/vmstat.c). */
	int unusable_before, unusable_kernel, unusable_replay;
};

/* Free pages of one zone: buddyinfo. */
struct fidelity_zone {
	const char *name; /* until the trace ends */
	int node;
	uint64_t before, kernel, replay;
};

/* Free pages of one migratetype, all zones: pagetypeinfo. */
struct fidelity_type {
	const char *name; /* until the trace ends */
	uint64_t before, kernel, replay;
};

struct fidelity {
	bool has_slabs, has_caches, has_free, has_types;
	/* Growth of slab pages: slabinfo; of SLOB kpageflags. */
	int64_t slab_pages_recorded_delta, slab_pages_delta;
	uint64_t slab_pages_recorded_end;
	/* Where another allocator was replayed has_caches is false. */
	struct fidelity_cache *caches; /* the largest error first */
	size_t cache_count;
	size_t caches_touched, caches_exact;
	uint64_t caches_error; /* sum of all |pages_error| */

	uint64_t free_kernel, free_replay; /* buddyinfo */
	double free_pages_error;	   /* |replay - kernel| / kernel */
	uint32_t order_count;
	struct fidelity_order orders[SNAPSHOT_ORDERS_MAX];
	/* Largest difference of the unusable index at any order, 0 to 1. */
	double unusable_index_max_error, unusable_index_max_unchanged;
	/* Sum over orders of |replay - kernel| in pages / free pages. */
	double free_blocks_error, free_blocks_unchanged;
	struct fidelity_zone *zones;
	size_t zone_count;
	struct fidelity_type types[SNAPSHOT_MIGRATETYPES_MAX];
	size_t type_count;

	/* Free pages of kpageflags at its own, later marker. */
	bool has_flags;
	uint64_t flags_kernel, flags_replay;

	/* How much of the trace could be told, each 0 to 1. */
	double coverage; /* allocations from a known cache / allocations */
	/* Shares of the frees of objects, of the whole trace. */
	double unknown_frees, hidden_allocs, implicit_frees;
	uint64_t duplicates; /* large kmallocs traced twice */
	/* What could not be compared and why, "" if everything could be. */
	char missing[1400];
};

/*
 * Whether the snapshots allow a comparison, before anything is replayed.
 * ERR_MISSING: one of the two is not there, or they have nothing in common.
 * ERR_FORMAT: they contradict each other or are of different machines.
 */
MUST_CHECK int fidelity_possible(const struct trace *trace, struct err *err);

/*
 * Compares; fidelity_possible() has said yes. fidelity_fini() frees what is in
 * the result, which is set on success only. ERR_NOMEM.
 */
MUST_CHECK int fidelity_compute(struct fidelity *fidelity,
				const struct fidelity_input *input,
				struct err *err);
void fidelity_fini(struct fidelity *fidelity);

#endif
