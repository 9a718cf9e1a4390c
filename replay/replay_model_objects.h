/*
 * replay_model_objects: objects in model mode, and the large kmallocs and areas
 * that take their place.
 */
#ifndef REPLAY_REPLAY_MODEL_OBJECTS_H
#define REPLAY_REPLAY_MODEL_OBJECTS_H

#include "core/err.h"
#include "core/event.h"

struct replay;

/*
 * event_creates(ev). ERR_NOMEM: of the books; what the model refuses is
 * counted.
 */
MUST_CHECK int replay_model_object_alloc(struct replay *replay,
					 const struct kmem_event *ev);

/* event_ends(ev). ERR_NOMEM. */
MUST_CHECK int replay_model_object_free(struct replay *replay,
					const struct kmem_event *ev);

/*
 * The recorded page of a slab of the start is freed: what no event freed in it
 * until now died without one (kfree_rcu() of before the trace).
 */
void replay_model_slab_end(struct replay *replay, const struct kmem_event *ev);

#endif
