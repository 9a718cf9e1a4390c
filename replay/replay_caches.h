/*
 * replay_caches: which cache a recorded object is of, in which slab page it
 * lies, and what the recorded kernel's rules say of its size.
 */
#ifndef REPLAY_REPLAY_CACHES_H
#define REPLAY_REPLAY_CACHES_H

#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "replay/kmalloc.h"
#include "replay/slab_pages.h"

struct replay;

/*
 * The cache of an allocation event of a small object, *entry CACHE_NONE if it
 * cannot be told. choice: of kmalloc_choose(), for EV_KMALLOC. Errors of
 * cache_table_kmalloc().
 */
MUST_CHECK int replay_cache_of(struct replay *replay,
			       const struct kmem_event *ev,
			       const struct kmalloc_choice *choice,
			       uint32_t *entry);

/*
 * Learns from an object event that its page is a slab of that cache. The slab
 * is returned in *slab, NULL where addresses are not linked to pages.
 * ERR_NOMEM.
 */
MUST_CHECK int replay_observe(struct replay *replay,
			      const struct kmem_event *ev, uint32_t cache,
			      struct slab_page **slab);

/* Enters a page event into the table of slab pages. ERR_NOMEM. */
MUST_CHECK int replay_track_page(struct replay *replay,
				 const struct kmem_event *ev);

/*
 * Holds bytes_alloc of an allocation against what the recorded kernel's rules
 * predict from bytes_req and the cache, never from bytes_alloc itself. An
 * unknown cache counts as unknown; where the allocator is another one nothing
 * is counted.
 */
void replay_predict(struct replay *replay, const struct kmem_event *ev,
		    const struct kmalloc_choice *choice, uint32_t entry);

#endif
