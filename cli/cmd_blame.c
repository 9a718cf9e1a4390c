/*
 * kmemscope blame: who keeps memory in pieces.
 */
#include <string.h>

#include "analysis/blame.h"
#include "cli/answer.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/feed.h"
#include "cli/words.h"
#include "cli/input.h"

enum { LINES_DEFAULT = 10 };

struct arguments {
	const char *input;
	uint64_t at_ns; /* UINT64_MAX: the end */
	bool worst;
	size_t lines;
	enum answer_format format;
};

/* "SECONDS", as timestamps show them, or "worst". */
static int parse_moment(const char *text, struct arguments *arguments,
			struct err *err)
{
	struct window window;

	arguments->worst = !strcmp(text, "worst");
	if (arguments->worst)
		return 0;
	if (*text < '0' || *text > '9' || strchr(text, ',') ||
	    words_window(text, &window, err))
		return err_set(err, ERR_USAGE,
			       "--at %.40s: give a time in seconds, as "
			       "timestamps show them, or worst",
			       text);
	/* Timestamps show microseconds: to the end of this one. */
	arguments->at_ns = window.from_ns + 999;
	return 0;
}

enum { OPTION_AT = OPTION_OWN };

static const struct command_option known_options[] = {
    {OPTION_AT, "at", "SECONDS|worst",
     "at that time, as timestamps show it, or when slabs held most beyond what "
     "lived in them; default: at the end"},
    WORDS_LINES("print N rows of each table; default: 10"),
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
	case OPTION_AT:
		return parse_moment(value, arguments, err);
	default: /* --format */
		return words_format(value, &arguments->format, err);
	}
}

static int take(void *sink, const struct kmem_event *events, size_t count,
		struct err *err)
{
	return blame_feed(sink, events, count, err);
}

/* One reading; *sink is closed by the caller, after a failure too. */
static int read_all(struct source *source, const struct blame_options *options,
		    struct blame_sink **sink, struct err *err)
{
	int ret = blame_open(sink, options, err);

	return ret ? ret : feed_all(source, "blame", take, *sink, err);
}

/* The worst moment is known when all was read; then it is read up to there. */
static int gather(struct source *source, const struct arguments *arguments,
		  const struct trace *trace, struct blame_sink **sink,
		  struct err *err)
{
	struct blame_options options = {.trace = trace,
					.until_ns = arguments->at_ns};
	int ret = read_all(source, &options, sink, err);

	if (ret || !arguments->worst)
		return ret;
	options.until_ns = blame_worst_ns(*sink);
	blame_close(*sink);
	*sink = NULL;
	ret = source_rewind(source, err);
	return ret ? ret : read_all(source, &options, sink, err);
}

static int print(const struct arguments *arguments, const struct trace *trace,
		 const struct blame_report *report, struct err *err)
{
	struct table tables[BLAME_TABLES] = {0};
	struct answer answer = {.input = arguments->input,
				.trace = trace,
				.tables = tables,
				.table_count = BLAME_TABLES};
	int ret;

	blame_tables(report, trace, arguments->lines, tables);
	ret = answer_print(&answer, arguments->format, err);
	for (int i = 0; i < BLAME_TABLES; i++)
		table_fini(&tables[i]);
	return ret;
}

static int blame(const struct arguments *arguments, struct err *err)
{
	struct trace trace = {.unwanted = TRACE_AFTER_PAGES | TRACE_REVEALS};
	struct blame_report report = {0};
	struct source *source = NULL;
	struct blame_sink *sink = NULL;
	int ret = input_open(arguments->input, &trace, &source, err);

	if (!ret)
		ret = gather(source, arguments, &trace, &sink, err);
	if (!ret)
		ret = blame_report_make(sink, &report, err);
	if (!ret)
		ret = print(arguments, &trace, &report, err);
	blame_report_fini(&report);
	blame_close(sink);
	source_close(source);
	trace_fini(&trace);
	return ret;
}

static int run(int argc, char **argv, struct err *err)
{
	struct arguments arguments = {.at_ns = UINT64_MAX,
				      .lines = LINES_DEFAULT};
	int ret = command_line_parse(&command_blame, argc, argv, take_option,
				     &arguments, &arguments.input, err);

	return ret ? ret : blame(&arguments, err);
}

const struct command command_blame = {
    .name = "blame",
    .arguments = "INPUT [--at SECONDS|worst] [-l N] [--format text|json|csv]",
    .summary = "which call sites and caches pin slab pages and pageblocks",
    .input = "capture directory or database",
    .options = known_options,
    .stops = true,
    .run = run,
};
