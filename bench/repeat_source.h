/*
 * repeat_source: a source several times over, each time later, for captures
 * that are too short to measure. Put it behind the decoder and before linking.
 */
#ifndef BENCH_REPEAT_SOURCE_H
#define BENCH_REPEAT_SOURCE_H

#include "core/source.h"
#include "core/trace.h"

/*
 * The markers of the snapshots are given once: "before" in the first round,
 * "after" in the last, so that a replay's window is all rounds. trace is
 * inner's, and outlives *source. Takes inner over: it is closed with *source,
 * and at once if this fails. ERR_NOMEM, and what the inner source says.
 */
MUST_CHECK int repeat_open(struct source *inner, const struct trace *trace,
			   unsigned int times, struct source **source,
			   struct err *err);

#endif
