/*
 * kmemscope fails: when would a block of each order not be had?
 */
#include <stdlib.h>

#include "cli/answer.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/fails_tables.h"
#include "cli/words.h"

struct arguments {
	const char *input;
	struct replay_request request;
	int order;
	enum cli_format format;
};

static int parse_order(const char *text, int *order, struct err *err)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || value > PAGE_ORDER_MAX)
		return err_set(err, ERR_USAGE,
			       "--order %.40s: give an order, 0 to %d", text,
			       PAGE_ORDER_MAX);
	*order = (int)value;
	return 0;
}

static int take_option(int option, const char *value, void *context,
		       struct err *err)
{
	struct arguments *arguments = context;

	switch (option) {
	case 'n':
		return parse_order(value, &arguments->order, err);
	case 'm':
		arguments->request.models = value;
		return 0;
	case 's':
		return replay_settings_parse(&arguments->request.settings,
					     value, err);
	default: /* --format */
		return words_format(value, &arguments->format, err);
	}
}

static int parse_arguments(int argc, char **argv, struct arguments *arguments,
			   struct err *err)
{
	static const struct option options[] = {
	    {"order", required_argument, NULL, 'n'},
	    {"model", required_argument, NULL, 'm'},
	    {"set", required_argument, NULL, 's'},
	    {"format", required_argument, NULL, 'f'},
	    {NULL, 0, NULL, 0},
	};
	int ret;

	*arguments =
	    (struct arguments){.request = {.models = "recorded",
					   .settings = replay_settings_none(),
					   .watch_orders = true},
			       .order = FAILS_ALL_ORDERS};
	ret = command_line_options(argc, argv, "", options, take_option,
				   arguments, err);
	return ret ? ret
		   : command_line_input(argc, argv, &arguments->input, err);
}

static int print(const struct arguments *arguments, const struct trace *trace,
		 const struct replay_run *run, struct err *err)
{
	struct table tables[FAILS_TABLES] = {0};
	struct answer answer = {.input = arguments->input,
				.trace = trace,
				.tables = tables,
				.table_count = FAILS_TABLES};
	int ret;

	if (!run->orders.order_count)
		return err_set(err, ERR_UNSUPPORTED,
			       "%s does not tell what memory the machine has: "
			       "a recording with /proc/zoneinfo is needed",
			       arguments->input);
	if (arguments->order >= (int)run->orders.order_count)
		return err_set(err, ERR_USAGE,
			       "--order %d: the largest order of that machine "
			       "is %u",
			       arguments->order, run->orders.order_count - 1);
	fails_tables(run, trace, arguments->order, tables);
	ret = answer_print(&answer, arguments->format, err);
	for (int i = 0; i < FAILS_TABLES; i++)
		table_fini(&tables[i]);
	return ret;
}

static int run(const struct arguments *arguments, struct err *err)
{
	struct trace trace = {.unwanted =
				  replay_request_unwanted(&arguments->request)};
	struct source *source = NULL;
	struct replay_runs runs = {0};
	int ret = cli_input_open(arguments->input, &trace, &source, err);

	if (!ret)
		ret = replay_runs_make(&runs, &trace, source,
				       &arguments->request, err);
	if (!ret && runs.count != 1)
		ret = err_set(err, ERR_USAGE, "fails: give one --model");
	if (!ret)
		ret = print(arguments, &trace, &runs.runs[0], err);
	replay_runs_fini(&runs);
	source_close(source);
	trace_fini(&trace);
	return ret;
}

int cmd_fails(int argc, char **argv)
{
	struct arguments arguments;
	struct err err = {0};
	int ret = parse_arguments(argc, argv, &arguments, &err);

	if (ret)
		return cli_usage("%s", err.text);
	cli_catch_signals();
	ret = run(&arguments, &err);
	return ret < 0 ? cli_fail(&err) : ret;
}
