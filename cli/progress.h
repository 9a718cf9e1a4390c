/*
 * progress: one line on a terminal's stderr that is redrawn ten times a second,
 * from the first second of work on; nothing where stderr is no terminal.
 */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	/* Private */
	const char *what;
	uint64_t start_ns, drawn_ns;
	bool terminal, shown;
};

/* what: one word for the work; it must outlive it. */
void progress_start(struct progress *progress, const char *what);

/* done: 0 to 1. */
void progress_draw(struct progress *progress, double done, uint64_t events);

/* Removes the line. */
void progress_end(struct progress *progress);

#endif
