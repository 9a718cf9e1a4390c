/*
 * kmemscope advise: what-ifs, each one replayed, ranked by the pages they save.
 */
#include <getopt.h>

#include "cli/advise_replay.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/words.h"

struct arguments {
	const char *input;
	size_t lines;
	enum cli_format format;
};

static int parse_arguments(int argc, char **argv, struct arguments *arguments,
			   struct err *err)
{
	static const struct option options[] = {
	    {"line", required_argument, NULL, 'l'},
	    {"format", required_argument, NULL, 'f'},
	    {NULL, 0, NULL, 0},
	};
	int option, ret = 0;

	*arguments = (struct arguments){.lines = SIZE_MAX};
	opterr = 0;
	while (!ret &&
	       (option = getopt_long(argc, argv, "l:", options, NULL)) != -1) {
		if (option == 'l')
			ret = words_lines(optarg, &arguments->lines, err);
		else if (option == 'f')
			ret = words_format(optarg, &arguments->format, err);
		else
			ret = err_set(err, ERR_USAGE,
				      "advise: unknown option, or one without "
				      "its value");
	}
	if (!ret && optind + 1 != argc)
		ret = err_set(err, ERR_USAGE,
			      "advise: give one capture directory or database");
	if (!ret)
		arguments->input = argv[optind];
	return ret;
}

static int print(const struct arguments *arguments, const struct trace *trace,
		 const struct advice *advice, struct err *err)
{
	struct table tables[2];
	struct answer answer = {.input = arguments->input,
				.trace = trace,
				.tables = tables,
				.table_count = 2};
	int ret;

	advice_tables(advice, tables);
	if (arguments->lines < advice->count)
		table_cut(&tables[1], arguments->lines);
	ret = answer_print(&answer, arguments->format, err);
	table_fini(&tables[0]);
	table_fini(&tables[1]);
	return ret;
}

int cmd_advise(int argc, char **argv)
{
	struct arguments arguments;
	struct trace trace = {0};
	struct advice advice = {0};
	struct err err = {0};
	int ret = parse_arguments(argc, argv, &arguments, &err);

	if (ret)
		return cli_usage("%s", err.text);
	cli_catch_signals();
	ret = advise_replay(arguments.input, &trace, &advice, &err);
	if (!ret)
		ret = print(&arguments, &trace, &advice, &err);
	advice_fini(&advice);
	trace_fini(&trace);
	return ret < 0 ? cli_fail(&err) : ret;
}
