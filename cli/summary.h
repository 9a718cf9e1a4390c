/*
 * summary: the results of a database on one screen of 80 × 24.
 */
#ifndef CLI_SUMMARY_H
#define CLI_SUMMARY_H

#include <stdio.h>

#include "cli/results.h"

enum { SUMMARY_COLUMNS = 80, SUMMARY_LINES = 24 };

/* Where the files are; NULL for one that was not made. */
struct summary_files {
	const char *capture, *database, *plots, *report;
	unsigned int pictures; /* how many are in plots */
};

/* At most SUMMARY_LINES lines of at most SUMMARY_COLUMNS characters. */
void summary_print(FILE *out, const struct results *results,
		   const struct summary_files *files);

#endif
