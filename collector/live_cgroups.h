/*
 * live_cgroups: the control group of each task, as a text (docs: the capture
 * directory, kernel/cgroups).
 */
#ifndef COLLECTOR_LIVE_CGROUPS_H
#define COLLECTOR_LIVE_CGROUPS_H

#include "collector/bytes.h"

/* Tasks beyond these are left out. */
enum { LIVE_CGROUPS_MAX = 1 << 18 };

/*
 * Appends a line "TID PATH" for each task of proc, "/proc" or a likeness of it:
 * the group of its memory controller, else that of the one hierarchy. Tasks
 * that end meanwhile, or whose group cannot be read, are left out. ERR_IO with
 * errno if proc cannot be read, ERR_NOMEM; ERR_LIMIT where there are more tasks
 * than LIVE_CGROUPS_MAX, with so many in the text.
 */
MUST_CHECK int live_cgroups(const char *proc, struct bytes *out);

#endif
