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

int answer_print(const struct answer *answer, enum cli_format format,
		 struct err *err)
{
	const struct capture_info *info = &answer->trace->info;
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
	if (ret || !info->partial)
		return ret;
	if (format != CLI_TEXT)
		fprintf(stderr, "kmemscope: partial: %s\n",
			info->partial_reason);
	return EXIT_NO;
}
