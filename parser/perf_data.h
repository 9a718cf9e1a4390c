/*
 * perf_data: a perf.data file as a source of events: what perf kmem record and
 * perf record -e 'kmem:*' write, as a file or through a pipe into one,
 * compressed or not.
 *
 * A sample's raw data is the record that ftrace would have written, so that
 * it is decoded as one (parser/decode.h). PERF_RECORD_LOST becomes EV_LOST
 * and EVF_LOST_BEFORE as in parser/page_source.h. Lost events are the larger of
 * what the LOST records and what the LOST_SAMPLES records add up to: both
 * count the same events (kernel/events/ring_buffer.c, __perf_output_begin()),
 * but the first are written only if a later record finds room, and
 * the second only by perf 6.1 and later, at the end.
 */
#ifndef PARSER_PERF_DATA_H
#define PARSER_PERF_DATA_H

#include "core/err.h"
#include "core/source.h"
#include "core/trace.h"

/*
 * Opens the file; "trace" must be zeroed, is filled, and must outlive *source.
 * On failure it holds what was read so far and is the caller's to trace_fini().
 * A pipe's file that ends early makes the trace partial; a seekable one is
 * refused, because its event formats stand at the end. Errors: see
 * parser/perf_file.h.
 */
MUST_CHECK int perf_data_open(const char *path, struct trace *trace,
			      struct source **source, struct err *err);

#endif
