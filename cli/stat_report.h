/*
 * stat_report: the answer of "kmemscope stat": a table, and the sums of the
 * whole in the words of perf kmem stat or as tables of their own.
 */
#ifndef CLI_STAT_REPORT_H
#define CLI_STAT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analysis/stat.h"
#include "analysis/stat_totals.h"
#include "core/err.h"
#include "core/table.h"
#include "core/trace.h"

struct stat_report {
	const struct trace *trace;
	enum stat_table table;
	bool windowed; /* --time */
	uint64_t skipped;
	struct stat_row *rows;	 /* sorted */
	size_t row_count, shown; /* -l: shown <= row_count */
	struct stat_totals totals;
};

/* perf's summary, and what the gfp words of the rows mean. */
void stat_report_text(const struct stat_report *report, FILE *file);

/* The sums as tables; all three are to be freed with table_fini(). */
enum {
	STAT_REPORT_SUMS,
	STAT_REPORT_ORDERS,
	STAT_REPORT_EVENTS,
	STAT_REPORT_TABLES
};
void stat_report_tables(const struct stat_report *report,
			struct table tables[STAT_REPORT_TABLES]);

#endif
