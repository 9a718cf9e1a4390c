/*
 * stat_view: tables and totals out of the rows of stat.
 *
 * Works on struct site_summary from a stat_sink or from the database alike, so
 * both give the same numbers. Sort keys are those of perf kmem stat
 * (tools/perf/builtin-kmem.c, kernel 6.1), and waste; the largest comes first.
 */
#ifndef ANALYSIS_STAT_VIEW_H
#define ANALYSIS_STAT_VIEW_H

#include "analysis/stat.h"
#include "core/snapshot.h"

/* Kinds of table: of slab objects, of pages (or of both), by context. */
bool stat_table_objects(enum stat_table table);
bool stat_table_pages(enum stat_table table);
bool stat_table_context(enum stat_table table);

/* True if the row is one that the table counts. */
bool stat_row_fits(enum stat_table table, const struct site_summary *row);

/*
 * Folds the rows of a table (not STAT_ALLOC and STAT_PFN, whose rows come from
 * stat_addresses()). Rows of the recorder itself count only with self. Peaks
 * are kept where they add up: by call site and by page row; elsewhere 0, until
 * stat_attach(). A folded row whose rows differ in a field has 0 there. The
 * caller frees *rows.
 */
MUST_CHECK int stat_fold(const struct site_summary *sites, size_t site_count,
			 enum stat_table table, bool self,
			 struct stat_row **rows, size_t *count);

/* Copies the rows of one kind of address. The caller frees *rows. */
MUST_CHECK int stat_pick(const struct stat_row *addresses, size_t address_count,
			 enum stat_table table, bool self,
			 struct stat_row **rows, size_t *count);

enum { STAT_SORT_MAX = 8 };

/* An order of rows; key numbers are private. */
struct stat_sort {
	unsigned int keys[STAT_SORT_MAX], count;
};

/* "waste,bytes,hit"; ERR_USAGE, with the keys that there are. */
MUST_CHECK int stat_sort_parse(const char *text, enum stat_table table,
			       struct stat_sort *sort, struct err *err);

/* True if the order can only be told with details. */
bool stat_sort_details(const struct stat_sort *sort);

/* The order where none is asked for, with details or without. */
const char *stat_sort_default(enum stat_table table, bool detail);

/* Rows that tie in every key are ordered by address, smallest first. */
void stat_sort_rows(struct stat_row *rows, size_t count,
		    const struct stat_sort *sort);

/* Bytes allocated beyond what was asked for: bytes_alloc - bytes_req. */
int64_t stat_waste(const struct site_summary *sum);

/* perf's fragmentation(): 100 - 100 * bytes_req / bytes_alloc, per cent. */
double stat_fragmentation(uint64_t bytes_req, uint64_t bytes_alloc);

/* Live at the end: of a line of both, its pages too. */
uint64_t stat_live_bytes(const struct stat_row *row);

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

void stat_sum(const struct site_summary *sites, size_t site_count, bool self,
	      uint32_t page_size, struct stat_totals *totals);

#endif
