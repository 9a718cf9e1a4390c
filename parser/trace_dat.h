/*
 * trace_dat: a trace.dat file of trace-cmd as a source of events. The pages in
 * it are those of the kernel, so that they go the way of a capture's
 * (parser/page_source.h), and events, times and losses are told alike.
 */
#ifndef PARSER_TRACE_DAT_H
#define PARSER_TRACE_DAT_H

#include "core/err.h"
#include "core/source.h"
#include "core/trace.h"

/*
 * Opens the file; "trace" must be zeroed, is filled, and must outlive *source.
 * On failure it holds what was read so far and is the caller's to trace_fini().
 *
 * instance names the tracing instance whose events are wanted ("": the top
 * one); NULL: those of all. ERR_USAGE if two instances hold the same memory
 * events then, because each would count twice; ERR_MISSING if there is no
 * such instance. Pages that the file ends before make the trace partial.
 * Other errors: see parser/dat_file.h.
 */
MUST_CHECK int trace_dat_open(const char *path, const char *instance,
			      struct trace *trace, struct source **source,
			      struct err *err);

#endif
