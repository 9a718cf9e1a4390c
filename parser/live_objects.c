/*
 * The index is a table of buckets of a cache line each, at most half full:
 *
 *     tags   8 × 32 bits of the hash, 0: empty
 *     slots  8 × slot
 *
 * A bucket's entries stand at its front. The home of an entry is the bucket
 * that the top index_bits of its hash number; where that is full, the next one
 * that is not. So a search ends at the first bucket that is not full, and
 * nearly always looks at one cache line and takes one branch that depends on
 * what is in it.
 */
#include "parser/live_objects.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { INDEX_BITS_MIN = 7, INDEX_BITS_MAX = 28 };

static uint32_t mask_of(const struct live_objects *live)
{
	return (1u << live->index_bits) - 1;
}

static uint32_t home_of(const struct live_objects *live, uint32_t tag)
{
	return tag >> (32 - live->index_bits);
}

/* Which entries have the tag: a bit each. */
static inline uint32_t match(const struct live_bucket *bucket, uint32_t tag)
{
	typedef uint64_t pair __attribute__((vector_size(16)));
	const live_tags low = {1, 2, 4, 8}, high = {16, 32, 64, 128};
	const live_tags wanted = {tag, tag, tag, tag};
	pair bits = (pair)(((live_tags)(bucket->halves[0] == wanted) & low) |
			   ((live_tags)(bucket->halves[1] == wanted) & high));
	uint64_t found = bits[0] | bits[1];

	return (uint32_t)(found | found >> 32);
}

static inline bool is_full(const struct live_bucket *bucket)
{
	return bucket->tags[LIVE_BUCKET - 1] != 0;
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

int live_objects_take_new(struct live_objects *live, uint32_t *slot)
{
	if (live->slot_count == live->chunk_count << LIVE_CHUNK_SHIFT) {
		int ret = add_chunk(live);

		if (ret)
			return ret;
	}
	*slot = live->slot_count++;
	return 0;
}

static void insert(struct live_objects *live, uint32_t tag, uint32_t slot)
{
	uint32_t mask = mask_of(live), at = home_of(live, tag);
	struct live_bucket *bucket = &live->index[at];
	int place;

	while (is_full(bucket)) {
		at = (at + 1) & mask;
		bucket = &live->index[at];
	}
	place = __builtin_ctz(match(bucket, 0));
	bucket->tags[place] = tag;
	bucket->slots[place] = slot;
}

static int grow(struct live_objects *live)
{
	struct live_objects bigger = *live;
	size_t old = live->index ? (size_t)1 << live->index_bits : 0;
	size_t bytes;

	bigger.index_bits = live->index ? live->index_bits + 1 : INDEX_BITS_MIN;
	if (bigger.index_bits > INDEX_BITS_MAX)
		return ERR_LIMIT;
	bytes = sizeof(*bigger.index) << bigger.index_bits;
	bigger.index = aligned_alloc(sizeof(*bigger.index), bytes);
	if (!bigger.index)
		return ERR_NOMEM;
	memset(bigger.index, 0, bytes);
	for (size_t i = 0; i < old; i++) {
		const struct live_bucket *bucket = &live->index[i];

		for (int k = 0; k < LIVE_BUCKET && bucket->tags[k]; k++)
			insert(&bigger, bucket->tags[k], bucket->slots[k]);
	}
	free(live->index);
	live->index = bigger.index;
	live->index_bits = bigger.index_bits;
	return 0;
}

int live_objects_put(struct live_objects *live, uint32_t slot)
{
	if (!live->index ||
	    (live->index_count + 1) >> live->index_bits >= LIVE_BUCKET / 2) {
		int ret = grow(live);

		if (ret)
			return ret;
	}
	insert(live, live_objects_tag(live_objects_at(live, slot)->addr), slot);
	live->index_count++;
	return 0;
}

/* Where an entry is in the index. */
struct place {
	uint32_t bucket;
	int entry;
};

/* The slot of addr and its place; LIVE_NONE if it is not there. */
static inline uint32_t find(const struct live_objects *live, uint64_t addr,
			    struct place *place)
{
	uint32_t tag = live_objects_tag(addr);
	uint32_t at;

	if (!live->index)
		return LIVE_NONE;
	for (at = home_of(live, tag);; at = (at + 1) & mask_of(live)) {
		const struct live_bucket *bucket = &live->index[at];
		uint32_t found = match(bucket, tag);

		for (; found; found &= found - 1) {
			int entry = __builtin_ctz(found);
			uint32_t slot = bucket->slots[entry];

			if (live_objects_at(live, slot)->addr != addr)
				continue;
			*place = (struct place){at, entry};
			return slot;
		}
		if (!is_full(bucket))
			return LIVE_NONE;
	}
}

uint32_t live_objects_find(const struct live_objects *live, uint64_t addr)
{
	struct place place;

	return find(live, addr, &place);
}

/* Takes an entry out of its bucket; true if that was full. */
static bool take_out(struct live_bucket *bucket, int entry)
{
	bool full = is_full(bucket);
	int last = full ? LIVE_BUCKET - 1 : __builtin_ctz(match(bucket, 0)) - 1;

	bucket->tags[entry] = bucket->tags[last];
	bucket->slots[entry] = bucket->slots[last];
	bucket->tags[last] = 0;
	return full;
}

/* An entry of a bucket that passed "over" on the way from its home, or -1. */
static int passed_over(const struct live_objects *live, uint32_t at,
		       uint32_t over)
{
	const struct live_bucket *bucket = &live->index[at];
	uint32_t mask = mask_of(live);

	for (int i = 0; i < LIVE_BUCKET && bucket->tags[i]; i++) {
		uint32_t home = home_of(live, bucket->tags[i]);

		if (((at - home) & mask) >= ((at - over) & mask))
			return i;
	}
	return -1;
}

/*
 * A bucket was full and is not any more: a search would end there. So the next
 * entry that passed over it moves in, and leaves such a bucket itself.
 */
static void refill(struct live_objects *live, uint32_t hole)
{
	uint32_t at = hole;

	for (;;) {
		struct live_bucket *bucket;
		bool full;
		int entry;

		at = (at + 1) & mask_of(live);
		bucket = &live->index[at];
		full = is_full(bucket);
		entry = passed_over(live, at, hole);
		if (entry >= 0) {
			insert(live, bucket->tags[entry], bucket->slots[entry]);
			take_out(bucket, entry);
			hole = at;
		}
		if (!full)
			return;
	}
}

uint32_t live_objects_remove(struct live_objects *live, uint64_t addr)
{
	struct place place;
	uint32_t slot = find(live, addr, &place);

	if (slot == LIVE_NONE)
		return LIVE_NONE;
	live->index_count--;
	if (take_out(&live->index[place.bucket], place.entry))
		refill(live, place.bucket);
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
