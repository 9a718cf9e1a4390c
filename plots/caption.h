/*
 * caption: where a picture's numbers come from and what they lack.
 */
#ifndef PLOTS_CAPTION_H
#define PLOTS_CAPTION_H

#include "core/trace.h"

enum { CAPTION_LINES = 3, CAPTION_CHARS = 176 };

/* Lines of at most CAPTION_CHARS characters; unused ones are empty. */
struct caption {
	char line[CAPTION_LINES][4 * CAPTION_CHARS + 1];
};

/*
 * The first line names the capture, its kernel and its size; the next ones say
 * what was lost ("Nothing lost." or "PARTIAL: ...") and count the anomalies.
 * start: how the replays that are shown started ("warm"), NULL: none is shown.
 */
void caption_write(const struct trace *trace, const char *start,
		   struct caption *caption);

#endif
