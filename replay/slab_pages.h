/*
 * slab_pages: which cache's slab each page of the recorded kernel is.
 *
 * Page events say that a block holds slab objects; only the objects say of
 * which cache. A slab from before the trace is known from the first object
 * event in it.
 */
#ifndef REPLAY_SLAB_PAGES_H
#define REPLAY_SLAB_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "replay/memory.h"
#include "replay/numbers.h"
#include "replay/pfn_table.h"

#define SLAB_PAGES_NONE UINT32_MAX

struct slab_page {
	uint64_t pfn;	/* first page */
	uint32_t cache; /* index in the cache table, SLAB_PAGES_NONE: unknown */
	uint32_t start; /* slab of the start it stands for, or NONE */
	uint8_t order;
	bool old; /* from before the trace */
};

struct slab_pages {
	/* Private */
	struct pfn_table table; /* record number + 1 */
	struct memory memory;
	struct slab_page *records;
	struct numbers numbers; /* of records */
};

void slab_pages_init(struct slab_pages *pages, const struct memory *memory);
void slab_pages_fini(struct slab_pages *pages);

/* The slab that holds the page, until the next add; NULL if none is known. */
static inline struct slab_page *slab_pages_find(const struct slab_pages *pages,
						uint64_t pfn)
{
	uint32_t record = pfn_table_get(&pages->table, pfn);

	return record ? &pages->records[record - 1] : NULL;
}

/* True if a block at pfn can be entered: no machine has pages beyond. */
static inline bool slab_pages_fit(uint64_t pfn)
{
	return !(pfn >> (PFN_BITS_MAX - 1));
}

/*
 * A block became a slab; what was known of its pages before is forgotten.
 * ERR_LIMIT: no machine has that pfn; ERR_NOMEM.
 */
MUST_CHECK int slab_pages_add(struct slab_pages *pages, uint64_t pfn,
			      unsigned int order, bool old,
			      struct slab_page **slab);

/* The slab is gone. ERR_NOMEM. */
MUST_CHECK int slab_pages_remove(struct slab_pages *pages,
				 struct slab_page *slab);

#endif
