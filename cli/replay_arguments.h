/*
 * replay_arguments: the command line that replay, verify and waterfall share.
 */
#ifndef CLI_REPLAY_ARGUMENTS_H
#define CLI_REPLAY_ARGUMENTS_H

#include "cli/cli.h"
#include "cli/replay_run.h"

struct replay_arguments {
	const char *input;
	struct replay_request request;
	enum cli_format format;
};

/*
 * [--model LIST] [--set KEY=VALUE ...] [--start WORD] [--spread]
 * [--format WORD] INPUT.
 * argv[0] is the command's name, models what is replayed where --model is not
 * given (may be NULL); tables: the command prints tables, so it has --format csv
 * and no --spread. Strings are argv's.
 * ERR_USAGE, naming what is wrong.
 */
MUST_CHECK int replay_arguments_parse(int argc, char **argv, const char *models,
				      bool tables,
				      struct replay_arguments *arguments,
				      struct err *err);

#endif
