/*
 * pfn_table: one 32-bit value per page frame number, 0 where nothing was set.
 *
 * Two levels, the second made as it is touched, so that memory follows the
 * pages that a trace names and not the size of the machine. Numbers of 2^40
 * and above (no machine has them) are refused.
 */
#ifndef REPLAY_PFN_TABLE_H
#define REPLAY_PFN_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "replay/memory.h"

enum {
	PFN_CHUNK_SHIFT = 10,
	PFN_CHUNK = 1 << PFN_CHUNK_SHIFT,
	PFN_BITS_MAX = 40,
};

struct pfn_table {
	/* Private */
	struct memory memory;
	uint32_t **chunks;
	size_t chunk_cap;
};

void pfn_table_init(struct pfn_table *table, const struct memory *memory);
void pfn_table_fini(struct pfn_table *table);

/* Sets the values of count frames from pfn on. ERR_NOMEM, ERR_LIMIT. */
MUST_CHECK int pfn_table_set(struct pfn_table *table, uint64_t pfn,
			     uint64_t count, uint32_t value);

static inline uint32_t pfn_table_get(const struct pfn_table *table,
				     uint64_t pfn)
{
	uint64_t chunk = pfn >> PFN_CHUNK_SHIFT;

	if (chunk >= table->chunk_cap || !table->chunks[chunk])
		return 0;
	return table->chunks[chunk][pfn & (PFN_CHUNK - 1)];
}

#endif
