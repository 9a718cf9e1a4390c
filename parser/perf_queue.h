/*
 * perf_queue: brings the events of a perf.data file into the order of time.
 *
 * perf writes round after round what the buffers of the CPUs hold, and a
 * record FINISHED_ROUND behind each: whatever is older than the newest event
 * before the last round but one does not come any more
 * (tools/perf/util/ordered-events.c). So two rounds are kept, one list per
 * CPU, and merged by (time, CPU): a capture of the same events has that order.
 *
 * A hypervisor may stop a CPU between a sample's time and its place in the
 * buffer for longer than two rounds; perf then shows the event out of order. So
 * events wait PERF_QUEUE_HELD_NS in any case: sched_latency where 8 CPUs or more
 * share tasks, within which each that can run has its turn (6.1
 * kernel/sched/fair.c, get_update_sysctl_factor()). They go in steps of that
 * time, too, so that each takes part in two sorts at most.
 *
 * A file that does not end its rounds makes the queue grow up to
 * PERF_QUEUE_MAX events; then the oldest go. An event that comes too late then
 * gets the time of the last that went.
 */
#ifndef PARSER_PERF_QUEUE_H
#define PARSER_PERF_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"

enum { PERF_QUEUE_MAX = 4 << 20, PERF_QUEUE_HELD_NS = 24000000 };

/* The events of one CPU that wait, oldest first once they are sorted. */
struct perf_lane {
	struct kmem_event *events;
	size_t from, count, cap; /* [from, count) wait */
	bool unsorted;
};

struct perf_queue {
	uint64_t late; /* events that came too late */
	/* Private */
	struct perf_lane *lanes;
	uint32_t lane_count;
	uint32_t *heap; /* lanes that have an event to give, least first */
	uint32_t heap_count;
	size_t waiting;
	uint64_t newest_ns; /* of all events so far */
	uint64_t round_ns;  /* the newest when the last round ended */
	uint64_t limit_ns;  /* events up to this may go */
	uint64_t last_ns;   /* of the last that went */
	bool due;	    /* limit_ns has grown since the last was given */
	bool giving;	    /* the heap is made */
};

MUST_CHECK int perf_queue_init(struct perf_queue *queue, uint32_t cpus,
			       struct err *err);
void perf_queue_fini(struct perf_queue *queue);

/* Forgets everything but keeps the memory. */
void perf_queue_clear(struct perf_queue *queue);

/*
 * Adds an event, whose cpu is below cpus; only while perf_queue_take() has
 * nothing to give.
 */
MUST_CHECK int perf_queue_add(struct perf_queue *queue,
			      const struct kmem_event *ev, struct err *err);

/* A round has ended; all have. */
void perf_queue_round(struct perf_queue *queue);
void perf_queue_end(struct perf_queue *queue);

/* True if so many events wait that some must go. */
bool perf_queue_full(const struct perf_queue *queue);

/* Takes up to cap events that may go; 0: none. ERR_NOMEM. */
MUST_CHECK int perf_queue_take(struct perf_queue *queue,
			       struct kmem_event *events, size_t cap,
			       size_t *count, struct err *err);

#endif
