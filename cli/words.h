/*
 * words: options that several commands have, and their values.
 */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "cli/answer.h"
#include "core/err.h"

/* Options without a letter; those of one command are numbered from the last. */
enum { OPTION_FORMAT = 256, OPTION_TIME, OPTION_SELF, OPTION_OWN };

/* Rows of a command's options (cli/command.h). */
#define WORDS_FORMAT                                                           \
	{                                                                      \
		OPTION_FORMAT, "format", "text|json|csv",                      \
		    "how the answer is written; default: text"                 \
	}
#define WORDS_LINES(meaning)                                                   \
	{                                                                      \
		'l', "line", "N", meaning                                      \
	}
#define WORDS_SELF                                                             \
	{                                                                      \
		OPTION_SELF, "self", NULL,                                     \
		    "also what the recorder itself allocated"                  \
	}
#define WORDS_FORCE                                                            \
	{                                                                      \
		'f', "force", NULL, "overwrite a file that exists"             \
	}

/* Times that count: from_ns <= ts_ns <= to_ns. */
struct window {
	uint64_t from_ns, to_ns;
};
#define WINDOW_ALL ((struct window){0, UINT64_MAX})

/* "A,B", "A,", ",B" or "A", in seconds as timestamps show them. */
MUST_CHECK int words_window(const char *text, struct window *window,
			    struct err *err);

/* A number of rows. */
MUST_CHECK int words_lines(const char *text, size_t *lines, struct err *err);

/* "text", "json" or "csv". */
MUST_CHECK int words_format(const char *text, enum answer_format *format,
			    struct err *err);

#endif
