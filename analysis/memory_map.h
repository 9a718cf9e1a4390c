/*
 * memory_map: physical memory over time, from the snapshot before and the page
 * events (analysis/pageblocks.h). It begins where the snapshot was taken.
 */
#ifndef ANALYSIS_MEMORY_MAP_H
#define ANALYSIS_MEMORY_MAP_H

#include <stddef.h>

#include "core/err.h"
#include "core/event.h"
#include "core/result.h"
#include "core/trace.h"

enum { MEMORY_MAP_ROWS = 512, MEMORY_MAP_COLUMNS = 200 };

struct memory_map_sink;

/*
 * trace outlives the sink; its first and last time are known. ERR_NOMEM. Where
 * the trace does not tell of the machine's zones, or of no page what it is, the
 * map will have no rows.
 */
MUST_CHECK int memory_map_open(struct memory_map_sink **sink,
			       const struct trace *trace, struct err *err);

/* NULL is allowed. */
void memory_map_close(struct memory_map_sink *sink);

MUST_CHECK int memory_map_feed(struct memory_map_sink *sink,
			       const struct kmem_event *events, size_t count,
			       struct err *err);

/* Hands the map over, once, at the end of the source: free() its cells. */
void memory_map_take(struct memory_map_sink *sink, struct memory_map *map);

#endif
