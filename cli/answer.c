#include "cli/answer.h"

#include <stdio.h>

#include "cli/answer_forms.h"

static void notes_to_stderr(const struct answer *answer)
{
	for (size_t i = 0; i < answer->table_count; i++)
		for (size_t n = 0; n < answer->tables[i].note_count; n++)
			fprintf(stderr, "kmemscope: %s\n",
				table_note_at(&answer->tables[i], n));
}

/* Text says it among the rest. */
static bool partial(const struct trace *trace, enum cli_format format)
{
	if (trace->info.partial && format != CLI_TEXT)
		fprintf(stderr, "kmemscope: partial: %s\n",
			trace->info.partial_reason);
	return trace->info.partial;
}

int answer_print(const struct answer *answer, enum cli_format format,
		 struct err *err)
{
	int ret = 0;

	for (size_t i = 0; i < answer->table_count && !ret; i++)
		ret = table_status(&answer->tables[i], err);
	if (ret)
		return ret;
	switch (format) {
	case CLI_JSON:
		ret = answer_json(answer, stdout, err);
		break;
	case CLI_CSV:
		answer_csv(answer, stdout);
		notes_to_stderr(answer);
		break;
	case CLI_TEXT:
		answer_text(answer, stdout);
		break;
	}
	if (!ret && (fflush(stdout) || ferror(stdout)))
		ret = err_set(err, ERR_IO, "cannot write to stdout: %m");
	if (!ret && partial(answer->trace, format))
		ret = EXIT_NO;
	if (ret >= 0 && answer->other && partial(answer->other, format))
		ret = EXIT_NO;
	return ret;
}
