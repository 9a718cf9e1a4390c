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

int answer_partial(const struct trace *trace, enum answer_format format)
{
	if (trace->info.partial && format != ANSWER_TEXT)
		fprintf(stderr, "kmemscope: partial: %s\n",
			trace->info.partial_reason);
	return trace->info.partial ? EXIT_NO : EXIT_OK;
}

int answer_print(const struct answer *answer, enum answer_format format,
		 struct err *err)
{
	int ret = 0;

	for (size_t i = 0; i < answer->table_count && !ret; i++)
		ret = table_status(&answer->tables[i], err);
	if (ret)
		return ret;
	switch (format) {
	case ANSWER_JSON:
		ret = answer_json(answer, stdout, err);
		break;
	case ANSWER_CSV:
		answer_csv(answer, stdout);
		notes_to_stderr(answer);
		break;
	case ANSWER_TEXT:
		answer_text(answer, stdout);
		break;
	}
	if (!ret && (fflush(stdout) || ferror(stdout)))
		ret = err_set(err, ERR_IO, "cannot write to stdout: %m");
	if (!ret)
		ret = answer_partial(answer->trace, format);
	if (ret >= 0 && answer->other)
		ret |= answer_partial(answer->other, format);
	return ret;
}
