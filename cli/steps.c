#include "cli/steps.h"

#include <stdio.h>

#include "cli/input.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "cli/import.h"
#include "cli/replay_keep.h"
#include "cli/replay_run.h"

static bool go_on(void *context, double done, uint64_t events)
{
	progress_draw(context, done, events);
	return !signals_seen();
}

int steps_import(const char *input, const char *database, struct err *err)
{
	struct trace trace = {0};
	struct source *source = NULL;
	struct progress progress;
	struct import_options options = {.go_on = go_on, .context = &progress};
	struct import_counts counts;
	int rc;

	fprintf(stderr, "kmemscope: importing %s\n", input);
	rc = input_open(input, &trace, &source, err);
	if (!rc) {
		progress_start(&progress, "import");
		rc = import_source(source, &trace, database, &options, &counts,
				   err);
		progress_end(&progress);
	}
	source_close(source);
	trace_fini(&trace);
	return rc;
}

int steps_replay(const char *database, struct err *err)
{
	struct replay_request request = {.models = "recorded,slub",
					 .settings = replay_settings_none()};
	struct replay_runs runs = {0};
	struct trace trace = {0};
	int rc;

	fprintf(stderr, "kmemscope: replaying, recorded and slub\n");
	rc = replay_input(database, &request, &trace, &runs, err);
	if (!rc)
		rc = replay_keep(&runs, &trace.names, database, err);
	replay_runs_fini(&runs);
	trace_fini(&trace);
	return rc;
}
