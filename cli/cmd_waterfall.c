/*
 * kmemscope waterfall: where each held byte goes, as it was and in models.
 */
#include <string.h>

#include "analysis/waterfall.h"
#include "cli/answer.h"
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

int cmd_waterfall(int argc, char **argv)
{
	struct replay_arguments arguments;
	struct trace trace = {0};
	struct source *source = NULL;
	struct replay_runs runs = {0};
	struct err err = {0};
	int ret = replay_arguments_parse(argc, argv, "recorded,slub,slab,slob",
					 true, &arguments, &err);

	if (ret)
		return cli_usage("%s", err.text);
	cli_catch_signals();
	trace.unwanted = replay_request_unwanted(&arguments.request);
	ret = cli_input_open(arguments.input, &trace, &source, &err);
	if (!ret)
		ret = replay_runs_make(&runs, &trace, source,
				       &arguments.request, &err);
	source_close(source);
	if (!ret)
		ret = runs_check(&runs, &trace, &err);
	if (!ret)
		ret = print(&runs, &trace, &arguments, &err);
	replay_runs_fini(&runs);
	trace_fini(&trace);
	return ret < 0 ? cli_fail(&err) : ret;
}
