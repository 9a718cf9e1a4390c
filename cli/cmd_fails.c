/*
 * kmemscope fails: when would a block of each order not be had?
 */
#include <stdlib.h>
#include <string.h>

#include "cli/answer.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/fails_tables.h"
#include "cli/replay_arguments.h"

struct arguments {
	struct replay_arguments replay;
	int order;
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

enum { OPTION_ORDER = OPTION_REPLAY_OWN };

static const struct command_option known_options[] = {
    {OPTION_ORDER, "order", "N", "this order only; default: all"},
    {OPTION_MODEL, "model", "recorded|slub|slab|slob",
     "what is replayed; default: recorded"},
    REPLAY_SET,
    WORDS_FORMAT,
    {0},
};

static int take_option(int option, const char *value, void *context,
		       struct err *err)
{
	struct arguments *arguments = context;

	return option == OPTION_ORDER
		   ? parse_order(value, &arguments->order, err)
		   : replay_arguments_take(option, value, &arguments->replay,
					   err);
}

static int print(const struct arguments *arguments, const struct trace *trace,
		 const struct replay_run *run, struct err *err)
{
	struct table tables[FAILS_TABLES] = {0};
	struct answer answer = {.input = arguments->replay.input,
				.trace = trace,
				.tables = tables,
				.table_count = FAILS_TABLES};
	int ret;

	if (!run->orders.order_count)
		return err_set(err, ERR_UNSUPPORTED,
			       "%s does not tell what memory the machine has: "
			       "a recording with /proc/zoneinfo is needed",
			       arguments->replay.input);
	if (arguments->order >= (int)run->orders.order_count)
		return err_set(err, ERR_USAGE,
			       "--order %d: the largest order of that machine "
			       "is %u",
			       arguments->order, run->orders.order_count - 1);
	fails_tables(run, trace, arguments->order, tables);
	ret = answer_print(&answer, arguments->replay.format, err);
	for (int i = 0; i < FAILS_TABLES; i++)
		table_fini(&tables[i]);
	return ret;
}

static int run(int argc, char **argv, struct err *err)
{
	struct arguments arguments = {
	    .replay.request = {.models = "recorded",
			       .settings = replay_settings_none(),
			       .watch_orders = true},
	    .order = FAILS_ALL_ORDERS};
	struct trace trace = {0};
	struct replay_runs runs = {0};
	int ret = command_line_parse(&command_fails, argc, argv, take_option,
				     &arguments, &arguments.replay.input, err);

	if (!ret && strchr(arguments.replay.request.models, ','))
		ret = err_set(err, ERR_USAGE, "fails: give one --model");
	if (!ret)
		ret =
		    replay_input(arguments.replay.input,
				 &arguments.replay.request, &trace, &runs, err);
	if (!ret)
		ret = print(&arguments, &trace, &runs.runs[0], err);
	replay_runs_fini(&runs);
	trace_fini(&trace);
	return ret;
}

const struct command command_fails = {
    .name = "fails",
    .arguments = "INPUT [--order N] [--model recorded|slub|slab|slob]",
    .summary =
	"when a block of each order could not be had, and who held the memory",
    .input = "capture directory or database",
    .options = known_options,
    .stops = true,
    .run = run,
};
