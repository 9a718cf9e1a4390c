/*
 * kmemscope verify: replays held against the kernel's own files.
 */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/replay_arguments.h"
#include "cli/replay_run.h"
#include "cli/trace_text.h"
#include "cli/verify_report.h"

/* What the kernel did, and the model of the allocator that it has. */
static const char *models_of(const struct capture_info *info)
{
	switch (info->slab_kind) {
	case SLAB_KIND_SLAB:
		return "recorded,slab";
	case SLAB_KIND_SLOB:
		return "recorded,slob";
	default:
		return "recorded,slub";
	}
}

static int print_run(const struct trace *trace, const struct replay_run *run,
		     enum cli_format format, bool last, struct err *err)
{
	struct fidelity fidelity;
	struct fidelity_input input = {
	    .trace = trace,
	    .result = &run->result,
	    .notes = &run->notes,
	    .caches = run->caches,
	    .cache_count = run->cache_count,
	    .zones = run->zones,
	    .zone_count = run->zone_count,
	};
	struct verify_report report = {trace, run, &fidelity};
	int ret = fidelity_compute(&fidelity, &input, err);

	if (ret)
		return ret;
	if (format == CLI_JSON) {
		puts(" {");
		verify_json(&report);
		printf("\n }%s\n", last ? "" : ",");
	} else {
		verify_text(&report);
		if (!last)
			puts("");
	}
	fidelity_fini(&fidelity);
	return 0;
}

static int print_runs(const struct trace *trace, const struct replay_runs *runs,
		      enum cli_format format, struct err *err)
{
	int ret = 0;

	if (format == CLI_JSON)
		puts("[");
	for (size_t i = 0; i < runs->count && !ret; i++)
		ret = print_run(trace, &runs->runs[i], format,
				i + 1 == runs->count, err);
	if (format == CLI_JSON)
		puts("]");
	else if (!ret)
		trace_text(stdout, trace);
	return ret;
}

int cmd_verify(int argc, char **argv)
{
	struct replay_arguments arguments;
	struct trace trace = {0};
	struct source *source = NULL;
	struct replay_runs runs = {0};
	struct err err = {0};
	int status;
	int ret =
	    replay_arguments_parse(argc, argv, NULL, false, &arguments, &err);

	if (ret)
		return cli_usage("%s", err.text);
	arguments.request.spread = true;
	cli_catch_signals();
	ret = cli_input_open(arguments.input, &trace, &source, &err);
	if (!ret)
		ret = fidelity_possible(&trace, &err);
	if (!arguments.request.models)
		arguments.request.models = models_of(&trace.info);
	if (!ret)
		ret = replay_runs_make(&runs, &trace, source,
				       &arguments.request, &err);
	source_close(source);
	if (!ret)
		ret = print_runs(&trace, &runs, arguments.format, &err);
	status = trace.info.partial ? EXIT_NO : EXIT_OK;
	if (!ret && trace.info.partial && arguments.format == CLI_JSON)
		fprintf(stderr, "kmemscope: partial: %s\n",
			trace.info.partial_reason);
	replay_runs_fini(&runs);
	trace_fini(&trace);
	return ret ? cli_fail(&err) : status;
}
