/*
 * live_tasks: what /proc says of each task, as texts for a capture (docs: the
 * capture directory, kernel/cgroups and tracefs/saved_cmdlines).
 *
 * proc is "/proc" or a likeness of it. Tasks that end meanwhile, or whose file
 * cannot be read, are left out. Both return ERR_IO with errno if proc cannot be
 * read, ERR_NOMEM; ERR_LIMIT where there are more tasks than LIVE_TASKS_MAX,
 * with so many in the text.
 */
#ifndef COLLECTOR_LIVE_TASKS_H
#define COLLECTOR_LIVE_TASKS_H

#include "collector/bytes.h"

/* Tasks beyond these are left out. */
enum { LIVE_TASKS_MAX = 1 << 18 };

/*
 * Appends a line "TID PATH" for each task: the group of its memory controller,
 * else that of the one hierarchy.
 */
MUST_CHECK int live_cgroups(const char *proc, struct bytes *out);

/* Appends a line "TID COMM" for each task; a line feed in a name becomes "?". */
MUST_CHECK int live_comms(const char *proc, struct bytes *out);

#endif
