/*
 * replay_head: how the text of a replay begins: what was replayed on what, and
 * by whose rules where they are not those of the recorded kernel itself.
 */
#ifndef CLI_REPLAY_HEAD_H
#define CLI_REPLAY_HEAD_H

#include "cli/replay_run.h"
#include "core/trace.h"

/* On stdout. */
void replay_head(const struct replay_run *run, const struct trace *trace);

#endif
