#include "analysis/migratetype_text.h"

#include <stdio.h>

const char *migratetype_text(const struct trace *trace, int migratetype,
			     char text[MIGRATETYPE_TEXT_MAX])
{
	static const char *const kernel[] = {"Unmovable", "Movable",
					     "Reclaimable", "HighAtomic"};
	const struct snapshot *snapshot =
	    trace->before.migratetype_count ? &trace->before : &trace->after;
	const char *name = NULL;

	if (migratetype >= 0 &&
	    (uint32_t)migratetype < snapshot->migratetype_count)
		name = snapshot->migratetypes[migratetype];
	else if (migratetype >= 0 && migratetype < 4)
		name = kernel[migratetype];
	if (name)
		snprintf(text, MIGRATETYPE_TEXT_MAX, "%s", name);
	else
		snprintf(text, MIGRATETYPE_TEXT_MAX, "type %d", migratetype);
	return text;
}
