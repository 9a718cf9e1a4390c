/*
 * boot_trace: the global trace buffer after a boot with trace_event= on the
 * kernel's command line, as a capture directory (docs/boot.md).
 *
 * This is the only thing here that reads the global buffer. What is taken out
 * of it cannot be put back, so everything else is written first; if taking the
 * pages fails, the unfinished directory stays and the error names it.
 */
#ifndef COLLECTOR_BOOT_TRACE_H
#define COLLECTOR_BOOT_TRACE_H

#include "collector/record.h"
#include "core/err.h"

/*
 * Turns the global buffer's tracing off and makes config->dir of what is in it,
 * with a snapshot "after". Of the config only dir, tool, warn and data count.
 * result->duration_ns is 0. ERR_MISSING: nothing is in the buffer.
 */
MUST_CHECK int boot_trace_harvest(const struct record_config *config,
				  struct record_result *result,
				  struct err *err);

#endif
