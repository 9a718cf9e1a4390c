/*
 * replay_gfp: what the flags of a request mean to a replay's models.
 *
 * It follows from the flags alone, and a trace has a few dozen of them, so it
 * is kept for those that were met last.
 */
#ifndef REPLAY_REPLAY_GFP_H
#define REPLAY_REPLAY_GFP_H

#include <stdbool.h>
#include <stdint.h>

#include "replay/page_alloc.h"

struct replay;

enum { REPLAY_GFP_BITS = 6, REPLAY_GFP_KEPT = 1 << REPLAY_GFP_BITS };

struct gfp_meaning {
	/* migratetype, zone and flags are set; the rest is each request's. */
	struct page_request pages;
	uint32_t slab_flags; /* slab_request.flags */
	/* Private */
	uint32_t gfp_flags;
	bool known;
};

/* Until the next call. replay->pages must be there. */
const struct gfp_meaning *replay_gfp(struct replay *replay, uint32_t gfp_flags);

#endif
