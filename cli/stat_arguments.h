/*
 * stat_arguments: the command line of "kmemscope stat".
 */
#ifndef CLI_STAT_ARGUMENTS_H
#define CLI_STAT_ARGUMENTS_H

#include "analysis/stat_sort.h"
#include "cli/command.h"
#include "cli/stat_place.h"
#include "cli/words.h"

struct stat_arguments {
	const char *input, *vmlinux;
	enum stat_table table;
	enum place_by by; /* of STAT_PLACE */
	bool self, windowed;
	/* Peaks, lifetimes and the like are asked for: events must be read. */
	bool detail;
	struct stat_sort sort;
	struct window window;
	size_t lines;
	enum answer_format format;
};

extern const struct command_option stat_options[];

/* ERR_USAGE with what is wrong. */
MUST_CHECK int stat_arguments_parse(int argc, char **argv,
				    struct stat_arguments *arguments,
				    struct err *err);

#endif
