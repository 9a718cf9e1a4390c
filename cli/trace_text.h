/*
 * trace_text: what is said under every table of a replay: what in the trace was
 * not as it should be.
 */
#ifndef CLI_TRACE_TEXT_H
#define CLI_TRACE_TEXT_H

#include <stdio.h>

#include "core/trace.h"

/* Anomalies, whether it was linked, whether it is partial. */
void trace_text(FILE *file, const struct trace *trace);

/* "  what: text", a sentence of any length, broken at spaces. */
void trace_text_folded(FILE *file, const char *what, const char *text);

#endif
