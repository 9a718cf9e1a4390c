/*
 * pfn_table: one 32-bit value per page frame number, 0 where nothing was set.
 *
 * A tree of four levels, made as it is touched, so that memory follows the
 * pages that a trace names and not the size of the machine: 20 KiB for a wild
 * number, 4 bytes for each page of a crowded range. Numbers of 2^40 and above
 * (no machine has them) are refused.
 */
#ifndef REPLAY_PFN_TABLE_H
#define REPLAY_PFN_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "replay/memory.h"

enum {
	PFN_LEVEL_BITS = 10,
	PFN_FANOUT = 1 << PFN_LEVEL_BITS,
	PFN_BITS_MAX = 4 * PFN_LEVEL_BITS,
};

struct pfn_leaf {
	uint32_t values[PFN_FANOUT];
};

struct pfn_middle {
	struct pfn_leaf *leaves[PFN_FANOUT];
};

struct pfn_upper {
	struct pfn_middle *middles[PFN_FANOUT];
};

struct pfn_table {
	/* Private */
	struct memory memory;
	struct pfn_upper *uppers[PFN_FANOUT];
};

void pfn_table_init(struct pfn_table *table, const struct memory *memory);
void pfn_table_fini(struct pfn_table *table);

/* Sets the values of count frames from pfn on. ERR_NOMEM, ERR_LIMIT. */
MUST_CHECK int pfn_table_set(struct pfn_table *table, uint64_t pfn,
			     uint64_t count, uint32_t value);

static inline uint32_t pfn_table_get(const struct pfn_table *table,
				     uint64_t pfn)
{
	const struct pfn_upper *upper;
	const struct pfn_middle *middle;
	const struct pfn_leaf *leaf;

	if (pfn >> PFN_BITS_MAX)
		return 0;
	upper = table->uppers[pfn >> 3 * PFN_LEVEL_BITS];
	middle =
	    upper ? upper->middles[pfn >> 2 * PFN_LEVEL_BITS & (PFN_FANOUT - 1)]
		  : NULL;
	leaf = middle ? middle->leaves[pfn >> PFN_LEVEL_BITS & (PFN_FANOUT - 1)]
		      : NULL;
	return leaf ? leaf->values[pfn & (PFN_FANOUT - 1)] : 0;
}

#endif
