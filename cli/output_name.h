/*
 * output_name: what a command writes, from -o or from its input's name.
 */
#ifndef CLI_OUTPUT_NAME_H
#define CLI_OUTPUT_NAME_H

#include "core/err.h"

enum { OUTPUT_NAME_MAX = 4096 };

/* What a command writes. */
struct output_kind {
	const char *command; /* begins its errors */
	const char *noun;    /* "database": what has no name */
	const char *suffix;  /* ".db" */
};

/*
 * asked, if it is not NULL. Else NAME.kmem, NAME.dat, NAME.data and NAME.db give
 * NAME and the suffix, beside the input; so does any other NAME, and one that
 * has the suffix already. ERR_USAGE where there is no name, ERR_LIMIT where it
 * is too long.
 */
MUST_CHECK int output_name(const struct output_kind *kind, const char *input,
			   const char *asked, char output[OUTPUT_NAME_MAX],
			   struct err *err);

#endif
