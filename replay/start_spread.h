/*
 * start_spread: how far the end of a replay moves with what nothing tells of its
 * start: its error bar.
 *
 * The replay is made once more for each variant of replay/start_rules.h that
 * matters to it. Each variant changes one rule, so the bar does not hold what
 * several of them do together.
 */
#ifndef REPLAY_START_SPREAD_H
#define REPLAY_START_SPREAD_H

#include <stdint.h>

#include "core/result.h"
#include "replay/start_rules.h"

/* Where one replay ended. */
struct start_end {
	const struct start_variant *variant; /* NULL: the usual rules */
	int64_t slab_pages_delta;
	uint64_t free_pages_end;
	uint32_t order_count;
	/* Unusable free space index, thousandths (mm/vmstat.c). */
	uint16_t unusable[SNAPSHOT_ORDERS_MAX];
};

struct start_spread {
	struct start_end ends[START_VARIANTS + 1]; /* the usual one first */
	uint32_t count; /* 0: no error bar was taken */
	int64_t slab_pages_delta_min, slab_pages_delta_max;
	uint64_t free_pages_end_min, free_pages_end_max;
	/* The order whose index moves most, and from where to where. */
	uint32_t unusable_order;
	uint16_t unusable_min, unusable_max;
};

/* What a replay gave; last: its last sample, NULL if it had none. */
struct start_end start_end_of(const struct start_variant *variant,
			      const struct replay_result *result,
			      const struct replay_sample *last);

/* At most START_VARIANTS + 1 of them. The spread begins zeroed. */
void start_spread_add(struct start_spread *spread, const struct start_end *end);

#endif
