/*
 * words: values on the command line that several commands take.
 */
#ifndef CLI_WORDS_H
#define CLI_WORDS_H

#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"

/* Times that count: from_ns <= ts_ns <= to_ns. */
struct window {
	uint64_t from_ns, to_ns;
};
#define WINDOW_ALL ((struct window){0, UINT64_MAX})

/* --time: "A,B", "A,", ",B" or "A", in seconds as timestamps show them. */
MUST_CHECK int words_window(const char *text, struct window *window,
			    struct err *err);
/* -l: a number of rows. */
MUST_CHECK int words_lines(const char *text, size_t *lines, struct err *err);
/* --format */
MUST_CHECK int words_format(const char *text, enum cli_format *format,
			    struct err *err);

#endif
