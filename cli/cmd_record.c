/*
 * kmemscope record: a capture directory of this kernel at work.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/record_defaults.h"
#include "cli/words.h"
#include "collector/boot_trace.h"

enum { FILTERS_MAX = 64, BUFFER_KIB_MAX = 1 << 30, SECONDS_MAX = 1 << 30 };

static int parse_seconds(const char *text, double *seconds, struct err *err)
{
	char *end;
	double value;

	errno = 0;
	value = strtod(text, &end);
	if (errno || end == text || *end || !(value > 0) || value > SECONDS_MAX)
		return err_set(err, ERR_USAGE,
			       "-d %.40s: not a number of seconds", text);
	*seconds = value;
	return 0;
}

static int parse_kib(const char *text, uint64_t *kib, struct err *err)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (errno || *text < '0' || *text > '9' || *end || value == 0 ||
	    value > BUFFER_KIB_MAX)
		return err_set(err, ERR_USAGE,
			       "-b %.40s: not a number of KiB per CPU", text);
	*kib = value;
	return 0;
}

struct options {
	struct record_config config;
	bool boot;
	struct event_filter filters[FILTERS_MAX];
};

enum { OPTION_FILTER = OPTION_OWN, OPTION_BOOT };

static const struct command_option known_options[] = {
    {'o', "output", "DIR",
     "the capture to make, which must not exist; default: kmemscope.kmem"},
    {'d', "duration", "SECONDS", "how long, if there is no COMMAND"},
    {'b', "buffer", "KiB",
     "ring buffer of each CPU; default: 1/32 of the memory, spread over the "
     "CPUs, between 2 and 64 MiB each"},
    {OPTION_FILTER, "filter", "EVENT:EXPR",
     "keep only the events of that name that fit the kernel's filter "
     "expression; may be given more than once"},
    {OPTION_BOOT, "boot", NULL,
     "take what the kernel recorded of its own boot out of the global buffer; "
     "goes with -o only"},
    {0},
};

static int take_option(int option, const char *value, void *context,
		       struct err *err)
{
	struct options *options = context;
	struct record_config *config = &options->config;

	switch (option) {
	case 'o':
		config->dir = value;
		return 0;
	case 'd':
		return parse_seconds(value, &config->seconds, err);
	case 'b':
		return parse_kib(value, &config->buffer_kib, err);
	case OPTION_FILTER:
		if (config->filter_count == FILTERS_MAX)
			return err_set(err, ERR_USAGE, "more than %d filters",
				       FILTERS_MAX);
		return event_filter_parse(
		    value, &options->filters[config->filter_count++], err);
	default: /* --boot */
		options->boot = true;
		return 0;
	}
}

static int parse_options(int argc, char **argv, struct options *options,
			 struct err *err)
{
	struct record_config *config = &options->config;
	int ret = command_line_options(&command_record, argc, argv, take_option,
				       options, err);

	if (ret)
		return ret;
	if (optind < argc)
		config->command = argv + optind;
	if (config->command && config->seconds > 0)
		return err_set(err, ERR_USAGE,
			       "give -d SECONDS or a COMMAND, not both: the "
			       "recording ends with the command");
	if (options->boot && (config->command || config->seconds > 0 ||
			      config->buffer_kib || config->filter_count))
		return err_set(err, ERR_USAGE,
			       "--boot takes what is there: only -o goes "
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

static int run(int argc, char **argv, struct err *err)
{
	struct options options = {.config = record_defaults("kmemscope.kmem")};
	struct record_result result = {0};
	int ret = parse_options(argc, argv, &options, err);

	if (ret)
		return ret;
	options.config.filters = options.filters;
	if (!options.boot)
		print_start(&options.config);
	ret = options.boot ? boot_trace_harvest(&options.config, &result, err)
			   : record_run(&options.config, &result, err);
	if (ret)
		return ret;
	print_result(&options, &result);
	ret = result.command_status < 0 ? EXIT_OK : result.command_status;
	record_result_fini(&result);
	return ret;
}

const struct command command_record = {
    .name = "record",
    .arguments = "[-o DIR] [--boot | [-d SECONDS] [-b KiB] "
		 "[--filter EVENT:EXPR] [-- COMMAND ...]]",
    .summary = "record this kernel's allocations into a capture directory",
    .options = known_options,
    .takes_command = true,
    .stops = true,
    .run = run,
};
