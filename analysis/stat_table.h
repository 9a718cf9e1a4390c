/*
 * stat_table: the lines of stat as a table (core/table.h).
 *
 * Field names are stable; docs/stat.md describes them. A cell that is not known
 * is empty: details that were not asked for, nodes where the topology is not
 * known, the lifetime where no free was seen.
 */
#ifndef ANALYSIS_STAT_TABLE_H
#define ANALYSIS_STAT_TABLE_H

#include "analysis/stat_context.h"
#include "analysis/stat_view.h"
#include "core/table.h"

struct stat_shown {
	const struct trace *trace;
	enum stat_table table;
	const struct stat_row *rows;
	size_t row_count, shown; /* the first "shown" are in the table */
	bool detail;		 /* rows have details */
	bool wide; /* in text are the columns with and without details */
	const struct stat_meter *total;	    /* with details */
	const struct stat_context *context; /* of tables by context */
	const char *by;			    /* STAT_PLACE: what a place is */
	double seconds;			    /* the time that was counted */
};

enum { STAT_COLUMNS_MAX = 40 };

/* Makes the table; columns must live as long. Fails late: table_status(). */
void stat_table_make(const struct stat_shown *shown,
		     struct table_column columns[STAT_COLUMNS_MAX],
		     struct table *table);

#endif
