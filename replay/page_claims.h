/*
 * page_claims: which pages that were in use at the start nobody owns yet.
 *
 * A snapshot tells which pages were in use, not by whom. Whoever learns of one
 * from the trace claims it, once, and may then free it.
 */
#ifndef REPLAY_PAGE_CLAIMS_H
#define REPLAY_PAGE_CLAIMS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/snapshot.h"
#include "replay/memory.h"
#include "replay/page_alloc.h"

struct page_claims {
	/* Private */
	struct memory memory;
	uint64_t base_pfn, end_pfn;
	/* One bit per frame: free at the start, or claimed since. */
	uint64_t *gone;
	/* One bit per frame: put on a per-CPU list without being known there. */
	uint64_t *listed;
	/* No block of that order ends above that has only start pages. */
	uint64_t other_end[PAGE_ORDERS];
};

/* All pages of the snapshot's zones are in use. ERR_NOMEM. */
MUST_CHECK int page_claims_init(struct page_claims *claims,
				const struct snapshot *snapshot,
				const struct memory *memory);
/* A zeroed struct with its memory set is a valid empty one. */
void page_claims_fini(struct page_claims *claims);

/* These pages, as far as they are of a zone, were free. */
void page_claims_free(struct page_claims *claims, uint64_t pfn, uint64_t count);

/* True, once, if all pages of the block were in use at the start. */
bool page_claims_take(struct page_claims *claims, uint64_t pfn,
		      unsigned int order);

/* The same of one page, which goes on a per-CPU list where no one knows it. */
bool page_claims_take_listed(struct page_claims *claims, uint64_t pfn);

/*
 * For a block that cannot be taken because some of its pages were taken for
 * lists, although the trace shows that they were in use: takes as many pages
 * that nobody asked for, *other, so that the sums stay right. False if no page
 * of the block is listed, or there is no such block.
 */
bool page_claims_take_other(struct page_claims *claims, uint64_t pfn,
			    unsigned int order, uint64_t *other);

#endif
