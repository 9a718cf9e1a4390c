/*
 * start_reveals: what a trace tells of the slabs that were there before it.
 *
 * A slot whose first event is an allocation was free at the start, one whose
 * first event is a free was in use. A recorded replay collects this; a model
 * that plays the same trace afterwards starts from it.
 *
 * Glossary
 *   start   the moment at which the window of object events opens
 *   slot    room for one object in a slab, by its number from the first on
 *   turn    slabs are allocated from in some order; 1 is the first
 */
#ifndef REPLAY_START_REVEALS_H
#define REPLAY_START_REVEALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "replay/memory.h"

struct start_reveal {
	uint64_t pfn;	     /* first page of the slab */
	uint32_t cache;	     /* name id */
	uint32_t slots;	     /* in the slab */
	uint32_t free, used; /* slots known to have been so at the start */
	uint32_t turn;	     /* of its first allocation, 0: there was none */
	uint16_t cpu;	     /* that allocated then */
	uint8_t order;
	bool gone; /* the slab was freed after the start */
	/* Private */
	bool dead;	   /* the slab was freed before the start */
	size_t first_slot; /* its states */
};

struct start_reveals {
	struct start_reveal *slabs; /* after done: by cache, then by turn */
	size_t count;
	/* Private */
	struct memory memory;
	uint8_t *states; /* per slot */
	size_t cap, state_count, state_cap;
	uint32_t turns;
};

void start_reveals_init(struct start_reveals *reveals,
			const struct memory *memory);
void start_reveals_fini(struct start_reveals *reveals);

/* A slab from before the start was seen. *slab is its number. */
MUST_CHECK int start_reveals_add(struct start_reveals *reveals, uint64_t pfn,
				 unsigned int order, uint32_t cache,
				 uint32_t slots, uint32_t *slab);

/*
 * An object in it was allocated or freed. Before the start the last event of a
 * slot counts, after it the first.
 */
void start_reveals_event(struct start_reveals *reveals, uint32_t slab,
			 uint32_t slot, bool alloc, bool started, uint16_t cpu);

/*
 * The slab was freed as a whole: after the start, slots that showed no event
 * were free.
 */
void start_reveals_gone(struct start_reveals *reveals, uint32_t slab,
			bool started);

/* No more will come: slab numbers mean nothing any more. */
void start_reveals_done(struct start_reveals *reveals);

/* The slabs of a cache; NULL and 0 if there are none. After done. */
const struct start_reveal *start_reveals_of(const struct start_reveals *reveals,
					    uint32_t cache, size_t *count);

#endif
