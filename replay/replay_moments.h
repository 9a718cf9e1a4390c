/*
 * replay_moments: the free memory of each zone when a replay passes the markers
 * of the "after" snapshot. Each file of it is read at another moment, so each
 * is compared with the replay's state at its own.
 */
#ifndef REPLAY_REPLAY_MOMENTS_H
#define REPLAY_REPLAY_MOMENTS_H

#include "core/err.h"
#include "core/trace.h"
#include "replay/memory.h"
#include "replay/page_machine.h"
#include "replay/replay.h"

enum { MOMENTS = 4 }; /* buddyinfo, pagetypeinfo, zoneinfo, kpageflags */

struct moments {
	/* Private */
	const struct page_machine *machine; /* NULL: nothing is taken */
	struct memory memory;
	uint32_t markers[MOMENTS]; /* name ids, 0: the trace has none */
	uint32_t zone_count;
	struct replay_zone *zones[MOMENTS]; /* NULL: not yet passed */
	/* The model's migratetype for each of the snapshot's. */
	uint8_t types[SNAPSHOT_MIGRATETYPES_MAX];
	uint32_t type_count;
};

/* machine may be NULL: then there are no zones to tell of. */
void moments_init(struct moments *moments, const struct trace *trace,
		  const struct page_machine *machine,
		  const struct memory *memory);
void moments_fini(struct moments *moments);

/* A marker was passed; those of no file that counts are ignored. ERR_NOMEM. */
MUST_CHECK int moments_marker(struct moments *moments, uint32_t name);

/* The end stands for the files whose marker the trace has not. ERR_NOMEM. */
MUST_CHECK int moments_end(struct moments *moments);

/* Hands all rows to sink->zone. Returns what it returned. */
MUST_CHECK int moments_emit(const struct moments *moments,
			    const struct replay_sink *sink);

#endif
