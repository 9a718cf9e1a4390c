/*
 * slob_heap: SLOB's pages: records of them, their free runs, first fit with
 * rotation, splitting and merging. Private to SLOB.
 */
#ifndef REPLAY_SLOB_HEAP_H
#define REPLAY_SLOB_HEAP_H

#include "replay/slob_state.h"

/* ---- Records of pages ---- */

/* Makes sure that one more page can be entered. ERR_LIMIT: no memory. */
int slob_record_reserve(struct slob *slob);
/* After slob_record_reserve(): the number of the new page. */
uint32_t slob_record_enter(struct slob *slob, const struct slob_page *page);
/* The page goes back to the page model and its record to the unused ones. */
void slob_record_release(struct slob *slob, uint32_t p, unsigned int cpu);
/* slob_new_pages(); those of the start were there before. */
int slob_pages_take(struct slob *slob, const struct slab_request *request,
		    const struct slob_want *want, struct slob_page *page);

/* ---- Objects in shared pages ---- */

/*
 * Makes room for so many runs beyond those that frees of the live objects may
 * need, at most one each. ERR_LIMIT: no memory.
 */
int slob_runs_reserve(struct slob *slob, size_t extra);
/* slob_alloc(); want->count tells how many objects it were. */
int slob_heap_alloc(struct slob *slob, const struct slab_request *request,
		    struct slob_want *want, uint64_t *handle);
/*
 * slob_free() of bytes at a place in units. False, and nothing is done, if some
 * of them are free already.
 */
bool slob_heap_free(struct slob *slob, uint32_t p, uint32_t at, uint32_t bytes,
		    unsigned int cpu);

#endif
