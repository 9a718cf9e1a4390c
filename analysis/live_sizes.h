/*
 * live_sizes: the kmallocs of each call site and size that were live at the
 * moment at which the most bytes of them were.
 *
 * What was allocated before the trace is not among them, nor are large kmallocs
 * that the page allocator serves.
 */
#ifndef ANALYSIS_LIVE_SIZES_H
#define ANALYSIS_LIVE_SIZES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "core/map.h"

struct live_size {
	uint64_t call_site;
	uint32_t bytes_req, bytes_alloc;
	uint64_t objects; /* at the peak */
	/* Private */
	uint64_t live;
	bool changed; /* since the peak */
};

/* A zeroed struct is a valid empty one. */
struct live_sizes {
	struct live_size *rows;
	size_t count;
	uint64_t bytes_peak; /* bytes_alloc of all of them at the peak */
	/* Private */
	size_t cap;
	struct map sites;  /* call site -> number */
	struct map by_key; /* number of the site << 32 | bytes_req -> row */
	uint32_t *changed; /* rows */
	size_t changed_count, changed_cap;
	uint64_t bytes;
};

/* Takes linked events in the order of time. ERR_NOMEM. */
MUST_CHECK int live_sizes_feed(struct live_sizes *sizes,
			       const struct kmem_event *events, size_t count,
			       struct err *err);
void live_sizes_fini(struct live_sizes *sizes);

#endif
