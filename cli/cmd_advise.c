/*
 * kmemscope advise: what-ifs, each one replayed, ranked by the pages they save.
 */
#include "cli/advise_replay.h"
#include "cli/answer.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/words.h"

struct arguments {
	const char *input;
	size_t lines;
	enum answer_format format;
};

static int take_option(int option, const char *value, void *context,
		       struct err *err)
{
	struct arguments *arguments = context;

	if (option == 'l')
		return words_lines(value, &arguments->lines, err);
	return words_format(value, &arguments->format, err);
}

static const struct command_option known_options[] = {
    WORDS_LINES("print N rows only; default: all"),
    WORDS_FORMAT,
    {0},
};

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

static int run(int argc, char **argv, struct err *err)
{
	struct arguments arguments = {.lines = SIZE_MAX};
	struct trace trace = {0};
	struct advice advice = {0};
	struct user_pages users = {0};
	int ret = command_line_parse(&command_advise, argc, argv, take_option,
				     &arguments, &arguments.input, err);

	if (!ret)
		ret = advise_replay(arguments.input, &trace, &advice, &users,
				    err);
	if (!ret)
		ret = print(&arguments, &trace, &advice, &users, err);
	user_pages_fini(&users);
	advice_fini(&advice);
	trace_fini(&trace);
	return ret;
}

const struct command command_advise = {
    .name = "advise",
    .arguments = "INPUT [-l N] [--format text|json|csv]",
    .summary = "what-ifs, each one replayed, ranked by the pages they save",
    .input = "capture directory or database",
    .options = known_options,
    .stops = true,
    .run = run,
};
