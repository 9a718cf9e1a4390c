/*
 * text_trace: a trace as text as a source of events.
 *
 * What can be read: the kernel's trace and trace_pipe, the output of trace-cmd
 * report and perf script (text_line.h), and the lines of slab_debug=T in a
 * console log (text_slub.h). Other lines between them are passed over.
 *
 * What a text does not say is left unknown (clock, CPUs without events), is
 * taken from its heads where they have it (release, machine, CPUs), or from
 * what its events show (width of a long, hashed pointers). The page size is
 * 4096 bytes where no head names a machine on which it cannot be another;
 * otherwise that is counted as ANOMALY_ASSUMED_PAGE_SIZE.
 *
 * Lost events: "CPU:0 [LOST 123 EVENTS]" gives an EV_LOST before the next event
 * of that CPU. The head of the file "trace" says how many events were written
 * and how many are in it: the rest was lost, and if there are fewer lines, the
 * text is partial. So it is if its last line has no end.
 *
 * Memory: one buffer, and what is different (call sites, tasks, names).
 */
#ifndef PARSER_TEXT_TRACE_H
#define PARSER_TEXT_TRACE_H

#include <stdbool.h>

#include "core/err.h"
#include "core/source.h"
#include "core/trace.h"

/* True if the regular file of that name begins as a text does. */
bool text_trace_is(const char *path);

/*
 * Opens the text; trace and *source as with capture_open(). Reads until the
 * first event about memory. ERR_FORMAT if the file has none, ERR_IO, ERR_LIMIT
 * (a path that is too long), ERR_NOMEM.
 */
MUST_CHECK int text_trace_open(const char *path, struct trace *trace,
			       struct source **source, struct err *err);

#endif
