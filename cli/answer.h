/*
 * answer: prints tables (core/table.h) as text, JSON or CSV.
 *
 * Text fits 80 columns; below the tables stands what in the trace was not as it
 * should be. JSON is one object: "recording" tells of the input
 * ("other_recording" of a second one), each table's name is a key whose value
 * is an array of its rows, "notes" an array of their notes; what is not known
 * is null. CSV is a header line and the rows of each table, an empty line
 * between tables; notes go to stderr. Bytes that are no text are escaped for
 * each.
 */
#ifndef CLI_ANSWER_H
#define CLI_ANSWER_H

#include <stdio.h>

#include "cli/command.h"
#include "core/table.h"
#include "core/trace.h"

/* --format */
enum answer_format { ANSWER_TEXT, ANSWER_JSON, ANSWER_CSV };

struct answer {
	const char *input; /* as the user named it */
	const struct trace *trace;
	const struct table *tables;
	size_t table_count;
	/* More that only text says, after the tables; NULL: nothing. */
	void (*more)(const void *argument, FILE *file);
	const void *argument;
	/* A second recording that the tables are about, or NULL. */
	const char *other_input;
	const struct trace *other;
};

/*
 * Prints to stdout. Returns EXIT_OK, EXIT_NO if an input is partial, or an error:
 * ERR_NOMEM if a table is not complete, ERR_IO if stdout cannot be written.
 */
MUST_CHECK int answer_print(const struct answer *answer,
			    enum answer_format format, struct err *err);

/*
 * Says on stderr that a recording is partial, where the form has no place for
 * it. Returns EXIT_OK or EXIT_NO.
 */
int answer_partial(const struct trace *trace, enum answer_format format);

#endif
