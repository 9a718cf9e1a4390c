#include "cli/replay_head.h"

#include <stdio.h>

#include "cli/trace_text.h"
#include "replay/variant.h"

void replay_head(const struct replay_run *run, const struct trace *trace)
{
	const struct replay_result *r = &run->result;
	const struct capture_info *info = &trace->info;
	char rules[VARIANT_NOTE];

	printf("%s, start %s%s%s\n", r->model, r->start,
	       r->settings[0] ? ", with " : "", r->settings);
	if (variant_note(info->version_major, info->version_minor, rules))
		trace_text_folded(stdout, "rules", rules);
}
