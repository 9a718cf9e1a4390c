/*
 * replay_slob: where SLOB differs in the engine, because its slabs have no cache.
 */
#ifndef REPLAY_REPLAY_SLOB_H
#define REPLAY_REPLAY_SLOB_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "replay/cache_table.h"
#include "replay/kmalloc.h"
#include "replay/slab_model.h"
#include "replay/start_slabs.h"

struct replay;

/* Makes replay->slab. Errors of slob_create(). */
MUST_CHECK int replay_slob_make(struct replay *replay,
				const struct kmalloc_rules *rules,
				struct err *err);

/*
 * A recording of SLOB: its slab pages, of which nothing else is known. Errors
 * of slob_start_page().
 */
MUST_CHECK int replay_slob_pages_start(struct replay *replay);

/*
 * A recording of another allocator: the objects of one of its caches. Errors
 * of start_slabs_add().
 */
MUST_CHECK int replay_slob_cache_start(struct replay *replay,
				       struct cache_entry *entry,
				       const struct snapshot_cache *captured,
				       const struct start_counts *counts);

/*
 * A free of an object of a start that replay_slob_pages_start() made; false
 * if its place or its size is not known. cache may be CACHE_NONE.
 */
bool replay_slob_start_free(struct replay *replay, const struct kmem_event *ev,
			    uint32_t cache);

/*
 * What an allocation asks of SLOB, and what it gets. In a recording of SLOB its
 * place opens, if it was not known to be free.
 */
void replay_slob_sizes(struct replay *replay, const struct kmem_event *ev,
		       const struct kmalloc_choice *choice,
		       const struct cache_entry *entry,
		       struct slab_request *request, uint64_t *bytes_alloc);

#endif
