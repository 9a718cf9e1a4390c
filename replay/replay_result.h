/*
 * replay_result: the counters of a replay that is over, as its result.
 */
#ifndef REPLAY_REPLAY_RESULT_H
#define REPLAY_REPLAY_RESULT_H

#include "core/err.h"
#include "replay/replay.h"

/* Once, at the end: completes result, notes and costs. */
void replay_result_complete(struct replay *replay);

/* Hands the rows of caches to sink->cache. Returns what it returned. */
MUST_CHECK int replay_caches_emit(const struct replay *replay,
				  const struct replay_sink *sink);

#endif
