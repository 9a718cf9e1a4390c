/*
 * replay_spread: the replays behind an error bar (replay/start_spread.h), fed
 * beside those that were asked for.
 */
#ifndef CLI_REPLAY_SPREAD_H
#define CLI_REPLAY_SPREAD_H

#include <stddef.h>

#include "core/err.h"
#include "core/event.h"
#include "replay/replay.h"
#include "replay/start_spread.h"

/* One replay more, of a variant of the start. */
struct spread_run {
	const struct start_variant *variant;
	struct replay *replay;
	struct replay_sample last;
	bool sampled;
};

/* The error bar of one replay in the making. Zeroed at first. */
struct replay_spread {
	struct spread_run runs[START_VARIANTS];
	size_t count;
};

/* Makes the replays that differ from config's in one rule of the start. */
MUST_CHECK int replay_spread_create(struct replay_spread *spread,
				    const struct replay_config *config,
				    struct err *err);

MUST_CHECK int replay_spread_feed(struct replay_spread *spread,
				  const struct kmem_event *events, size_t count,
				  struct err *err);

/*
 * Ends them: the bar, from usual on, which is where the replay with the usual
 * rules ended. Nothing where no variant matters to it.
 */
MUST_CHECK int replay_spread_finish(struct replay_spread *spread,
				    const struct start_end *usual,
				    struct start_spread *bar, struct err *err);

void replay_spread_fini(struct replay_spread *spread);

#endif
