/*
 * kmemscope record: a capture directory of this kernel at work.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "collector/boot_trace.h"
#include "collector/record.h"

enum { FILTERS_MAX = 64, BUFFER_KIB_MAX = 1 << 30, SECONDS_MAX = 1 << 30 };

static bool stop_recording(void *data)
{
	(void)data;
	return cli_interrupted();
}

static void print_warning(void *data, const char *text)
{
	(void)data;
	fprintf(stderr, "kmemscope: warning: %s\n", text);
}

static int parse_seconds(const char *text, double *seconds)
{
	char *end;
	double value;

	errno = 0;
	value = strtod(text, &end);
	if (errno || end == text || *end || !(value > 0) || value > SECONDS_MAX)
		return ERR_USAGE;
	*seconds = value;
	return 0;
}

static int parse_kib(const char *text, uint64_t *kib)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *text < '0' || *text > '9' || *end || value == 0 ||
	    value > BUFFER_KIB_MAX)
		return ERR_USAGE;
	*kib = value;
	return 0;
}

struct options {
	struct record_config config;
	bool boot;
	struct event_filter filters[FILTERS_MAX];
};

static int parse_one(int option, struct options *options)
{
	struct record_config *config = &options->config;
	struct err err = {0};

	switch (option) {
	case 'o':
		config->dir = optarg;
		return 0;
	case 'd':
		if (parse_seconds(optarg, &config->seconds))
			return cli_usage("-d %s: not a number of seconds",
					 optarg);
		return 0;
	case 'b':
		if (parse_kib(optarg, &config->buffer_kib))
			return cli_usage("-b %s: not a number of KiB per CPU",
					 optarg);
		return 0;
	case 'f':
		if (config->filter_count == FILTERS_MAX)
			return cli_usage("more than %d filters", FILTERS_MAX);
		if (event_filter_parse(
			optarg, &options->filters[config->filter_count], &err))
			return cli_fail(&err);
		config->filter_count++;
		return 0;
	case 'u':
		config->user_faults = true;
		return 0;
	case 'B':
		options->boot = true;
		return 0;
	default:
		return cli_usage("record [-o DIR] [-d SECONDS] [-b KiB] "
				 "[--filter EVENT:EXPR] [--user-faults] "
				 "[-- COMMAND ...], or record --boot [-o DIR]");
	}
}

static int parse_options(int argc, char **argv, struct options *options)
{
	static const struct option long_options[] = {
	    {"output", required_argument, NULL, 'o'},
	    {"duration", required_argument, NULL, 'd'},
	    {"buffer", required_argument, NULL, 'b'},
	    {"filter", required_argument, NULL, 'f'},
	    {"user-faults", no_argument, NULL, 'u'},
	    {"boot", no_argument, NULL, 'B'},
	    {NULL, 0, NULL, 0},
	};
	int option, rc;

	optind = 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "+o:d:b:", long_options,
				     NULL)) != -1) {
		rc = parse_one(option, options);
		if (rc)
			return rc;
	}
	if (optind < argc)
		options->config.command = argv + optind;
	if (options->config.command && options->config.seconds > 0)
		return cli_usage("give -d SECONDS or a COMMAND, not both: the "
				 "recording ends with the command");
	if (options->boot &&
	    (options->config.command || options->config.seconds > 0 ||
	     options->config.buffer_kib || options->config.filter_count ||
	     options->config.user_faults))
		return cli_usage("--boot takes what is there: only -o goes "
				 "with it");
	return 0;
}

static void print_size(uint64_t bytes)
{
	if (bytes < 10u << 20)
		fprintf(stderr, "%.1f KiB", (double)bytes / 1024);
	else
		fprintf(stderr, "%.1f MiB", (double)bytes / (1 << 20));
}

static void print_loss(const struct record_result *result)
{
	for (size_t i = 0; i < result->cpu_count; i++) {
		const struct cpu_loss *loss = &result->cpus[i].loss;

		if (loss->overrun || loss->commit_overrun ||
		    loss->dropped_events)
			fprintf(stderr,
				"kmemscope: CPU %d lost %" PRIu64
				" events (%" PRIu64 " overrun, %" PRIu64
				" commit overrun, %" PRIu64 " dropped)\n",
				result->cpus[i].cpu,
				loss->overrun + loss->commit_overrun +
				    loss->dropped_events,
				loss->overrun, loss->commit_overrun,
				loss->dropped_events);
	}
}

static void print_result(const struct options *options,
			 const struct record_result *result)
{
	const struct record_config *config = &options->config;

	fprintf(stderr, "kmemscope: %s: %" PRIu64 " events", config->dir,
		result->events);
	if (!options->boot)
		fprintf(stderr, " in %.2f s",
			(double)result->duration_ns / 1e9);
	fputs(", ", stderr);
	print_size(result->raw_bytes);
	fprintf(stderr, " of pages, %zu CPU%s, buffer %" PRIu64 " KiB each\n",
		result->cpu_count, result->cpu_count == 1 ? "" : "s",
		result->buffer_kib);
	if (config->filter_count)
		fputs("kmemscope: filtered: it can be counted, not replayed\n",
		      stderr);
	if (options->boot)
		fputs("kmemscope: the global buffer is empty and its tracing "
		      "off; echo 1 >tracing_on turns it on again\n",
		      stderr);
	if (!result->lost) {
		fputs("kmemscope: nothing was lost\n", stderr);
		return;
	}
	print_loss(result);
	if (options->boot)
		fprintf(stderr,
			"kmemscope: the earliest events are missing; boot "
			"again with a larger buffer: trace_buf_size=%" PRIu64
			"K\n",
			result->buffer_kib * 4);
	else
		fprintf(stderr,
			"kmemscope: sums are too low by what was lost; record "
			"again with a larger buffer: -b %" PRIu64 "\n",
			result->buffer_kib * 4);
}

/* For somebody who watches; a COMMAND talks for itself. */
static void print_start(const struct record_config *config)
{
	if (!isatty(STDERR_FILENO) || config->command)
		return;
	if (config->seconds > 0)
		fprintf(stderr, "kmemscope: recording for %g s\n",
			config->seconds);
	else
		fputs("kmemscope: recording; Ctrl-C ends it\n", stderr);
}

int cmd_record(int argc, char **argv)
{
	struct options options = {
	    .config = {.dir = "kmemscope.kmem",
		       .tool = "kmemscope " KMEM_VERSION,
		       .stop = stop_recording,
		       .warn = print_warning},
	};
	struct record_result result = {0};
	struct err err = {0};
	int status = parse_options(argc, argv, &options);

	if (status)
		return status;
	options.config.filters = options.filters;
	cli_catch_signals();
	if (!options.boot)
		print_start(&options.config);
	if (options.boot ? boot_trace_harvest(&options.config, &result, &err)
			 : record_run(&options.config, &result, &err))
		return cli_fail(&err);
	print_result(&options, &result);
	status = result.command_status < 0 ? EXIT_OK : result.command_status;
	record_result_fini(&result);
	return status;
}
