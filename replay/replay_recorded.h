/*
 * replay_recorded: recorded mode: nothing is decided, everything is entered.
 *
 * Slabs come and go with page events that linking found to back slabs; the
 * cache of a slab is the one that page event names, else that of the first
 * object seen in it.
 */
#ifndef REPLAY_REPLAY_RECORDED_H
#define REPLAY_REPLAY_RECORDED_H

#include "replay/replay_state.h"

/* ERR_NOMEM. */
extern const struct replay_mode replay_recorded_mode;

#endif
