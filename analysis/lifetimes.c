/*
 * Spans below 16 have a bucket each; from there on the three bits below the
 * highest one choose among eight.
 */
#include "analysis/lifetimes.h"

enum { EXACT = 16, PART_BITS = 3, PARTS = 1 << PART_BITS, FIRST_BIT = 4 };

static unsigned int bucket_of(uint64_t span_ns)
{
	unsigned int bit, bucket;

	if (span_ns < EXACT)
		return (unsigned int)span_ns;
	bit = 63 - (unsigned int)__builtin_clzll(span_ns);
	bucket = EXACT + (bit - FIRST_BIT) * PARTS +
		 (unsigned int)(span_ns >> (bit - PART_BITS) & (PARTS - 1));
	return bucket < LIFETIMES_BUCKETS ? bucket : LIFETIMES_BUCKETS - 1;
}

/* The longest span of a bucket. */
static uint64_t upper_edge(unsigned int bucket)
{
	unsigned int bit, part;

	if (bucket < EXACT)
		return bucket;
	if (bucket == LIFETIMES_BUCKETS - 1)
		return UINT64_MAX;
	bit = (bucket - EXACT) / PARTS + FIRST_BIT;
	part = (bucket - EXACT) % PARTS;
	return ((uint64_t)(PARTS + part + 1) << (bit - PART_BITS)) - 1;
}

void lifetimes_add(struct lifetimes *lifetimes, uint64_t span_ns)
{
	uint32_t *bucket = &lifetimes->buckets[bucket_of(span_ns)];

	*bucket += *bucket < UINT32_MAX;
	lifetimes->count++;
}

uint64_t lifetimes_quantile(const struct lifetimes *lifetimes,
			    unsigned int percent)
{
	uint64_t sum = 0, before = 0;
	unsigned int bucket = 0;

	for (unsigned int i = 0; i < LIFETIMES_BUCKETS; i++)
		sum += lifetimes->buckets[i];
	if (!sum)
		return 0;
	while (bucket < LIFETIMES_BUCKETS - 1 &&
	       (before + lifetimes->buckets[bucket]) * 100 < sum * percent)
		before += lifetimes->buckets[bucket++];
	return upper_edge(bucket);
}
