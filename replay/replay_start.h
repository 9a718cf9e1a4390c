/*
 * replay_start: models and books in the state before the first event.
 */
#ifndef REPLAY_REPLAY_START_H
#define REPLAY_REPLAY_START_H

#include "core/err.h"

struct replay;

/*
 * After the configuration. ERR_FORMAT: a snapshot that no machine has;
 * ERR_USAGE, ERR_UNSUPPORTED: a setting; ERR_LIMIT, ERR_NOMEM.
 */
MUST_CHECK int replay_start(struct replay *replay, struct err *err);

#endif
