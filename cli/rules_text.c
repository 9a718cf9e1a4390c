#include "cli/rules_text.h"

#include <stdio.h>

#include "cli/trace_text.h"
#include "replay/variant.h"

void rules_text(const struct trace *trace)
{
	const struct capture_info *info = &trace->info;
	char text[VARIANT_NOTE];

	if (variant_note(info->version_major, info->version_minor, text))
		trace_text_folded(stdout, "rules", text);
}
