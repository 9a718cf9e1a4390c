/*
 * stat_addresses: the rows of stat per address (stat.h). Private to stat.c.
 */
#ifndef ANALYSIS_STAT_ADDRESSES_H
#define ANALYSIS_STAT_ADDRESSES_H

#include "analysis/number_index.h"
#include "analysis/stat.h"

struct stat_addresses {
	struct stat_row *rows; /* in order of first appearance */
	size_t count;
	/* Private */
	size_t cap;
	struct number_index index;
};

/*
 * The number of the row of an address, made if there is none, with made as its
 * sum. Objects have one row per address, page blocks one per kind of block.
 */
MUST_CHECK int stat_addresses_find(struct stat_addresses *addresses,
				   uint64_t addr,
				   const struct site_summary *made,
				   uint32_t *number);

void stat_addresses_fini(struct stat_addresses *addresses);

#endif
