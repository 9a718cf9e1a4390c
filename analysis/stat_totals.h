/*
 * stat_totals: what all rows of stat sum up to.
 */
#ifndef ANALYSIS_STAT_TOTALS_H
#define ANALYSIS_STAT_TOTALS_H

#include "core/result.h"
#include "core/snapshot.h"

/* What one kind of memory sums up to. */
struct stat_sums {
	uint64_t allocs, failed;
	uint64_t bytes_req, bytes_alloc, bytes_failed;
	uint64_t frees, bytes_req_freed, bytes_alloc_freed; /* of the allocs */
	uint64_t free_events; /* traced, unknown objects included */
	uint64_t implicit_frees, cross_cpu_frees, cross_node_allocs;
	uint64_t duplicates, null_frees;
	/* Frees of objects that the trace did not see allocated. */
	uint64_t unknown_frees, bytes_unknown;
};

struct stat_totals {
	struct stat_sums slab, page;
	struct stat_sums backing[SITE_BACKS_LARGE + 1]; /* parts of page */
	struct stat_sums self_slab, self_page;		/* left out of them */
	/* Page allocations; the last migratetype also holds all beyond it. */
	uint64_t orders[SNAPSHOT_ORDERS_MAX][SNAPSHOT_MIGRATETYPES_MAX];
	unsigned int order_max, migratetype_max; /* the largest seen */
};

/*
 * Sums up rows; those of the recorder itself in parts of their own, unless self
 * is set. page_size in bytes.
 */
void stat_totals_make(struct stat_totals *totals,
		      const struct site_summary *sites, size_t site_count,
		      bool self, uint32_t page_size);

#endif
