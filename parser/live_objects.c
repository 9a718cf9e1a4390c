/*
 * The index is an open-addressing table of 8-byte entries with linear probing
 * and backward-shift deletion, at most half full:
 *
 *     63            32 31             0
 *     [ hash, high half | slot + 1     ]      0: empty
 *
 * The home of an entry is the top index_bits of its hash, so that growing and
 * shifting need no look at the slots; a look-up reads a slot only where 32 bits
 * of the hash agree.
 */
#include "parser/live_objects.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { INDEX_BITS_MIN = 10, INDEX_BITS_MAX = 32 };

/* Addresses are multiples of 8: the product's high half mixes them well. */
static uint32_t hash_of(uint64_t addr)
{
	return (uint32_t)((addr * 0x9E3779B97F4A7C15ull) >> 32);
}

static size_t home_of(const struct live_objects *live, uint32_t hash)
{
	return hash >> (32 - live->index_bits);
}

static size_t mask_of(const struct live_objects *live)
{
	return ((size_t)1 << live->index_bits) - 1;
}

static int add_chunk(struct live_objects *live)
{
	uint32_t count = live->chunk_count;
	struct live_object *chunk;

	if (live->slot_count > UINT32_MAX - LIVE_CHUNK)
		return ERR_LIMIT;
	if (!(count & (count - 1))) {
		size_t cap = count ? (size_t)count * 2 : 1;
		struct live_object **chunks =
		    realloc(live->chunks, cap * sizeof(struct live_object *));

		if (!chunks)
			return ERR_NOMEM;
		live->chunks = chunks;
	}
	chunk = aligned_alloc(64, LIVE_CHUNK * sizeof(*chunk));
	if (!chunk)
		return ERR_NOMEM;
	live->chunks[live->chunk_count++] = chunk;
	return 0;
}

int live_objects_take(struct live_objects *live, uint32_t *slot)
{
	if (live->free_head) {
		*slot = live->free_head - 1;
		live->free_head = (uint32_t)live_objects_at(live, *slot)->addr;
		return 0;
	}
	if (live->slot_count == live->chunk_count << LIVE_CHUNK_SHIFT) {
		int ret = add_chunk(live);

		if (ret)
			return ret;
	}
	*slot = live->slot_count++;
	return 0;
}

void live_objects_release(struct live_objects *live, uint32_t slot)
{
	live_objects_at(live, slot)->addr = live->free_head;
	live->free_head = slot + 1;
}

static void insert(struct live_objects *live, uint64_t entry)
{
	size_t at = home_of(live, (uint32_t)(entry >> 32));

	while (live->index[at])
		at = (at + 1) & mask_of(live);
	live->index[at] = entry;
}

static int grow(struct live_objects *live)
{
	struct live_objects bigger = *live;
	size_t old_cap = live->index ? (size_t)1 << live->index_bits : 0;

	bigger.index_bits = live->index ? live->index_bits + 1 : INDEX_BITS_MIN;
	if (bigger.index_bits > INDEX_BITS_MAX)
		return ERR_LIMIT;
	bigger.index =
	    calloc((size_t)1 << bigger.index_bits, sizeof(*bigger.index));
	if (!bigger.index)
		return ERR_NOMEM;
	for (size_t i = 0; i < old_cap; i++)
		if (live->index[i])
			insert(&bigger, live->index[i]);
	free(live->index);
	live->index = bigger.index;
	live->index_bits = bigger.index_bits;
	return 0;
}

int live_objects_put(struct live_objects *live, uint32_t slot)
{
	if (!live->index ||
	    ((size_t)live->index_count + 1) * 2 > mask_of(live)) {
		int ret = grow(live);

		if (ret)
			return ret;
	}
	insert(live, (uint64_t)hash_of(live_objects_at(live, slot)->addr)
			     << 32 |
			 (slot + 1));
	live->index_count++;
	return 0;
}

/* Place of addr in the index; true if it is there. */
static bool find_entry(const struct live_objects *live, uint64_t addr,
		       size_t *at)
{
	uint32_t hash = hash_of(addr);

	if (!live->index)
		return false;
	for (size_t i = home_of(live, hash); live->index[i];
	     i = (i + 1) & mask_of(live)) {
		uint64_t entry = live->index[i];

		if (entry >> 32 == hash &&
		    live_objects_at(live, (uint32_t)entry - 1)->addr == addr) {
			*at = i;
			return true;
		}
	}
	return false;
}

uint32_t live_objects_find(const struct live_objects *live, uint64_t addr)
{
	size_t at;

	return find_entry(live, addr, &at) ? (uint32_t)live->index[at] - 1
					   : LIVE_NONE;
}

/* Closes the hole so that every later probe still finds its entry. */
static void shift_back(struct live_objects *live, size_t hole)
{
	size_t mask = mask_of(live);
	size_t at = hole;

	for (;;) {
		size_t home;

		at = (at + 1) & mask;
		if (!live->index[at])
			break;
		home = home_of(live, (uint32_t)(live->index[at] >> 32));
		if (((at - home) & mask) >= ((at - hole) & mask)) {
			live->index[hole] = live->index[at];
			hole = at;
		}
	}
	live->index[hole] = 0;
}

uint32_t live_objects_remove(struct live_objects *live, uint64_t addr)
{
	uint32_t slot;
	size_t at;

	if (!find_entry(live, addr, &at))
		return LIVE_NONE;
	slot = (uint32_t)live->index[at] - 1;
	shift_back(live, at);
	live->index_count--;
	return slot;
}

void live_objects_clear(struct live_objects *live)
{
	live->slot_count = 0;
	live->free_head = 0;
	live->index_count = 0;
	if (live->index)
		memset(live->index, 0,
		       sizeof(*live->index) << live->index_bits);
}

void live_objects_fini(struct live_objects *live)
{
	for (uint32_t i = 0; i < live->chunk_count; i++)
		free(live->chunks[i]);
	free(live->chunks);
	free(live->index);
	*live = (struct live_objects){0};
}
