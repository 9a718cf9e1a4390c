/*
 * replay_model: model mode: the trace says who asks for what, the models say
 * where it goes.
 *
 * Page events that back slabs or large kmallocs are the recorded allocator's
 * own affair and are left out; the models ask for such pages themselves.
 */
#ifndef REPLAY_REPLAY_MODEL_H
#define REPLAY_REPLAY_MODEL_H

#include "replay/replay_state.h"

/*
 * A request that the model cannot serve is counted and no error. ERR_NOMEM: for
 * the engine's own books.
 */
extern const struct replay_mode replay_model_mode;

#endif
