/*
 * page_deal: the free blocks of a zone at the start, put on their lists.
 *
 * kpageflags has their places and pagetypeinfo counts by type and order how many
 * there are; which block is of which type, and in which order lists are, a
 * trace may reveal (block_reveals.h). What it leaves open is dealt out by rule.
 */
#ifndef REPLAY_PAGE_DEAL_H
#define REPLAY_PAGE_DEAL_H

#include "core/err.h"
#include "core/snapshot.h"
#include "core/block_reveals.h"
#include "replay/memory.h"
#include "replay/page_alloc.h"
#include "replay/start_rules.h"

struct page_deal {
	struct page_alloc *pa; /* all frames of the zone in use */
	const struct snapshot *snapshot;
	const struct snapshot_zone *zone; /* one of the snapshot's */
	struct start_rules rules;
	const struct block_reveals *reveals; /* of the snapshot; or NULL */
	struct memory memory;
};

/* ERR_NOMEM; ERR_USAGE if a block does not fit the zone. */
MUST_CHECK int page_deal_zone(const struct page_deal *deal);

#endif
