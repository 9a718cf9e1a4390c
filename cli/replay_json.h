/*
 * replay_json: the figures of one replay as JSON, for every command that prints
 * them.
 */
#ifndef CLI_REPLAY_JSON_H
#define CLI_REPLAY_JSON_H

#include "cli/replay_run.h"

/*
 * True if the model is the allocator that was recorded, or the recording
 * itself: only then are predictions of bytes_alloc held against the trace.
 */
bool replay_is_own(const struct replay_run *run, const struct trace *trace);

/* The members of an object, without its braces and a last line break. */
void replay_json_fields(const struct replay_run *run,
			const struct trace *trace);

#endif
