/*
 * kmemscope import: a recording into a database.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "cli/cli_escape.h"
#include "cli/commands.h"
#include "cli/import.h"
#include "cli/output_name.h"
#include "db/db.h"

struct arguments {
	const char *input, *instance;
	char output[OUTPUT_NAME_MAX];
	bool force;
};

static const struct output_kind kind = {"import", "database", ".db"};

static int parse_arguments(int argc, char **argv, struct arguments *arguments,
			   struct err *err)
{
	static const struct option options[] = {
	    {"output", required_argument, NULL, 'o'},
	    {"force", no_argument, NULL, 'f'},
	    {"instance", required_argument, NULL, 'i'},
	    {NULL, 0, NULL, 0},
	};
	const char *output = NULL;
	int option;

	*arguments = (struct arguments){0};
	opterr = 0;
	optind = 1;
	while ((option = getopt_long(argc, argv, "o:f", options, NULL)) != -1) {
		if (option == 'o')
			output = optarg;
		else if (option == 'f')
			arguments->force = true;
		else if (option == 'i')
			arguments->instance = optarg;
		else
			return err_set(err, ERR_USAGE,
				       "import: unknown option, or one without "
				       "its value");
	}
	if (optind + 1 != argc)
		return err_set(err, ERR_USAGE,
			       "import: give one capture directory or file");
	arguments->input = argv[optind];
	return output_name(&kind, arguments->input, output, arguments->output,
			   err);
}

static bool go_on(void *context, double done, uint64_t events)
{
	cli_progress_draw(context, done, events);
	return !cli_interrupted();
}

static void print_anomalies(const struct anomalies *anomalies)
{
	bool any = false;

	for (unsigned int i = 0; i < ANOMALY_COUNT; i++) {
		if (!anomalies->count[i])
			continue;
		fprintf(stderr, "%s%s %" PRIu64,
			any ? ", " : "  anomalies: ", anomaly_word(i),
			anomalies->count[i]);
		any = true;
	}
	if (any)
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
	struct cli_progress progress;
	struct import_options options = {.overwrite = arguments->force,
					 .go_on = go_on,
					 .context = &progress};
	struct import_counts counts;
	struct source *source = NULL;
	int ret;

	if (db_is_database(arguments->input))
		return err_set(err, ERR_USAGE, "%s is a database already",
			       arguments->input);
	ret = cli_input_open_instance(arguments->input, arguments->instance,
				      trace, &source, err);
	if (ret)
		return ret;
	cli_progress_start(&progress, "import");
	ret = import_source(source, trace, arguments->output, &options, &counts,
			    err);
	cli_progress_end(&progress);
	source_close(source);
	if (!ret)
		print_summary(arguments->output, trace, &counts);
	return ret;
}

int cmd_import(int argc, char **argv)
{
	struct arguments arguments;
	struct trace trace = {0};
	struct err err = {0};
	int ret;

	if (parse_arguments(argc, argv, &arguments, &err))
		return cli_usage("%s", err.text);
	cli_catch_signals();
	ret = import(&arguments, &trace, &err);
	if (ret)
		ret = cli_fail(&err);
	else if (trace.info.partial)
		ret = EXIT_NO;
	trace_fini(&trace);
	return ret;
}
