/*
 * report_stat: one table of stat with its details, for the report.
 */
#ifndef CLI_REPORT_STAT_H
#define CLI_REPORT_STAT_H

#include "analysis/stat_context.h"
#include "analysis/stat_table.h"

/* A zeroed struct is a valid one that counts nothing. */
struct report_stat {
	struct table made; /* after report_stat_make() */
	/* Private */
	enum stat_table table;
	struct trace *trace;
	struct stat_sink *sink;
	struct stat_context *context;
	struct table_column columns[STAT_COLUMNS_MAX]; /* of made */
};

/* Not for tables by place or by address. The trace is the source's. */
MUST_CHECK int report_stat_open(struct report_stat *stat, enum stat_table table,
				struct trace *trace, struct err *err);
MUST_CHECK int report_stat_feed(struct report_stat *stat,
				const struct kmem_event *events, size_t count,
				struct err *err);

/* Makes the table: the rows in stat's own order, at most lines of them. */
MUST_CHECK int report_stat_make(struct report_stat *stat, size_t lines,
				struct err *err);
void report_stat_fini(struct report_stat *stat);

#endif
