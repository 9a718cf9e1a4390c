/*
 * site_rows: the rows of stat of an input, from the summary of a database or
 * counted from the events of a capture.
 */
#ifndef CLI_SITE_ROWS_H
#define CLI_SITE_ROWS_H

#include "core/err.h"
#include "core/result.h"
#include "core/trace.h"

struct site_rows {
	struct trace trace;
	struct site_summary *sites;
	size_t count;
};

/* rows must be zeroed; site_rows_fini() frees it, after a failure too. */
MUST_CHECK int site_rows_load(const char *path, struct site_rows *rows,
			      struct err *err);
void site_rows_fini(struct site_rows *rows);

#endif
