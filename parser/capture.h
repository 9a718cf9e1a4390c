/*
 * capture: a capture directory as a source of events in the order of time.
 *
 * The files of the CPUs are merged by time; of equal times the lower CPU comes
 * first, so that the order is the same every time. Objects are not linked
 * here: parser/link.h does that on top.
 *
 * Where events of a CPU were lost, an EV_LOST event with their number in addr
 * (0: not known) comes before the next event of that CPU, which has
 * EVF_LOST_BEFORE. Failed allocations (EVF_FAILED) have addr 0.
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
