/*
 * reading: what every source notes in the trace about the current reading:
 * anomalies, times, and why it is partial.
 */
#ifndef PARSER_READING_H
#define PARSER_READING_H

#include <stdbool.h>
#include <stddef.h>

#include "core/event.h"
#include "core/trace.h"

struct reading {
	struct trace *trace;
	/* Private */
	struct anomalies given; /* what trace->anomalies has of the source's */
	bool begun;		/* an event was given */
};

/* Brings what the source counted since the last time into the trace. */
void reading_give(struct reading *reading, const struct anomalies *now);

/* Sets the trace's first and last time. */
void reading_times(struct reading *reading, const struct kmem_event *events,
		   size_t count);

/* Before the first event again; give the source's cleared anomalies after. */
void reading_rewind(struct reading *reading);

/* Marks the trace partial, for a reason that is told once. */
void reading_partial(struct capture_info *info, const char *reason);

/* At the end: damage that was counted makes the trace partial. */
void reading_damage(struct capture_info *info,
		    const struct anomalies *anomalies);

/* 454639 -> "454,639" */
const char *reading_digits(uint64_t value, char text[32]);

#endif
