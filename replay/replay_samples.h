/*
 * replay_samples: the state of a replay, sampled on a grid of time and at the
 * peak of its slab pages.
 */
#ifndef REPLAY_REPLAY_SAMPLES_H
#define REPLAY_REPLAY_SAMPLES_H

#include <stdint.h>

#include "core/err.h"
#include "replay/replay.h"

/* Free pages of the moment. */
uint64_t replay_free_pages(const struct replay *replay);

/* Takes a sample if one is due before the event of that time. ERR_NOMEM. */
MUST_CHECK int replay_samples_before(struct replay *replay, uint64_t ts_ns);

/*
 * After each event that changed what is held (replay->held_more, or the slab
 * pages): keeps the state of the moment at which it was most.
 */
void replay_peak_watch(struct replay *replay, uint64_t ts_ns);

/* Takes the last one, of the end. ERR_NOMEM. */
MUST_CHECK int replay_samples_end(struct replay *replay);

/*
 * Hands all rows to sink->sample and sink->cache_sample. Returns what they
 * returned.
 */
MUST_CHECK int replay_samples_emit(const struct replay *replay,
				   const struct replay_sink *sink);

#endif
