/*
 * replay_slab_model: the slab model that a replay asks for, and its rules of
 * kmalloc.
 */
#ifndef REPLAY_REPLAY_SLAB_MODEL_H
#define REPLAY_REPLAY_SLAB_MODEL_H

#include "core/capture_info.h"
#include "core/err.h"
#include "replay/kmalloc.h"

struct replay;

/* The slab models: name, allocator, function that makes it. */
#define SLAB_MODEL_TABLE(X)                                                    \
	X("slub", SLAB_KIND_SLUB, slub_make)                                   \
	X("slab", SLAB_KIND_SLAB, slab_make)                                   \
	X("slob", SLAB_KIND_SLOB, replay_slob_make)

/*
 * Makes replay->rules, *rules (those of the model, which in recorded mode are
 * the same) and replay->slab, NULL in recorded mode. ERR_USAGE: a setting does
 * not fit; else what kmalloc_rules_init() and the model say.
 */
MUST_CHECK int replay_slab_model_make(struct replay *replay,
				      struct kmalloc_rules *rules,
				      struct err *err);

#endif
