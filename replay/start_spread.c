#include "replay/start_spread.h"

#include <assert.h>
#include <string.h>

struct start_end start_end_of(const struct start_variant *variant,
			      const struct replay_result *result,
			      const struct replay_sample *last)
{
	struct start_end end = {
	    .variant = variant,
	    .slab_pages_delta =
		(int64_t)(result->slab_pages_end - result->slab_pages_start),
	    .free_pages_end = result->free_pages_end,
	    .order_count = last ? result->order_count : 0,
	};

	if (last)
		memcpy(end.unusable, last->unusable, sizeof(end.unusable));
	return end;
}

/* From where to where the index of an order moves. */
static void order_range(const struct start_spread *spread, uint32_t order,
			uint16_t *min, uint16_t *max)
{
	*min = *max = spread->ends[0].unusable[order];
	for (uint32_t i = 1; i < spread->count; i++) {
		uint16_t unusable = spread->ends[i].unusable[order];

		if (unusable < *min)
			*min = unusable;
		if (unusable > *max)
			*max = unusable;
	}
}

void start_spread_add(struct start_spread *spread, const struct start_end *end)
{
	bool first = !spread->count;

	assert(spread->count <= START_VARIANTS);
	spread->ends[spread->count++] = *end;
	if (first || end->slab_pages_delta < spread->slab_pages_delta_min)
		spread->slab_pages_delta_min = end->slab_pages_delta;
	if (first || end->slab_pages_delta > spread->slab_pages_delta_max)
		spread->slab_pages_delta_max = end->slab_pages_delta;
	if (first || end->free_pages_end < spread->free_pages_end_min)
		spread->free_pages_end_min = end->free_pages_end;
	if (first || end->free_pages_end > spread->free_pages_end_max)
		spread->free_pages_end_max = end->free_pages_end;
	spread->unusable_min = spread->unusable_max = 0;
	for (uint32_t o = 0; o < spread->ends[0].order_count; o++) {
		uint16_t min, max;

		order_range(spread, o, &min, &max);
		if (o &&
		    max - min <= spread->unusable_max - spread->unusable_min)
			continue;
		spread->unusable_order = o;
		spread->unusable_min = min;
		spread->unusable_max = max;
	}
}
