/*
 * migratetype_text: the name of a migratetype.
 */
#ifndef ANALYSIS_MIGRATETYPE_TEXT_H
#define ANALYSIS_MIGRATETYPE_TEXT_H

#include "core/trace.h"

enum { MIGRATETYPE_TEXT_MAX = SYMBOL_TEXT_MAX };

/*
 * The recorded kernel's own name (pagetypeinfo), else that of enum migratetype
 * (include/linux/mmzone.h, 4.4 on, the first four), else "type N".
 */
const char *migratetype_text(const struct trace *trace, int migratetype,
			     char text[MIGRATETYPE_TEXT_MAX]);

#endif
