/*
 * command_line: a command's options one after the other, and its one input.
 */
#ifndef CLI_COMMAND_LINE_H
#define CLI_COMMAND_LINE_H

#include <getopt.h>

#include "cli/command.h"

/* Takes one option; value is argv's, NULL where the option has none. */
typedef int (*command_line_take)(int option, const char *value, void *arguments,
				 struct err *err);

/*
 * Gives each option to take. The words that are no options stand from
 * argv[optind] on. ERR_USAGE for an option that there is not, or one without
 * its value; else what take returned first.
 */
MUST_CHECK int command_line_options(const struct command *command, int argc,
				    char **argv, command_line_take take,
				    void *arguments, struct err *err);

/*
 * The same of a command with one input, which is argv's. ERR_USAGE for none or
 * several.
 */
MUST_CHECK int command_line_parse(const struct command *command, int argc,
				  char **argv, command_line_take take,
				  void *arguments, const char **input,
				  struct err *err);

#endif
