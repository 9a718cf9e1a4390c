/*
 * replay_start: models and books in the state before the first event.
 */
#ifndef REPLAY_REPLAY_START_H
#define REPLAY_REPLAY_START_H

#include "core/err.h"

struct replay;

MUST_CHECK int replay_start(struct replay *replay, struct err *err);

#endif
