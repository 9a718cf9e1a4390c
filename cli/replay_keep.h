/*
 * replay_keep: replays into the database that they were made from.
 */
#ifndef CLI_REPLAY_KEEP_H
#define CLI_REPLAY_KEEP_H

#include "cli/replay_run.h"

/*
 * Keeps every run in the database at path, in the place of earlier ones of the
 * same model and settings. names are those of the runs' trace.
 */
MUST_CHECK int replay_keep(const struct replay_runs *runs,
			   const struct names *names, const char *path,
			   struct err *err);

#endif
