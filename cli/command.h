/*
 * command: what a command of kmemscope is, and its exit status.
 *
 * Results go to stdout, talk to stderr. Exit status as grep has it: 0 done,
 * 1 done but the answer is "no" (a partial result, a failed check), 2 error.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>

#include "core/err.h"

enum { EXIT_OK = 0, EXIT_NO = 1, EXIT_ERROR = 2 };

struct command_option {
	int id;		     /* a letter: also "-LETTER"; words.h has others */
	const char *name;    /* "--NAME"; NULL ends a list */
	const char *value;   /* what follows, "N" or "a|b"; NULL: nothing */
	const char *meaning; /* for help: a sentence without its point */
};

struct command {
	const char *name;
	const char *arguments; /* "INPUT [-l N]": one line of help */
	const char *summary;
	/* What the one word that is no option names; NULL: not one word. */
	const char *input;
	const struct command_option *options;
	/* The first word that is no option begins a command line of its own. */
	bool takes_command;
	/* It asks signals_seen() while it works; else a signal ends it. */
	bool stops;
	/*
	 * argv[0] is the command's name. Returns an exit status, or a negative
	 * code with what is wrong.
	 */
	int (*run)(int argc, char **argv, struct err *err);
};

#endif
