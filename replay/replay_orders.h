/*
 * replay_orders: the watch of orders in the engine: which would fail, and when.
 */
#ifndef REPLAY_REPLAY_ORDERS_H
#define REPLAY_REPLAY_ORDERS_H

#include "core/err.h"
#include "core/event.h"

struct replay;

/* If config.watch_orders asks for it and the zones are known. ERR_NOMEM. */
MUST_CHECK int replay_orders_make(struct replay *replay);

void replay_orders_free(struct replay *replay);

/*
 * An event inside the window of pages, after the mode's file had it.
 * ERR_NOMEM.
 */
MUST_CHECK int replay_orders_event(struct replay *replay,
				   const struct kmem_event *ev);

/* The window of pages is over. */
void replay_orders_end(struct replay *replay);

#endif
