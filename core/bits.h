/*
 * bits: a set of numbers as one bit each, number n in words[n / 64].
 */
#ifndef CORE_BITS_H
#define CORE_BITS_H

#include <stdint.h>

/* Adds count numbers from first on; the words must be there. */
static inline void bits_add(uint64_t *words, uint64_t first, uint64_t count)
{
	uint64_t *word = words + first / 64, end = first % 64 + count;

	if (!count)
		return;
	if (end <= 64) {
		*word |= UINT64_MAX >> (64 - count) << first % 64;
		return;
	}
	*word++ |= UINT64_MAX << first % 64;
	for (end -= 64; end >= 64; end -= 64)
		*word++ = UINT64_MAX;
	if (end)
		*word |= UINT64_MAX >> (64 - end);
}

#endif
