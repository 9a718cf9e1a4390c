/*
 * class_optimum: which new kmalloc classes would waste least.
 *
 * An object takes the smallest class that holds it; the difference is wasted.
 * The existing classes stay. Of all sets of at most k new sizes, each a multiple
 * of align above the smallest class, the one is found that wastes least: exact,
 * by dynamic programming over the sizes that occur, since a class above a size
 * that occurs and below the next one only wastes more than at that size.
 */
#ifndef ANALYSIS_CLASS_OPTIMUM_H
#define ANALYSIS_CLASS_OPTIMUM_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

enum { CLASS_OPTIMUM_MAX = 8 };

/* Objects of one size: as often as they are to count. */
struct class_demand {
	uint32_t bytes;
	uint64_t objects;
};

struct class_optimum {
	uint32_t sizes[CLASS_OPTIMUM_MAX]; /* ascending */
	unsigned int count; /* fewer than k if more would save nothing */
	uint64_t waste_before, waste; /* bytes: without and with them */
};

/*
 * Demand in any order, the same size more than once if need be; sizes of 0 and
 * above the largest class do not count. classes: ascending, at least one.
 * align: a power of two. k: at most CLASS_OPTIMUM_MAX. Takes k × n² steps for n
 * different sizes. ERR_NOMEM; ERR_USAGE for arguments that cannot be.
 */
MUST_CHECK int class_optimum(const struct class_demand *demand, size_t count,
			     const uint32_t *classes, size_t class_count,
			     uint32_t align, unsigned int k,
			     struct class_optimum *best);

#endif
