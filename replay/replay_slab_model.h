/*
 * replay_slab_model: the slab model that a replay asks for, and its rules of
 * kmalloc.
 */
#ifndef REPLAY_REPLAY_SLAB_MODEL_H
#define REPLAY_REPLAY_SLAB_MODEL_H

#include "core/err.h"
#include "replay/kmalloc.h"

struct replay;

/*
 * Makes replay->rules, *rules (those of the model, which in recorded mode are
 * the same) and replay->slab, NULL in recorded mode. ERR_USAGE: a setting does
 * not fit; else what kmalloc_rules_init() and the model say.
 */
MUST_CHECK int replay_slab_model_make(struct replay *replay,
				      struct kmalloc_rules *rules,
				      struct err *err);

#endif
