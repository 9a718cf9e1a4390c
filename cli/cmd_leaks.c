/*
 * kmemscope leaks: what was never freed, the likeliest leak first.
 */
#include <stdlib.h>

#include "analysis/leaks.h"
#include "cli/answer.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/feed.h"
#include "cli/words.h"
#include "cli/input.h"

enum { LINES_DEFAULT = 10 };

struct arguments {
	const char *input;
	struct window window;
	size_t lines;
	bool self;
	enum answer_format format;
};

static const struct command_option known_options[] = {
    WORDS_LINES("print N rows of each kind; default: 10"),
    {OPTION_TIME, "time", "A,B",
     "follow only what was allocated between these timestamps, in seconds; one "
     "may be left out"},
    WORDS_SELF,
    WORDS_FORMAT,
    {0},
};

static int take_option(int option, const char *value, void *context,
		       struct err *err)
{
	struct arguments *arguments = context;

	switch (option) {
	case 'l':
		return words_lines(value, &arguments->lines, err);
	case OPTION_TIME:
		return words_window(value, &arguments->window, err);
	case OPTION_SELF:
		arguments->self = true;
		return 0;
	default: /* --format */
		return words_format(value, &arguments->format, err);
	}
}

static int take(void *sink, const struct kmem_event *events, size_t count,
		struct err *err)
{
	return leaks_feed(sink, events, count, err);
}

static int print(const struct arguments *arguments, const struct trace *trace,
		 const struct leak_row *rows, size_t count, struct err *err)
{
	struct table tables[LEAKS_TABLES] = {0};
	struct answer answer = {.input = arguments->input,
				.trace = trace,
				.tables = tables,
				.table_count = LEAKS_TABLES};
	int ret;

	leaks_tables(rows, count, trace, arguments->lines, tables);
	ret = answer_print(&answer, arguments->format, err);
	for (int i = 0; i < LEAKS_TABLES; i++)
		table_fini(&tables[i]);
	return ret;
}

static int find_leaks(const struct arguments *arguments, struct err *err)
{
	struct trace trace = {.unwanted = TRACE_AFTER_PAGES | TRACE_REVEALS};
	struct leaks_options options = {.trace = &trace,
					.from_ns = arguments->window.from_ns,
					.to_ns = arguments->window.to_ns,
					.self = arguments->self};
	struct source *source = NULL;
	struct leaks_sink *sink = NULL;
	struct leak_row *rows = NULL;
	size_t count;
	int ret = input_open(arguments->input, &trace, &source, err);

	if (!ret)
		ret = leaks_open(&sink, &options, err);
	if (!ret)
		ret = feed_all(source, "leaks", take, sink, err);
	if (!ret)
		ret = leaks_rows(sink, &rows, &count, err);
	if (!ret)
		ret = print(arguments, &trace, rows, count, err);
	free(rows);
	leaks_close(sink);
	source_close(source);
	trace_fini(&trace);
	return ret;
}

static int run(int argc, char **argv, struct err *err)
{
	struct arguments arguments = {.window = WINDOW_ALL,
				      .lines = LINES_DEFAULT};
	int ret = command_line_parse(&command_leaks, argc, argv, take_option,
				     &arguments, &arguments.input, err);

	return ret ? ret : find_leaks(&arguments, err);
}

const struct command command_leaks = {
    .name = "leaks",
    .arguments = "INPUT [-l N] [--time A,B]",
    .summary = "what was never freed, the likeliest leak first",
    .input = "capture directory or database",
    .options = known_options,
    .stops = true,
    .run = run,
};
