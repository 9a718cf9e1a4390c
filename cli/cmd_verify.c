/*
 * kmemscope verify: replays held against the kernel's own files.
 */
#include <stdio.h>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/replay_arguments.h"
#include "cli/replay_run.h"
#include "cli/trace_text.h"
#include "cli/verify_report.h"

static int print_run(const struct trace *trace, const struct replay_run *run,
		     enum answer_format format, bool last, struct err *err)
{
	struct fidelity fidelity;
	struct verify_report report = {trace, run, &fidelity};
	int ret = replay_run_fidelity(run, trace, &fidelity, err);

	if (ret)
		return ret;
	if (format == ANSWER_JSON) {
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
		      enum answer_format format, struct err *err)
{
	int ret = 0;

	if (format == ANSWER_JSON)
		puts("[");
	for (size_t i = 0; i < runs->count && !ret; i++)
		ret = print_run(trace, &runs->runs[i], format,
				i + 1 == runs->count, err);
	if (format == ANSWER_JSON)
		puts("]");
	else if (!ret)
		trace_text(stdout, trace);
	return ret;
}

static const struct command_option known_options[] = {
    REPLAY_MODELS("what is replayed; default: recorded and the allocator that "
		  "was"),
    REPLAY_SET,
    REPLAY_START,
    REPLAY_FORMAT,
    {0},
};

static int run(int argc, char **argv, struct err *err)
{
	struct replay_arguments arguments = {
	    .request = {.settings = replay_settings_none(),
			.verify = true,
			.spread = true}};
	struct trace trace = {0};
	struct replay_runs runs = {0};
	int ret = command_line_parse(&command_verify, argc, argv,
				     replay_arguments_take, &arguments,
				     &arguments.input, err);

	if (!ret)
		ret = replay_input(arguments.input, &arguments.request, &trace,
				   &runs, err);
	if (!ret)
		ret = print_runs(&trace, &runs, arguments.format, err);
	if (!ret)
		ret = answer_partial(&trace, arguments.format);
	replay_runs_fini(&runs);
	trace_fini(&trace);
	return ret;
}

const struct command command_verify = {
    .name = "verify",
    .arguments =
	"INPUT [--model recorded,slub,slab,slob] [--set KEY=VALUE ...]",
    .summary = "how far replays end from what the kernel's own files say",
    .input = "capture directory or database",
    .options = known_options,
    .stops = true,
    .run = run,
};
