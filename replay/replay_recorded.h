/*
 * replay_recorded: recorded mode: nothing is decided, everything is entered.
 *
 * Slabs come and go with page events that linking found to back slabs; the
 * cache of a slab is the one that page event names, else that of the first
 * object seen in it.
 */
#ifndef REPLAY_REPLAY_RECORDED_H
#define REPLAY_REPLAY_RECORDED_H

#include "core/err.h"
#include "core/event.h"

struct replay;

/* An event of any kind, inside the window or before it. ERR_NOMEM. */
MUST_CHECK int replay_recorded_event(struct replay *replay,
				     const struct kmem_event *ev);

#endif
