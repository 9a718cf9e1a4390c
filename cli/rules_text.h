/*
 * rules_text: whose rules a replay follows, where they are not those of the
 * recorded kernel itself.
 */
#ifndef CLI_RULES_TEXT_H
#define CLI_RULES_TEXT_H

#include "core/trace.h"

/* Nothing, or lines under the head of a replay on stdout. */
void rules_text(const struct trace *trace);

#endif
