/*
 * kmemscope advise: what-ifs, each one replayed, ranked by the pages they save.
 */
#include "cli/advise_replay.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/words.h"

struct arguments {
	const char *input;
	size_t lines;
	enum cli_format format;
};

static int take_option(int option, const char *value, void *context,
		       struct err *err)
{
	struct arguments *arguments = context;

	if (option == 'l')
		return words_lines(value, &arguments->lines, err);
	return words_format(value, &arguments->format, err);
}

static int parse_arguments(int argc, char **argv, struct arguments *arguments,
			   struct err *err)
{
	static const struct option options[] = {
	    {"line", required_argument, NULL, 'l'},
	    {"format", required_argument, NULL, 'f'},
	    {NULL, 0, NULL, 0},
	};
	int ret;

	*arguments = (struct arguments){.lines = SIZE_MAX};
	ret = command_line_options(argc, argv, "l:", options, take_option,
				   arguments, err);
	return ret ? ret
		   : command_line_input(argc, argv, &arguments->input, err);
}

static int print(const struct arguments *arguments, const struct trace *trace,
		 const struct advice *advice, const struct user_pages *users,
		 struct err *err)
{
	struct table tables[3] = {{0}};
	struct answer answer = {.input = arguments->input,
				.trace = trace,
				.tables = tables,
				.table_count = users->faults ? 3 : 2};
	int ret;

	advice_tables(advice, tables);
	if (users->faults)
		user_pages_table(users, &tables[2]);
	for (int i = 1; i < 3; i++)
		if (arguments->lines < tables[i].row_count)
			table_cut(&tables[i], arguments->lines);
	ret = answer_print(&answer, arguments->format, err);
	for (int i = 0; i < 3; i++)
		table_fini(&tables[i]);
	return ret;
}

int cmd_advise(int argc, char **argv)
{
	struct arguments arguments;
	struct trace trace = {0};
	struct advice advice = {0};
	struct user_pages users = {0};
	struct err err = {0};
	int ret = parse_arguments(argc, argv, &arguments, &err);

	if (ret)
		return cli_usage("%s", err.text);
	cli_catch_signals();
	ret = advise_replay(arguments.input, &trace, &advice, &users, &err);
	if (!ret)
		ret = print(&arguments, &trace, &advice, &users, &err);
	user_pages_fini(&users);
	advice_fini(&advice);
	trace_fini(&trace);
	return ret < 0 ? cli_fail(&err) : ret;
}
