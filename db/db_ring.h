/*
 * db_ring: batches of events on their way from the decoder to the inserter.
 *
 * One thread fills, one empties; a bounded number of batches is under way.
 * Either side may stop the other with an error.
 */
#ifndef DB_DB_RING_H
#define DB_DB_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"

enum { BATCH_EVENTS = 2048, RING_BATCHES = 8 };

/* What of an event neither its row nor the ledger gives; see schema.sql. */
struct event_detail {
	uint64_t event; /* event.id */
	bool has_fallback, has_alloc, has_slot;
	uint64_t alloc_ts_ns, alloc_site;
	uint32_t slot;
	uint16_t alloc_cpu;
	uint8_t fallback_order;
	int8_t fallback_migratetype;
};

struct event_batch {
	size_t count, detail_count;
	struct kmem_event events[BATCH_EVENTS]; /* call_site: call_site.id */
	struct event_detail details[BATCH_EVENTS];
};

struct ring;

/* An empty ring. ERR_NOMEM. */
MUST_CHECK int ring_open(struct ring **ring);
void ring_close(struct ring *ring);

/* Filler: an empty batch, once there is one; NULL after the emptier failed. */
struct event_batch *ring_blank(struct ring *ring);

/* Filler: hands on the batch that ring_blank() gave. */
void ring_push(struct ring *ring);

/* Filler: no more batches. If now, those under way are dropped too. */
void ring_end(struct ring *ring, bool now);

/* Emptier: the oldest batch, once there is one; NULL at the end. */
struct event_batch *ring_front(struct ring *ring);

/* Emptier: done with that batch. */
void ring_pop(struct ring *ring);

/* Emptier: takes no more. */
void ring_stop(struct ring *ring);

#endif
