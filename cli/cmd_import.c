/*
 * kmemscope import: a recording into a database.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/input.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "cli/cli_escape.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/import.h"
#include "cli/output_name.h"
#include "cli/words.h"
#include "db/db.h"

struct arguments {
	const char *input, *instance, *asked; /* asked: -o */
	char output[OUTPUT_NAME_MAX];
	bool force;
};

static const struct output_kind kind = {"import", "database", ".db"};

enum { OPTION_INSTANCE = OPTION_OWN, COLUMNS = 80 };

static const struct command_option known_options[] = {
    {'o', "output", "FILE.db",
     "default: the recording's name, with .db for .kmem, .dat or .data"},
    WORDS_FORCE,
    {OPTION_INSTANCE, "instance", "NAME",
     "of a trace.dat only the events of that tracing instance; \"\" is the top "
     "one"},
    {0},
};

static int take_option(int option, const char *value, void *context,
		       struct err *err)
{
	struct arguments *arguments = context;

	(void)err;
	if (option == 'o')
		arguments->asked = value;
	else if (option == 'f')
		arguments->force = true;
	else
		arguments->instance = value;
	return 0;
}

static bool go_on(void *context, double done, uint64_t events)
{
	progress_draw(context, done, events);
	return !signals_seen();
}

static void print_anomalies(const struct anomalies *anomalies)
{
	int column = 0;

	for (unsigned int i = 0; i < ANOMALY_COUNT; i++) {
		char item[64];
		int len;

		if (!anomalies->count[i])
			continue;
		len = snprintf(item, sizeof(item), "%s %" PRIu64,
			       anomaly_word(i), anomalies->count[i]);
		column += fprintf(stderr, column ? "," : "  anomalies:");
		/* A blank before it, a comma perhaps behind it. */
		if (column + 1 + len + 1 > COLUMNS)
			column = fprintf(stderr, "\n   ") - 1;
		column += fprintf(stderr, " %s", item);
	}
	if (column)
		fputc('\n', stderr);
}

static void print_summary(const char *output, const struct trace *trace,
			  const struct import_counts *counts)
{
	char reason[1024];
	struct stat st = {0};

	if (stat(output, &st))
		st.st_size = 0;
	fprintf(
	    stderr, "%s: %" PRIu64 " events, %" PRIu64 " objects, %.1f MB\n",
	    output, counts->events, counts->objects, (double)st.st_size / 1e6);
	if (trace->info.partial)
		fprintf(stderr, "  warning: the recording is partial: %s\n",
			escape_visible(trace->info.partial_reason, reason,
				       sizeof(reason)));
	print_anomalies(&trace->anomalies);
}

static int import(const struct arguments *arguments, struct trace *trace,
		  struct err *err)
{
	struct progress progress;
	struct import_options options = {.overwrite = arguments->force,
					 .go_on = go_on,
					 .context = &progress};
	struct import_counts counts;
	struct source *source = NULL;
	int ret;

	if (db_is_database(arguments->input))
		return err_set(err, ERR_USAGE, "%s is a database already",
			       arguments->input);
	ret = input_open_instance(arguments->input, arguments->instance, trace,
				  &source, err);
	if (ret)
		return ret;
	progress_start(&progress, "import");
	ret = import_source(source, trace, arguments->output, &options, &counts,
			    err);
	progress_end(&progress);
	source_close(source);
	if (!ret)
		print_summary(arguments->output, trace, &counts);
	return ret;
}

static int run(int argc, char **argv, struct err *err)
{
	struct arguments arguments = {0};
	struct trace trace = {0};
	int ret = command_line_parse(&command_import, argc, argv, take_option,
				     &arguments, &arguments.input, err);

	if (!ret)
		ret = output_name(&kind, arguments.input, arguments.asked,
				  arguments.output, err);
	if (!ret)
		ret = import(&arguments, &trace, err);
	if (!ret && trace.info.partial)
		ret = EXIT_NO;
	trace_fini(&trace);
	return ret;
}

const struct command command_import = {
    .name = "import",
    .arguments = "INPUT [-o FILE.db] [-f] [--instance NAME]",
    .summary = "a capture directory, trace.dat or perf.data into a database",
    .input = "capture directory or file",
    .options = known_options,
    .stops = true,
    .run = run,
};
