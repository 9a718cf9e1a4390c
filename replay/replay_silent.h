/*
 * replay_silent: objects whose frees have no event, in the books of both modes
 * (silent_ends.h).
 */
#ifndef REPLAY_REPLAY_SILENT_H
#define REPLAY_REPLAY_SILENT_H

#include "core/err.h"
#include "core/event.h"

struct live;
struct replay;

/* The live entry of an event that creates an object was made. */
MUST_CHECK int replay_object_begin(struct replay *replay,
				   const struct kmem_event *ev);

/*
 * The free of a live object: end is called for it and for those that it shows
 * to be gone (silent_ends.h), but not for one that was taken to be gone before.
 */
void replay_object_end(struct replay *replay, const struct kmem_event *ev,
		       struct live *live,
		       void (*end)(struct replay *replay,
				   const struct kmem_event *ev,
				   struct live *live));

#endif
