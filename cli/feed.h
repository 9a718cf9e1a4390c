/*
 * feed: all events of a source into a sink, with a progress line.
 */
#ifndef CLI_FEED_H
#define CLI_FEED_H

#include <stddef.h>

#include "core/source.h"

/* Takes events in the order of their source. */
typedef int (*feed_sink)(void *sink, const struct kmem_event *events,
			 size_t count, struct err *err);

/*
 * Reads source to its end; what names the work on the terminal. ERR_INTERRUPTED
 * after a signal.
 */
MUST_CHECK int feed_all(struct source *source, const char *what, feed_sink take,
			void *sink, struct err *err);

#endif
