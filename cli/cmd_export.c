/*
 * kmemscope export: a capture for other tools.
 */
#include <stdio.h>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/words.h"
#include "parser/dat_write.h"

struct arguments {
	const char *input, *trace_dat;
	bool force;
};

enum { OPTION_TRACE_DAT = OPTION_OWN };

static const struct command_option known_options[] = {
    {OPTION_TRACE_DAT, "trace-dat", "FILE", "the file to make"},
    WORDS_FORCE,
    {0},
};

static int take_option(int option, const char *value, void *context,
		       struct err *err)
{
	struct arguments *arguments = context;

	(void)err;
	if (option == OPTION_TRACE_DAT)
		arguments->trace_dat = value;
	else
		arguments->force = true;
	return 0;
}

static int run(int argc, char **argv, struct err *err)
{
	struct arguments arguments = {0};
	uint64_t bytes;
	int ret = command_line_parse(&command_export, argc, argv, take_option,
				     &arguments, &arguments.input, err);

	if (ret)
		return ret;
	if (!arguments.trace_dat || !*arguments.trace_dat)
		return err_set(err, ERR_USAGE,
			       "export: give one capture directory and "
			       "--trace-dat FILE");
	ret = dat_write(arguments.input, arguments.trace_dat, arguments.force,
			&bytes, err);
	if (ret)
		return ret;
	fprintf(stderr,
		"%s: %.1f MB; readable by you alone, it holds kernel "
		"addresses\n",
		arguments.trace_dat, (double)bytes / 1e6);
	return EXIT_OK;
}

const struct command command_export = {
    .name = "export",
    .arguments = "CAPTURE --trace-dat FILE [-f]",
    .summary = "a capture directory for trace-cmd and KernelShark",
    .input = "capture directory and --trace-dat FILE",
    .options = known_options,
    .run = run,
};
