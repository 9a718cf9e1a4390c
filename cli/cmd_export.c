/*
 * kmemscope export: a capture for other tools.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "parser/dat_write.h"

struct arguments {
	const char *input, *trace_dat;
	bool force;
};

static int parse_arguments(int argc, char **argv, struct arguments *arguments,
			   struct err *err)
{
	static const struct option options[] = {
	    {"trace-dat", required_argument, NULL, 't'},
	    {"force", no_argument, NULL, 'f'},
	    {NULL, 0, NULL, 0},
	};
	int option;

	*arguments = (struct arguments){0};
	opterr = 0;
	optind = 1;
	while ((option = getopt_long(argc, argv, "f", options, NULL)) != -1) {
		if (option == 't')
			arguments->trace_dat = optarg;
		else if (option == 'f')
			arguments->force = true;
		else
			return err_set(err, ERR_USAGE,
				       "export: unknown option, or one without "
				       "its value");
	}
	if (optind + 1 != argc || !arguments->trace_dat ||
	    !*arguments->trace_dat)
		return err_set(err, ERR_USAGE,
			       "export: give one capture directory and "
			       "--trace-dat FILE");
	arguments->input = argv[optind];
	return 0;
}

int cmd_export(int argc, char **argv)
{
	struct arguments arguments;
	struct err err = {0};
	uint64_t bytes;

	if (parse_arguments(argc, argv, &arguments, &err))
		return cli_usage("%s", err.text);
	if (dat_write(arguments.input, arguments.trace_dat, arguments.force,
		      &bytes, &err))
		return cli_fail(&err);
	fprintf(stderr,
		"%s: %.1f MB; readable by you alone, it holds kernel "
		"addresses\n",
		arguments.trace_dat, (double)bytes / 1e6);
	return EXIT_OK;
}
