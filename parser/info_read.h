/*
 * info_read: the facts about a recording as a whole, from capture.json.
 */
#ifndef PARSER_INFO_READ_H
#define PARSER_INFO_READ_H

#include <stddef.h>

#include "core/err.h"
#include "core/trace.h"

/*
 * Fills trace->info, trace->self_pids and the anomalies that stand in the file
 * (lost and filtered events). Required members that are missing, of the wrong
 * type or impossible are errors by name.
 */
MUST_CHECK int info_parse(const char *text, size_t len, struct trace *trace,
			  struct err *err);

#endif
