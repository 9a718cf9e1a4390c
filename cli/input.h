/*
 * input: whatever a command can read, told apart by what is in it.
 */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include "core/err.h"
#include "core/source.h"
#include "core/trace.h"

/*
 * Opens a capture directory, a trace.dat, a perf.data, a trace as text or a
 * database as a linked source. The trace is filled; both live until
 * source_close() and trace_fini(). ERR_MISSING: there is no such file; ERR_PERM:
 * it may not be read; ERR_FORMAT: it is none of these.
 */
MUST_CHECK int input_open(const char *path, struct trace *trace,
			  struct source **source, struct err *err);

/* The same; of a trace.dat only the events of that tracing instance. */
MUST_CHECK int input_open_instance(const char *path, const char *instance,
				   struct trace *trace, struct source **source,
				   struct err *err);

#endif
