#include "cli/command_line.h"

#include <stddef.h>

int command_line_options(int argc, char **argv, const char *letters,
			 const struct option *options, command_line_take take,
			 void *arguments, struct err *err)
{
	int option, ret = 0;

	opterr = 0;
	optind = 1;
	while (!ret && (option = getopt_long(argc, argv, letters, options,
					     NULL)) != -1) {
		if (option == '?')
			ret = err_set(err, ERR_USAGE,
				      "%s: unknown option, or one without its "
				      "value",
				      argv[0]);
		else
			ret = take(option, optarg, arguments, err);
	}
	return ret;
}

int command_line_input(int argc, char **argv, const char **input,
		       struct err *err)
{
	if (optind + 1 != argc)
		return err_set(err, ERR_USAGE,
			       "%s: give one capture directory or database",
			       argv[0]);
	*input = argv[optind];
	return 0;
}
