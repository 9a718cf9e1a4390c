/*
 * stat_view: the lines of a table out of the rows of stat.
 *
 * Works on struct site_summary from a stat_sink or from the database alike, so
 * both give the same numbers.
 */
#ifndef ANALYSIS_STAT_VIEW_H
#define ANALYSIS_STAT_VIEW_H

#include "analysis/stat.h"

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

/* Bytes allocated beyond what was asked for: bytes_alloc - bytes_req. */
int64_t stat_waste(const struct site_summary *sum);

/* perf's fragmentation(): 100 - 100 * bytes_req / bytes_alloc, per cent. */
double stat_fragmentation(uint64_t bytes_req, uint64_t bytes_alloc);

/* Live at the end: of a line of both, its pages too. */
uint64_t stat_live_bytes(const struct stat_row *row);

/* "direct", "slab" or "large": what pages are used for. */
const char *stat_use_text(uint8_t backing);

#endif
