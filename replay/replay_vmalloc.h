/*
 * replay_vmalloc: areas of address space in the engine.
 */
#ifndef REPLAY_REPLAY_VMALLOC_H
#define REPLAY_REPLAY_VMALLOC_H

#include <stdbool.h>

#include "core/err.h"
#include "core/event.h"
#include "core/result.h"
#include "replay/kmalloc.h"
#include "replay/replay_live.h"

struct replay;
struct replay_result;
struct replay_sample;

/* The recorded areas and, in model mode, the model's. ERR_NOMEM. */
MUST_CHECK int replay_vmalloc_make(struct replay *replay, struct err *err);

void replay_vmalloc_free(struct replay *replay);

/* One of the EV_VMAP_ kinds. ERR_NOMEM. */
MUST_CHECK int replay_vmap_event(struct replay *replay,
				 const struct kmem_event *ev);

/*
 * An area for a kmalloc that the setting vmalloc.above_kib sends there; false:
 * it does not, or there is no memory for it. choice: kmalloc's own.
 */
bool replay_vmalloc_alloc(struct replay *replay, const struct kmem_event *ev,
			  const struct kmalloc_choice *choice,
			  struct live *live);

/* The same for a request of kvmalloc() that kmalloc has no memory for. */
bool replay_vmalloc_fallback(struct replay *replay, const struct kmem_event *ev,
			     const struct kmalloc_choice *choice,
			     struct live *live);

/* The free of a live object of kind LIVE_VMALLOC. */
void replay_vmalloc_end(struct replay *replay, const struct kmem_event *ev,
			const struct live *live);

void replay_vmalloc_sample(const struct replay *replay,
			   struct replay_sample *sample);

void replay_vmalloc_result(const struct replay *replay,
			   struct replay_result *result);

/* 0 if all counters agree, else ERR_FORMAT. */
MUST_CHECK int replay_vmalloc_check(const struct replay *replay,
				    struct err *err);

#endif
