/*
 * number_index: the numbers of things by the hash of their keys.
 *
 * The things lie in an array of their user's, who knows their keys; here is
 * only the way from a hash to the numbers that may be meant. Open addressing,
 * at most half full; a cell holds the high 32 bits of the hash and the number.
 */
#ifndef ANALYSIS_NUMBER_INDEX_H
#define ANALYSIS_NUMBER_INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/* A zeroed struct is a valid empty index. */
struct number_index {
	/* Private */
	uint64_t *cells; /* hash, high half | number + 1; 0: empty */
	size_t count, mask;
};

enum { NUMBER_NONE = UINT32_MAX };

void number_index_fini(struct number_index *index);

/* Makes room for one more number. */
MUST_CHECK int number_index_reserve(struct number_index *index);

/* Adds a number, below NUMBER_NONE - 1; there must be room for it. */
void number_index_add(struct number_index *index, uint64_t hash,
		      uint32_t number);

/* Mixes b into a hash; the high half of the result is well mixed. */
static inline uint64_t number_hash(uint64_t a, uint64_t b)
{
	uint64_t h = (a ^ (b * 0x9E3779B97F4A7C15ull)) * 0xD6E8FEB86659FD93ull;

	return h ^ (h >> 32);
}

/*
 * The numbers whose hash may be this one: start with *at = SIZE_MAX;
 * NUMBER_NONE at the end.
 */
static inline uint32_t number_index_next(const struct number_index *index,
					 uint64_t hash, size_t *at)
{
	uint64_t cell;

	if (!index->cells)
		return NUMBER_NONE;
	*at = *at == SIZE_MAX ? (size_t)(hash >> 32) : *at + 1;
	for (*at &= index->mask; (cell = index->cells[*at]);
	     *at = (*at + 1) & index->mask)
		if (cell >> 32 == hash >> 32)
			return (uint32_t)cell - 1;
	return NUMBER_NONE;
}

#endif
