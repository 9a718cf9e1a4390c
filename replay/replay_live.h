/*
 * replay_live: the live objects of a trace, by their slot, and what the mode
 * made of each.
 */
#ifndef REPLAY_REPLAY_LIVE_H
#define REPLAY_REPLAY_LIVE_H

#include "core/err.h"
#include "core/event.h"
#include "replay/replay_state.h"

enum live_kind {
	LIVE_NOTHING, /* allocated before the window, or not here */
	LIVE_SLAB,
	LIVE_LARGE,
	LIVE_PAGES,
	LIVE_VMALLOC, /* the model gave it an area instead of kmalloc */
	LIVE_FAILED,  /* the model had no memory for it */
	LIVE_ENDED,   /* others showed it to be gone (silent_ends.h) */
};

/* One live object of the trace, by its slot. */
struct live {
	/* slab object: the model's; pages: model pfn; area: its number */
	uint64_t handle;
	uint64_t pfn;	      /* pages: recorded */
	uint32_t bytes_req;   /* objects, areas */
	uint32_t bytes_alloc; /* the same; large, areas: whole pages */
	uint32_t cache;	      /* slab object: entry in the cache table */
	uint8_t kind, order;  /* enum live_kind; large, pages */
	bool movable;	      /* pages */
};

static inline bool live_counts(const struct live *live)
{
	return live->kind == LIVE_SLAB || live->kind == LIVE_LARGE ||
	       live->kind == LIVE_VMALLOC;
}

/* The cache of an object in a slab, NULL if it is not known, and of others. */
static inline struct cache_entry *replay_entry(const struct replay *replay,
					       const struct live *live)
{
	return live->kind == LIVE_SLAB && live->cache != CACHE_NONE
		   ? &replay->caches.entries[live->cache]
		   : NULL;
}

/* Room for the entry of that slot, and the entry; NULL without memory. */
struct live *replay_live_grow(struct replay *replay, uint32_t slot);

/* The live entry of an event whose object is not 0; NULL without memory. */
static inline struct live *replay_live(struct replay *replay,
				       const struct kmem_event *ev)
{
	return ev->slot < replay->live_cap ? &replay->live[ev->slot]
					   : replay_live_grow(replay, ev->slot);
}

/* Takes what is left of the object before out of the books. */
void replay_live_forget(struct replay *replay, struct live *live,
			uint32_t slot);

/*
 * The entry for what an event creates, NULL without memory. An object that is
 * still there, in a slot that only a broken trace gives away, is forgotten.
 */
static inline struct live *replay_live_new(struct replay *replay,
					   const struct kmem_event *ev)
{
	struct live *live = replay_live(replay, ev);

	if (live &&
	    (live_counts(live) || silent_ends_knows(&replay->silent, ev->slot)))
		replay_live_forget(replay, live, ev->slot);
	return live;
}

/*
 * The object that ev frees: *live, NULL if nothing is left to do. One that was
 * there before the trace, or before its window, is given to started; the free
 * of a hidden one is counted. ERR_NOMEM, or what started returned.
 */
MUST_CHECK int replay_live_freed(struct replay *replay,
				 const struct kmem_event *ev,
				 int (*started)(struct replay *replay,
						const struct kmem_event *ev),
				 struct live **live);

/* What compaction freed that page for. live: its entry, NULL: it has none. */
enum move_role replay_page_role(struct replay *replay,
				const struct kmem_event *ev,
				const struct live *live);

#endif
