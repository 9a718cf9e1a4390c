/*
 * advise_replay: the replays behind "kmemscope advise".
 */
#ifndef CLI_ADVISE_REPLAY_H
#define CLI_ADVISE_REPLAY_H

#include "analysis/advice.h"
#include "analysis/user_pages.h"
#include "core/trace.h"

/*
 * Opens input, replays the baseline, finds out what there is to try, replays
 * that in child processes, and ranks. users are counted on the way. trace is
 * filled; all three are freed by the caller, after a failure too. What could
 * not be replayed says so in its row. ERR_INTERRUPTED after a signal.
 */
MUST_CHECK int advise_replay(const char *input, struct trace *trace,
			     struct advice *advice, struct user_pages *users,
			     struct err *err);

#endif
