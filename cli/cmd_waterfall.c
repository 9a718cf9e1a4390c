/*
 * kmemscope waterfall: where each held byte goes, as it was and in models.
 */
#include <string.h>

#include "analysis/waterfall.h"
#include "cli/answer.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/replay_arguments.h"
#include "cli/replay_run.h"

static bool is_recorded(const char *model)
{
	return !strcmp(model, "recorded");
}

/* The columns of a table have different names. */
static int runs_check(const struct replay_runs *runs, const struct trace *trace,
		      struct err *err)
{
	for (size_t i = 0; i < runs->count; i++) {
		const char *model = runs->runs[i].result.model;

		for (size_t j = 0; j < i; j++)
			if (!strcmp(model, runs->runs[j].result.model))
				return err_set(err, ERR_USAGE,
					       "--model names %s twice", model);
		if (is_recorded(model) && !trace->info.linked)
			return err_set(
			    err, ERR_UNSUPPORTED,
			    "which pages the recorded kernel's slabs held is "
			    "not known, because the trace is not linked: %s; "
			    "models can be asked: --model slub",
			    trace->info.link_reason);
	}
	return 0;
}

static int print(const struct replay_runs *runs, const struct trace *trace,
		 const struct replay_arguments *arguments, struct err *err)
{
	struct waterfall_column columns[REPLAY_RUNS_MAX];
	struct waterfall_tables tables = {0};
	struct answer answer = {.input = arguments->input,
				.trace = trace,
				.tables = tables.tables,
				.table_count = WATERFALL_MOMENTS};
	int ret;

	_Static_assert((int)REPLAY_RUNS_MAX <= (int)WATERFALL_COLUMNS_MAX,
		       "all are shown");
	for (size_t i = 0; i < runs->count; i++)
		columns[i] = (struct waterfall_column){
		    runs->runs[i].result.model, runs->runs[i].result.start,
		    runs->runs[i].waterfall};
	ret = waterfall_tables_make(&tables, columns, (unsigned int)runs->count,
				    err);
	if (!ret)
		ret = answer_print(&answer, arguments->format, err);
	waterfall_tables_fini(&tables);
	return ret;
}

static const struct command_option known_options[] = {
    REPLAY_MODELS("what is replayed; default: all of them"),
    REPLAY_SET,
    REPLAY_START,
    WORDS_FORMAT,
    {0},
};

static int run(int argc, char **argv, struct err *err)
{
	struct replay_arguments arguments = {
	    .request = {.models = "recorded,slub,slab,slob",
			.settings = replay_settings_none()}};
	struct trace trace = {0};
	struct replay_runs runs = {0};
	int ret = command_line_parse(&command_waterfall, argc, argv,
				     replay_arguments_take, &arguments,
				     &arguments.input, err);

	if (!ret)
		ret = replay_input(arguments.input, &arguments.request, &trace,
				   &runs, err);
	if (!ret)
		ret = runs_check(&runs, &trace, err);
	if (!ret)
		ret = print(&runs, &trace, &arguments, err);
	replay_runs_fini(&runs);
	trace_fini(&trace);
	return ret;
}

const struct command command_waterfall = {
    .name = "waterfall",
    .arguments = "INPUT [--model LIST] [--set KEY=VALUE ...]",
    .summary = "where each held byte goes, as it was and in models",
    .input = "capture directory or database",
    .options = known_options,
    .stops = true,
    .run = run,
};
