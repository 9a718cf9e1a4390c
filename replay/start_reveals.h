/*
 * start_reveals: what a trace tells of the slabs that were there before it:
 * pages in which objects were seen (core/reveals.h), put together to slabs as
 * the recorded kernel's caches make them.
 */
#ifndef REPLAY_START_REVEALS_H
#define REPLAY_START_REVEALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/trace.h"
#include "replay/kmalloc.h"
#include "replay/memory.h"

struct start_reveal {
	uint64_t pfn; /* first page of the slab */
	const struct snapshot_cache *cache;
	uint32_t free; /* slots known to have been so at the start */
	uint32_t turn; /* of its first allocation, 0: there was none */
	uint16_t cpu;  /* that allocated then */
	uint8_t order;
	/* Private */
	uint32_t used;
	bool gone; /* freed whole: slots that showed no event were free */
};

struct start_reveals {
	struct start_reveal *slabs; /* by cache, then by turn */
	size_t count;
	/* Private */
	struct memory memory;
	size_t cap;
};

/*
 * Of the caches of trace->before; rules are those of the recorded kernel. A
 * page whose cache is not known, or not in the snapshot, is left out. To be
 * freed after a failure too. ERR_NOMEM.
 */
MUST_CHECK int start_reveals_make(struct start_reveals *reveals,
				  const struct trace *trace,
				  const struct kmalloc_rules *rules,
				  const struct memory *memory);
/* A zeroed struct is a valid empty one. */
void start_reveals_fini(struct start_reveals *reveals);

/* The slabs of a cache; NULL and 0 if there are none. */
const struct start_reveal *start_reveals_of(const struct start_reveals *reveals,
					    const struct snapshot_cache *cache,
					    size_t *count);

#endif
