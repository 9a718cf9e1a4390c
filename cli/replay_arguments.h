/*
 * replay_arguments: the options that replay, verify, waterfall and fails share.
 */
#ifndef CLI_REPLAY_ARGUMENTS_H
#define CLI_REPLAY_ARGUMENTS_H

#include "cli/answer.h"
#include "cli/command.h"
#include "cli/replay_run.h"
#include "cli/words.h"

/* Fill in what the command replays where no option says so. */
struct replay_arguments {
	const char *input;
	struct replay_request request;
	enum answer_format format;
};

/* Options of one command alone are numbered from the last. */
enum {
	OPTION_MODEL = OPTION_OWN,
	OPTION_SET,
	OPTION_START,
	OPTION_FORMAT_NO_CSV,
	OPTION_REPLAY_OWN
};

/* Rows of a command's options (cli/command.h). */
#define REPLAY_MODELS(meaning)                                                 \
	{                                                                      \
		OPTION_MODEL, "model", "recorded,slub,slab,slob", meaning      \
	}
#define REPLAY_SET                                                             \
	{                                                                      \
		OPTION_SET, "set", "KEY=VALUE",                                \
		    "change a parameter of the models, as "                    \
		    "slub.max_order=0; may be given more than once"            \
	}
#define REPLAY_START                                                           \
	{                                                                      \
		OPTION_START, "start", "trace|snapshot",                       \
		    "where the models start: from the snapshot and what the "  \
		    "trace reveals of it (the default), or from the snapshot " \
		    "alone"                                                    \
	}
#define REPLAY_FORMAT                                                          \
	{                                                                      \
		OPTION_FORMAT_NO_CSV, "format", "text|json",                   \
		    "how the answer is written; default: text"                 \
	}

/* A command_line_take of struct replay_arguments. */
MUST_CHECK int replay_arguments_take(int option, const char *value,
				     void *arguments, struct err *err);

#endif
