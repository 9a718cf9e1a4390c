/*
 * page_pcp_start: the pages that per-CPU lists hold at the start.
 *
 * zoneinfo counts them, list by list; which pages they are, a trace may reveal
 * (core/reveals.h). As far as it does not, start pages that nobody owns stand
 * for them, from the end of each zone that the rules name.
 */
#ifndef REPLAY_PAGE_PCP_START_H
#define REPLAY_PAGE_PCP_START_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/reveals.h"
#include "core/snapshot.h"
#include "replay/page_alloc.h"
#include "replay/page_claims.h"
#include "replay/start_rules.h"

struct page_pcp_start {
	struct page_alloc *pa;	    /* with the snapshot's free blocks */
	struct page_claims *claims; /* of the same */
	const struct snapshot *snapshot;
	const struct reveal_listed *reveals; /* in their order of events */
	size_t reveal_count;
	uint32_t cpus; /* lists of others are left out */
	struct start_rules rules;
};

/* Once. *revealed: how many pages the trace reveals. ERR_NOMEM. */
MUST_CHECK int page_pcp_start_fill(const struct page_pcp_start *start,
				   uint64_t *revealed);

#endif
