/*
 * cli: what all commands share. The only folder that prints and exits.
 *
 * Results go to stdout, talk to stderr. Exit status as grep has it: 0 done,
 * 1 done but the answer is "no" (a partial result, a failed check), 2 error.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/source.h"
#include "core/trace.h"

enum { EXIT_OK = 0, EXIT_NO = 1, EXIT_ERROR = 2 };

/* One command: argv[0] is its name. Returns an exit status. */
struct command {
	const char *name;
	const char *arguments; /* "[-o DIR] [-- COMMAND ...]" */
	const char *summary;
	int (*run)(int argc, char **argv);
};

/* Prints "kmemscope: TEXT" to stderr and returns EXIT_ERROR. */
int cli_fail(const struct err *err);
int cli_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* How results are written (--format). */
enum cli_format { CLI_TEXT, CLI_JSON, CLI_CSV };
MUST_CHECK int cli_format_parse(const char *word, enum cli_format *format);

/*
 * Opens a capture directory, a trace.dat or a database as a linked source. The
 * trace is filled; both live until source_close() and trace_fini().
 */
MUST_CHECK int cli_input_open(const char *path, struct trace *trace,
			      struct source **source, struct err *err);

/* The same; of a trace.dat only the events of that tracing instance. */
MUST_CHECK int cli_input_open_instance(const char *path, const char *instance,
				       struct trace *trace,
				       struct source **source, struct err *err);

/* Set by SIGINT and SIGTERM once cli_catch_signals() was called. */
void cli_catch_signals(void);
bool cli_interrupted(void);
/* Once a signal has done its work: cli_interrupted() is false again. */
void cli_forget_signals(void);

/*
 * One line on a terminal's stderr that is redrawn ten times a second, from the
 * first second of work on; nothing where stderr is no terminal.
 */
struct cli_progress {
	const char *what;
	uint64_t start_ns, drawn_ns;
	bool terminal, shown;
};
void cli_progress_start(struct cli_progress *progress, const char *what);
void cli_progress_draw(struct cli_progress *progress, double done,
		       uint64_t events);
void cli_progress_end(struct cli_progress *progress);

#endif
