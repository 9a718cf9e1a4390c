/*
 * report_file: the report of a database as a file.
 */
#ifndef CLI_REPORT_FILE_H
#define CLI_REPORT_FILE_H

#include <stdbool.h>

#include "cli/report_parts.h"

/*
 * Writes the report of input, which the user named name, to path: whole or not
 * at all, readable by its owner alone. *bytes is its size.
 */
MUST_CHECK int report_file_write(const struct report_input *input,
				 const char *name, const char *path,
				 bool overwrite, long *bytes, struct err *err);

#endif
