/*
 * freed_addresses: which addresses of a page were freed in the trace, for
 * pages that hold objects from before it. A second free of such an address
 * shows an allocation that had no event.
 *
 * One bit per granule (the least alignment of an object): 64 bytes for a page
 * of 4 KiB.
 */
#ifndef PARSER_FREED_ADDRESSES_H
#define PARSER_FREED_ADDRESSES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

struct freed_addresses {
	/* Private */
	uint64_t *words;
	uint32_t count, cap; /* pages */
	uint32_t words_per_page;
	unsigned int page_shift, granule_shift;
};

/* Page and granule sizes as shifts; granule below page. Needs no memory. */
void freed_addresses_init(struct freed_addresses *freed,
			  unsigned int page_shift, unsigned int granule_shift);
void freed_addresses_fini(struct freed_addresses *freed);

/* Forgets everything but keeps the memory. */
void freed_addresses_clear(struct freed_addresses *freed);

/* Room for one more page: its number, from 0 upward. ERR_NOMEM, ERR_LIMIT. */
MUST_CHECK int freed_addresses_add(struct freed_addresses *freed,
				   uint32_t *page);

/* Marks the address in that page; true if it was marked before. */
bool freed_addresses_mark(struct freed_addresses *freed, uint32_t page,
			  uint64_t addr);

#endif
