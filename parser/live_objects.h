/*
 * live_objects: what is live at this point of the trace, by slot and by
 * address.
 *
 * Slots are small numbers, given out lowest-free-last (the slot freed last is
 * reused first), so that they stay as dense as the live objects. Slab objects
 * and large kmallocs are also found by their address; page blocks are not
 * (the page map knows their slots).
 */
#ifndef PARSER_LIVE_OBJECTS_H
#define PARSER_LIVE_OBJECTS_H

#include <stdint.h>

#include "core/err.h"

/* One live object; 64 bytes, so that it never straddles a cache line. */
struct live_object {
	uint64_t addr; /* page blocks: first pfn */
	uint64_t object;
	uint64_t ts_ns;
	uint64_t call_site;
	uint64_t bytes_req;
	uint64_t bytes_alloc;
	uint32_t name;	/* cache id, 0: not known */
	uint32_t flags; /* EVF_ of its allocation that its free repeats */
	uint16_t cpu;
	uint8_t kind;	     /* enum event_kind of its allocation */
	uint8_t order;	     /* page blocks */
	uint32_t pages_live; /* page blocks: pages not yet freed */
};

_Static_assert(sizeof(struct live_object) == 64, "one cache line");

enum { LIVE_CHUNK_SHIFT = 10, LIVE_CHUNK = 1 << LIVE_CHUNK_SHIFT };

enum { LIVE_BUCKET = 8 };

/* Private: compared at once; any machine can, some in one instruction. */
typedef uint32_t live_tags __attribute__((vector_size(16)));

/* Private: a cache line of the index by address. */
struct live_bucket {
	union {
		uint32_t tags[LIVE_BUCKET]; /* 0: empty */
		live_tags halves[2];
	};
	uint32_t slots[LIVE_BUCKET];
};

struct live_objects {
	/* Private */
	struct live_object **chunks; /* of LIVE_CHUNK slots: they never move */
	uint32_t chunk_count;	     /* chunks has room for a power of two */
	uint32_t slot_count;	     /* used at least once */
	uint32_t free_head;	     /* slot + 1, 0: none */
	struct live_bucket *index;
	uint32_t index_count;	 /* entries */
	unsigned int index_bits; /* 2^index_bits buckets */
};

enum { LIVE_NONE = UINT32_MAX };

/* A zeroed struct is a valid empty table. */
void live_objects_fini(struct live_objects *live);

/* Forgets everything but keeps the memory. */
void live_objects_clear(struct live_objects *live);

/* The contents of a slot, until the next fini. */
static inline struct live_object *
live_objects_at(const struct live_objects *live, uint32_t slot)
{
	return &live->chunks[slot >> LIVE_CHUNK_SHIFT][slot & (LIVE_CHUNK - 1)];
}

/* Private: a slot that was never used. */
MUST_CHECK int live_objects_take_new(struct live_objects *live, uint32_t *slot);

/* A slot that is not used, its contents not set. ERR_NOMEM, ERR_LIMIT. */
MUST_CHECK static inline int live_objects_take(struct live_objects *live,
					       uint32_t *slot)
{
	if (!live->free_head)
		return live_objects_take_new(live, slot);
	*slot = live->free_head - 1;
	live->free_head = (uint32_t)live_objects_at(live, *slot)->addr;
	return 0;
}

/* Gives a slot back that is not (any more) found by its address. */
static inline void live_objects_release(struct live_objects *live,
					uint32_t slot)
{
	live_objects_at(live, slot)->addr = live->free_head;
	live->free_head = slot + 1;
}

/* Makes the slot, whose addr is set, found by its address. */
MUST_CHECK int live_objects_put(struct live_objects *live, uint32_t slot);

/* Private: most of a hash of the address, and never 0. */
static inline uint32_t live_objects_tag(uint64_t addr)
{
	/* Multiples of 8: the product's high half mixes them well. */
	return (uint32_t)((addr * 0x9E3779B97F4A7C15ull) >> 32) | 1;
}

/*
 * Reads ahead where the object at addr will be looked for. Inlined at any cost:
 * gcc 12 takes a function that only does so for one without effect, and drops
 * the call.
 */
static inline __attribute__((always_inline)) void
live_objects_expect(const struct live_objects *live, uint64_t addr)
{
	if (live->index)
		__builtin_prefetch(&live->index[live_objects_tag(addr) >>
						(32 - live->index_bits)],
				   1);
}

/* The slot of the object at addr, LIVE_NONE if there is none. */
uint32_t live_objects_find(const struct live_objects *live, uint64_t addr);

/* The same, and it is not found by its address any more. */
uint32_t live_objects_remove(struct live_objects *live, uint64_t addr);

#endif
