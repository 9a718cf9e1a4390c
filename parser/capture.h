/*
 * capture: a capture directory as a source of events in the order of time.
 *
 * See parser/page_source.h for the events and their order.
 */
#ifndef PARSER_CAPTURE_H
#define PARSER_CAPTURE_H

#include "core/err.h"
#include "core/source.h"
#include "core/trace.h"

/*
 * Opens the capture in directory dir. "trace" must be zeroed but for
 * "unwanted"; it is filled and must outlive *source, which the caller closes before trace_fini(). Counts in
 * the trace (anomalies, tracepoints, decoded events, partial) are complete once
 * the source was read to its end. On failure the trace holds what was read so
 * far and is the caller's to trace_fini().
 *
 * ERR_MISSING: a required file is not there; ERR_FORMAT: one is damaged or
 * unknown; ERR_IO, ERR_LIMIT, ERR_NOMEM as their names say. Snapshots that
 * cannot be read are no error: see trace->before.why_missing.
 */
MUST_CHECK int capture_open(const char *dir, struct trace *trace,
			    struct source **source, struct err *err);

#endif
