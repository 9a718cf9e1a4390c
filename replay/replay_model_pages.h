/*
 * replay_model_pages: pages in model mode.
 */
#ifndef REPLAY_REPLAY_MODEL_PAGES_H
#define REPLAY_REPLAY_MODEL_PAGES_H

#include "core/err.h"
#include "core/event.h"
#include "replay/page_alloc.h"

struct replay;

/* What an event asks of the page model, for a block of that order. */
void replay_page_request(struct replay *replay, const struct kmem_event *ev,
			 unsigned int order, struct page_request *request);

/* EV_PAGE_ALLOC or EV_PAGE_FREE. ERR_NOMEM. */
MUST_CHECK int replay_model_page_event(struct replay *replay,
				       const struct kmem_event *ev);

#endif
