#include "cli/trace_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/wrap.h"

/* The text goes to a line of its own where both do not fit into 80 columns. */
static void anomaly_line(FILE *file, enum anomaly id, uint64_t count)
{
	const char *word = anomaly_word(id), *text = anomaly_text(id);
	bool fits = 2 + 14 + 1 + strlen(word) + 2 + strlen(text) <= 80;

	fprintf(file, "  %14" PRIu64 " %s:%s%s\n", count, word,
		fits ? " " : "\n                 ", text);
}

void trace_text_folded(FILE *file, const char *what, const char *text)
{
	wrap_print(file, text, fprintf(file, "  %s:", what), 3);
}

void trace_text(FILE *file, const struct trace *trace)
{
	const struct capture_info *info = &trace->info;

	for (int i = 0; i < ANOMALY_COUNT; i++)
		if (trace->anomalies.count[i])
			anomaly_line(file, (enum anomaly)i,
				     trace->anomalies.count[i]);
	if (!info->linked)
		trace_text_folded(file, "not linked", info->link_reason);
	if (info->partial)
		trace_text_folded(file, "PARTIAL", info->partial_reason);
}
