/*
 * replay_start_slabs: the slabs of a replay at its start.
 */
#ifndef REPLAY_REPLAY_START_SLABS_H
#define REPLAY_REPLAY_START_SLABS_H

#include "core/err.h"

struct replay;

/*
 * Makes the slab model and gives it, or the books, the slabs of before/.
 * *cold: why there are none, NULL if there are. Errors as replay_start() has
 * them.
 */
MUST_CHECK int replay_start_slabs(struct replay *replay, const char **cold,
				  struct err *err);

#endif
