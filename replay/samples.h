/*
 * samples: a replay's state on an even grid of time, whatever its length.
 *
 * The length of a trace may not be known before it was read. So the grid begins
 * fine; when there are twice as many samples as wanted, every second one is
 * dropped and the step doubles.
 */
#ifndef REPLAY_SAMPLES_H
#define REPLAY_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/result.h"
#include "replay/memory.h"

/* One cache at a grid point; its place in the row is its cache's number. */
struct sample_cache {
	uint64_t pages, objects;
	uint32_t slabs;
};

struct sample_row {
	struct replay_sample sample;
	struct sample_cache *caches; /* cache_count elements */
	size_t cache_count;
};

struct samples {
	struct sample_row *rows;
	size_t count;
	/* Private */
	struct memory memory;
	size_t wanted;
	uint64_t start_ns, step_ns;
	uint64_t next_ns; /* when the next sample is due */
	bool started;
};

/*
 * wanted: number of rows to aim for, at least 2; twice as many at most.
 * span_ns: how long the trace is if that is known, else 0. ERR_NOMEM.
 */
MUST_CHECK int samples_init(struct samples *samples, size_t wanted,
			    uint64_t span_ns, const struct memory *memory);
void samples_fini(struct samples *samples);

/* A sample must be taken before an event of that time or later is replayed. */
static inline uint64_t samples_due_ns(const struct samples *samples)
{
	return samples->next_ns;
}

/*
 * The row to fill for the grid point at or before ts_ns, with room for
 * cache_count caches, all zero; its ts_ns is set. ERR_NOMEM.
 */
MUST_CHECK int samples_take(struct samples *samples, uint64_t ts_ns,
			    size_t cache_count, struct sample_row **row);

#endif
