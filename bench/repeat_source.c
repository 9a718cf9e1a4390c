#include "bench/repeat_source.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PAUSE_NS = 1000 }; /* between the last event and the first again */

struct repeat_source {
	struct source source;
	struct source *inner;
	const struct trace *trace;
	unsigned int times, round;
	uint64_t first_ts_ns, last_ts_ns, shift_ns;
};

static int next_round(struct repeat_source *repeat, struct err *err)
{
	repeat->round++;
	repeat->shift_ns = repeat->last_ts_ns - repeat->first_ts_ns + PAUSE_NS;
	return source_rewind(repeat->inner, err);
}

/* False for the marker of a snapshot that is not at this end of the whole. */
static bool belongs(const struct repeat_source *repeat,
		    const struct kmem_event *ev)
{
	const char *text;

	if (ev->kind != EV_MARKER)
		return true;
	text = names_get(&repeat->trace->names, ev->name);
	if (!strncmp(text, "before:", strlen("before:")))
		return repeat->round == 0;
	if (!strncmp(text, "after:", strlen("after:")))
		return repeat->round + 1 == repeat->times;
	return true;
}

/* Moves the events to their round's time; returns how many stay. */
static size_t shift(struct repeat_source *repeat, struct kmem_event *events,
		    size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		if (!repeat->first_ts_ns)
			repeat->first_ts_ns = events[i].ts_ns;
		events[i].ts_ns += repeat->shift_ns;
		if (events[i].ts_ns > repeat->last_ts_ns)
			repeat->last_ts_ns = events[i].ts_ns;
		if (belongs(repeat, &events[i]))
			events[kept++] = events[i];
	}
	return kept;
}

static int repeat_read(struct source *src, struct kmem_event *events,
		       size_t cap, size_t *count, struct err *err)
{
	struct repeat_source *repeat = (struct repeat_source *)src;
	size_t read, kept = 0;
	int ret = 0;

	/* Of a batch of nothing but markers none may stay: 0 is the end. */
	while (!ret && !kept) {
		ret = source_read(repeat->inner, events, cap, &read, err);
		if (!ret && !read && repeat->round + 1 == repeat->times)
			break;
		if (!ret && !read)
			ret = next_round(repeat, err);
		else if (!ret)
			kept = shift(repeat, events, read);
	}
	if (!ret)
		*count = kept;
	return ret;
}

static int repeat_rewind(struct source *src, struct err *err)
{
	struct repeat_source *repeat = (struct repeat_source *)src;

	repeat->round = 0;
	repeat->first_ts_ns = repeat->last_ts_ns = repeat->shift_ns = 0;
	return source_rewind(repeat->inner, err);
}

static double repeat_position(const struct source *src)
{
	const struct repeat_source *repeat = (const struct repeat_source *)src;

	return (repeat->round + source_position(repeat->inner)) / repeat->times;
}

static void repeat_close(struct source *src)
{
	struct repeat_source *repeat = (struct repeat_source *)src;

	source_close(repeat->inner);
	free(repeat);
}

int repeat_open(struct source *inner, const struct trace *trace,
		unsigned int times, struct source **source, struct err *err)
{
	static const struct source_ops ops = {
	    .read = repeat_read,
	    .rewind = repeat_rewind,
	    .position = repeat_position,
	    .close = repeat_close,
	};
	struct repeat_source *made = calloc(1, sizeof(*made));

	assert(times > 0);
	if (!made) {
		source_close(inner);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	made->source.ops = &ops;
	made->inner = inner;
	made->trace = trace;
	made->times = times;
	*source = &made->source;
	return 0;
}
