/*
 * cpu_stats: what the kernel counted in one CPU's ring buffer.
 */
#ifndef COLLECTOR_CPU_STATS_H
#define COLLECTOR_CPU_STATS_H

#include "collector/capture_dir.h"
#include "collector/trace_instance.h"
#include "core/capture_info.h"
#include "core/err.h"

/*
 * Parses per_cpu/cpuN/stats. entries becomes what the pages are expected to
 * hold: "entries" of the kernel counts only what is still in its buffer, what
 * was read out is under "read events" (kernel/trace/trace.c,
 * tracing_stats_read()). left: of those, what is still in the buffer; NULL is
 * allowed. ERR_FORMAT if a line is missing.
 */
MUST_CHECK int cpu_stats_parse(const char *text, struct cpu_loss *loss,
			       uint64_t *left);

/*
 * Reads the statistics of a CPU and writes them to the capture as they are
 * (cpu/N.stats), if dir is not NULL. ERR_MISSING: there is no such CPU.
 */
MUST_CHECK int cpu_stats_take(struct trace_instance *instance, int cpu,
			      struct capture_dir *dir, struct cpu_loss *loss,
			      uint64_t *left, struct err *err);

#endif
