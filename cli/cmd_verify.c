/*
 * kmemscope verify: replays held against the kernel's own files.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/replay_run.h"
#include "cli/trace_text.h"
#include "cli/verify_report.h"

struct arguments {
	const char *input;
	struct replay_request request;
	enum cli_format format;
};

static int parse_arguments(int argc, char **argv, struct arguments *arguments,
			   struct err *err)
{
	static const struct option options[] = {
	    {"model", required_argument, NULL, 'm'},
	    {"set", required_argument, NULL, 's'},
	    {"start", required_argument, NULL, 'a'},
	    {"format", required_argument, NULL, 'f'},
	    {NULL, 0, NULL, 0},
	};
	int option, ret;

	*arguments =
	    (struct arguments){.request.settings = replay_settings_none()};
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'm':
			arguments->request.models = optarg;
			break;
		case 's':
			ret = replay_settings_parse(
			    &arguments->request.settings, optarg, err);
			if (ret)
				return ret;
			break;
		case 'a':
			ret = replay_start_parse(
			    optarg, &arguments->request.start, err);
			if (ret)
				return ret;
			break;
		case 'f':
			if (!cli_format_parse(optarg, &arguments->format) &&
			    arguments->format != CLI_CSV)
				break;
			return err_set(err, ERR_USAGE,
				       "--format is text or json, not '%s'",
				       optarg);
		default:
			return err_set(err, ERR_USAGE,
				       "verify: unknown option or missing "
				       "value: %s",
				       argv[optind - 1]);
		}
	}
	if (argc - optind != 1)
		return err_set(err, ERR_USAGE,
			       "verify needs one INPUT, a capture directory "
			       "or a database");
	arguments->input = argv[optind];
	return 0;
}

/* What the kernel did, and the model of the allocator that it has. */
static const char *models_of(const struct capture_info *info)
{
	switch (info->slab_kind) {
	case SLAB_KIND_SLAB:
		return "recorded,slab";
	case SLAB_KIND_SLOB:
		return "recorded,slob";
	default:
		return "recorded,slub";
	}
}

static int print_run(const struct trace *trace, const struct replay_run *run,
		     enum cli_format format, bool last, struct err *err)
{
	struct fidelity fidelity;
	struct fidelity_input input = {
	    .trace = trace,
	    .result = &run->result,
	    .notes = &run->notes,
	    .caches = run->caches,
	    .cache_count = run->cache_count,
	    .zones = run->zones,
	    .zone_count = run->zone_count,
	};
	struct verify_report report = {trace, run, &fidelity};
	int ret = fidelity_compute(&fidelity, &input, err);

	if (ret)
		return ret;
	if (format == CLI_JSON) {
		puts(" {");
		verify_json(&report);
		printf("\n }%s\n", last ? "" : ",");
	} else {
		verify_text(&report);
		if (!last)
			puts("");
	}
	fidelity_fini(&fidelity);
	return 0;
}

static int print_runs(const struct trace *trace, const struct replay_runs *runs,
		      enum cli_format format, struct err *err)
{
	int ret = 0;

	if (format == CLI_JSON)
		puts("[");
	for (size_t i = 0; i < runs->count && !ret; i++)
		ret = print_run(trace, &runs->runs[i], format,
				i + 1 == runs->count, err);
	if (format == CLI_JSON)
		puts("]");
	else if (!ret)
		trace_text(trace);
	return ret;
}

int cmd_verify(int argc, char **argv)
{
	struct arguments arguments;
	struct trace trace = {0};
	struct source *source = NULL;
	struct replay_runs runs = {0};
	struct err err = {0};
	int status;
	int ret = parse_arguments(argc, argv, &arguments, &err);

	if (ret)
		return cli_usage("%s", err.text);
	cli_catch_signals();
	ret = cli_input_open(arguments.input, &trace, &source, &err);
	if (!ret)
		ret = fidelity_possible(&trace, &err);
	if (!arguments.request.models)
		arguments.request.models = models_of(&trace.info);
	if (!ret)
		ret = replay_runs_make(&runs, &trace, source,
				       &arguments.request, &err);
	source_close(source);
	if (!ret)
		ret = print_runs(&trace, &runs, arguments.format, &err);
	status = trace.info.partial ? EXIT_NO : EXIT_OK;
	if (!ret && trace.info.partial && arguments.format == CLI_JSON)
		fprintf(stderr, "kmemscope: partial: %s\n",
			trace.info.partial_reason);
	replay_runs_fini(&runs);
	trace_fini(&trace);
	return ret ? cli_fail(&err) : status;
}
