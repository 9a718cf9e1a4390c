/*
 * answer_forms: the three forms of an answer; cli/answer.h describes them.
 */
#ifndef CLI_ANSWER_FORMS_H
#define CLI_ANSWER_FORMS_H

#include <stdio.h>

#include "cli/answer.h"

void answer_text(const struct answer *answer, FILE *file);
void answer_csv(const struct answer *answer, FILE *file);
MUST_CHECK int answer_json(const struct answer *answer, FILE *file,
			   struct err *err);

#endif
