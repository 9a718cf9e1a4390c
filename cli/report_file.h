/*
 * report_file: the report of a database as HTML.
 */
#ifndef CLI_REPORT_FILE_H
#define CLI_REPORT_FILE_H

#include <stdio.h>

#include "cli/report_parts.h"

/* Makes and writes the report of input, which the user named name. */
MUST_CHECK int report_file_write(struct report_input *input, const char *name,
				 FILE *file, struct err *err);

#endif
