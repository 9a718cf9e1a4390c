/*
 * help: what kmemscope says of its commands.
 */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/command.h"

/* All commands, ended by NULL, on stdout. */
void help_all(const struct command *const *commands);

/* One with its options, on stdout. */
void help_command(const struct command *command);

#endif
