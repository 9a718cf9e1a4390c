/*
 * replay_waterfall: what is held, and for what, in the engine.
 */
#ifndef REPLAY_REPLAY_WATERFALL_H
#define REPLAY_REPLAY_WATERFALL_H

#include <stdint.h>

#include "core/err.h"
#include "core/result.h"
#include "replay/cache_table.h"

struct live;
struct replay;

/* What live objects of one kind cost; sums, bytes. */
struct live_bytes {
	uint64_t requested, rounding, padding;
};

/* The running sums of replay_waterfall.c. */
struct waterfall_books {
	struct live_bytes slab, large, area;
	/* Recorded mode: of all caches, as they were reckoned last; the first of
	 * those whose share changed since, + 1. */
	struct cache_share shares;
	uint32_t stale;
	struct replay_waterfall moments[WATERFALL_MOMENTS];
};

/*
 * An object of kind LIVE_SLAB, LIVE_LARGE or LIVE_VMALLOC comes or goes: all
 * sums of live bytes, those of its cache too. entry: replay_entry().
 */
void replay_live_add(struct replay *replay, const struct live *live,
		     struct cache_entry *entry);

void replay_live_remove(struct replay *replay, const struct live *live,
			struct cache_entry *entry);

/* Recorded mode: after the slabs or objects of a cache changed. */
void replay_share(struct replay *replay, struct cache_entry *entry);

/* Keeps what is held now as the steps of that moment. */
void replay_waterfall_take(struct replay *replay, enum waterfall_moment moment,
			   uint64_t ts_ns);

/* Counts all sums again. 0 if they agree, else ERR_FORMAT. */
MUST_CHECK int replay_waterfall_check(const struct replay *replay,
				      struct err *err);

#endif
