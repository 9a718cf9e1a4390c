/*
 * command_line: a command's options one after the other, and its one input.
 */
#ifndef CLI_COMMAND_LINE_H
#define CLI_COMMAND_LINE_H

#include <getopt.h>

#include "core/err.h"

/* Takes one option; value is argv's, NULL where the option has none. */
typedef int (*command_line_take)(int option, const char *value, void *arguments,
				 struct err *err);

/*
 * Gives each option to take; letters and options are getopt_long(3)'s, argv[0]
 * is the command's name. The words that are no options stand from argv[optind]
 * on. ERR_USAGE for an option that there is not, or one without its value; else
 * what take returned first.
 */
MUST_CHECK int command_line_options(int argc, char **argv, const char *letters,
				    const struct option *options,
				    command_line_take take, void *arguments,
				    struct err *err);

/* The one word that is no option. ERR_USAGE for none or several. */
MUST_CHECK int command_line_input(int argc, char **argv, const char **input,
				  struct err *err);

#endif
