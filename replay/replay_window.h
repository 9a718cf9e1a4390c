/*
 * replay_window: from the "before" snapshot to the "after" one, by the markers
 * of their files; without markers the whole trace.
 */
#ifndef REPLAY_REPLAY_WINDOW_H
#define REPLAY_REPLAY_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/trace.h"

struct replay;

/* A marker that begins or ends the window of one kind of event. */
struct window {
	uint32_t begin, end; /* name ids of markers, 0: none */
	bool open, closed;
};

/*
 * The window between the markers of a file of before/ and after/; warm: the
 * start is that of before/, so that it begins there.
 */
struct window replay_window_of(const struct trace *trace, const char *file,
			       bool warm);

/* A marker of that name was passed. ERR_NOMEM. */
MUST_CHECK int replay_window_marker(struct replay *replay, uint32_t name);

/* The trace is over: so are the windows that no marker ended. */
void replay_window_end(struct replay *replay);

#endif
