#include "bench/repeat_source.h"

#include <assert.h>
#include <stdlib.h>

enum { PAUSE_NS = 1000 }; /* between the last event and the first again */

struct repeat_source {
	struct source source;
	struct source *inner;
	unsigned int times, round;
	uint64_t first_ts_ns, last_ts_ns, shift_ns;
};

static int next_round(struct repeat_source *repeat, struct err *err)
{
	repeat->round++;
	repeat->shift_ns = repeat->last_ts_ns - repeat->first_ts_ns + PAUSE_NS;
	return source_rewind(repeat->inner, err);
}

static int repeat_read(struct source *src, struct kmem_event *events,
		       size_t cap, size_t *count, struct err *err)
{
	struct repeat_source *repeat = (struct repeat_source *)src;
	int ret = source_read(repeat->inner, events, cap, count, err);

	if (!ret && !*count && repeat->round + 1 < repeat->times) {
		ret = next_round(repeat, err);
		if (!ret)
			ret =
			    source_read(repeat->inner, events, cap, count, err);
	}
	for (size_t i = 0; i < *count && !ret; i++) {
		if (!repeat->first_ts_ns)
			repeat->first_ts_ns = events[i].ts_ns;
		events[i].ts_ns += repeat->shift_ns;
		if (events[i].ts_ns > repeat->last_ts_ns)
			repeat->last_ts_ns = events[i].ts_ns;
	}
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

int repeat_open(struct source *inner, unsigned int times,
		struct source **source, struct err *err)
{
	static const struct source_ops ops = {repeat_read, repeat_rewind,
					      repeat_position, repeat_close};
	struct repeat_source *made = calloc(1, sizeof(*made));

	assert(times > 0);
	if (!made) {
		source_close(inner);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	made->source.ops = &ops;
	made->inner = inner;
	made->times = times;
	*source = &made->source;
	return 0;
}
