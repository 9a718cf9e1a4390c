/*
 * lifetimes: how long objects lived, as a histogram of fixed size.
 *
 * Buckets are an eighth of a power of two wide, so a quantile is right to 12.5
 * per cent and never too small. Spans are nanoseconds.
 */
#ifndef ANALYSIS_LIFETIMES_H
#define ANALYSIS_LIFETIMES_H

#include <stdint.h>

/* 8 for each power of two; spans above two hours share the last. */
enum { LIFETIMES_BUCKETS = 41 * 8 };

/* A zeroed struct is a valid empty histogram. */
struct lifetimes {
	uint64_t count; /* spans added */
	/* Private */
	uint32_t buckets[LIFETIMES_BUCKETS];
};

void lifetimes_add(struct lifetimes *lifetimes, uint64_t span_ns);

/*
 * The nearest-rank quantile, percent 1 to 100: the upper edge of the bucket
 * that holds it. 0 if nothing was added; UINT64_MAX in the last bucket.
 */
uint64_t lifetimes_quantile(const struct lifetimes *lifetimes,
			    unsigned int percent);

#endif
