/*
 * array_source: a source of events that stand in an array, for tests.
 *
 * It counts an ANOMALY_NULL_FREE for each EVF_NO_OBJECT that it hands out and
 * takes them back in rewind, as core/source.h asks of every source.
 */
#ifndef TESTS_SUPPORT_ARRAY_SOURCE_H
#define TESTS_SUPPORT_ARRAY_SOURCE_H

#include <stdbool.h>

#include "core/source.h"
#include "core/trace.h"

struct array_source {
	struct source source;
	const struct kmem_event *events;
	size_t count, next;
	struct trace *trace;
	uint64_t counted;
	size_t fail_at; /* reading this event fails; 0: none does */
	bool closed;
};

static inline int array_read(struct source *src, struct kmem_event *events,
			     size_t cap, size_t *count, struct err *err)
{
	struct array_source *array = (struct array_source *)src;
	size_t got = 0;

	for (; got < cap && array->next < array->count; array->next++) {
		if (array->fail_at && array->next == array->fail_at)
			return err_set(err, ERR_IO, "array: made to fail");
		events[got] = array->events[array->next];
		if (events[got].flags & EVF_NO_OBJECT) {
			array->trace->anomalies.count[ANOMALY_NULL_FREE]++;
			array->counted++;
		}
		got++;
	}
	*count = got;
	return 0;
}

static inline int array_rewind(struct source *src, struct err *err)
{
	struct array_source *array = (struct array_source *)src;

	(void)err;
	array->trace->anomalies.count[ANOMALY_NULL_FREE] -= array->counted;
	array->counted = 0;
	array->next = 0;
	return 0;
}

static inline double array_position(const struct source *src)
{
	const struct array_source *array = (const struct array_source *)src;

	return array->count ? (double)array->next / (double)array->count : 1;
}

static inline void array_close(struct source *src)
{
	((struct array_source *)src)->closed = true;
}

/* The array must outlive the source, which needs no memory of its own. */
static inline struct array_source
array_source(struct trace *trace, const struct kmem_event *events, size_t count)
{
	static const struct source_ops ops = {
	    .read = array_read,
	    .rewind = array_rewind,
	    .position = array_position,
	    .close = array_close,
	};

	return (struct array_source){.source.ops = &ops,
				     .events = events,
				     .count = count,
				     .trace = trace};
}

#endif
