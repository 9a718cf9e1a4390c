/*
 * replay_own_caches: caches that only a setting makes: more kmalloc classes
 * (kmalloc.classes) and caches for single call sites (cache.at).
 */
#ifndef REPLAY_REPLAY_OWN_CACHES_H
#define REPLAY_REPLAY_OWN_CACHES_H

#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "replay/kmalloc.h"

struct replay;

/* A cache that the setting cache.at gives to a call site. */
struct own_cache {
	uint64_t start, end; /* addresses of the call site */
	uint32_t bytes;
	uint32_t entry; /* of the cache table */
};

/* Adds the classes of kmalloc.classes to a model's rules. ERR_USAGE. */
MUST_CHECK int replay_own_classes(const struct replay *replay,
				  struct kmalloc_rules *rules, struct err *err);

/* Makes the caches of cache.at. ERR_USAGE for a call site that is not known. */
MUST_CHECK int replay_own_make(struct replay *replay, struct err *err);

/*
 * The model's cache of a small kmalloc, *cache: the recorded kernel's on
 * entry. choice: with the added classes. Errors of cache_table_kmalloc().
 */
MUST_CHECK int replay_own_cache(struct replay *replay,
				const struct kmem_event *ev,
				const struct kmalloc_choice *choice,
				uint32_t *cache);

#endif
