#include "replay/samples.h"

#include <assert.h>
#include <string.h>

/* Where the length is not known: finer than any trace needs. */
enum { FIRST_STEP_NS = 1000 };

int samples_init(struct samples *samples, size_t wanted, uint64_t span_ns,
		 const struct memory *memory)
{
	uint64_t step_ns = span_ns / wanted;

	assert(wanted >= 2);
	*samples = (struct samples){
	    .memory = *memory,
	    .wanted = wanted,
	    .step_ns = step_ns > FIRST_STEP_NS ? step_ns : FIRST_STEP_NS,
	};
	samples->rows = memory_new(memory, 2 * wanted, sizeof(*samples->rows));
	return samples->rows ? 0 : ERR_NOMEM;
}

void samples_fini(struct samples *samples)
{
	for (size_t i = 0; i < samples->count; i++)
		memory_free(&samples->memory, samples->rows[i].caches);
	memory_free(&samples->memory, samples->rows);
	samples->rows = NULL;
	samples->count = 0;
}

/*
 * Doubles the step. Of the rows that fall into one step the first stays, so
 * that every row keeps the time at which it was taken.
 */
static void samples_thin(struct samples *samples)
{
	uint64_t seen = UINT64_MAX;
	size_t kept = 0;

	samples->step_ns *= 2;
	for (size_t i = 0; i < samples->count; i++) {
		struct sample_row *row = &samples->rows[i];
		uint64_t cell =
		    (row->sample.ts_ns - samples->start_ns) / samples->step_ns;

		if (cell == seen) {
			memory_free(&samples->memory, row->caches);
			continue;
		}
		seen = cell;
		samples->rows[kept++] = *row;
	}
	samples->count = kept;
}

int samples_take(struct samples *samples, uint64_t ts_ns, size_t cache_count,
		 struct sample_row **out)
{
	struct sample_row row = {.sample.ts_ns = ts_ns,
				 .cache_count = cache_count};

	if (!samples->started) {
		samples->started = true;
		samples->start_ns = ts_ns;
	}
	while (samples->count == 2 * samples->wanted)
		samples_thin(samples);
	if (cache_count) {
		row.caches = memory_new(&samples->memory, cache_count,
					sizeof(*row.caches));
		if (!row.caches)
			return ERR_NOMEM;
	}
	samples->next_ns =
	    samples->start_ns +
	    ((ts_ns - samples->start_ns) / samples->step_ns + 1) *
		samples->step_ns;
	samples->rows[samples->count] = row;
	*out = &samples->rows[samples->count++];
	return 0;
}
