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

#include "analysis/stat_view.h"
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

/* True if the report has pages, or slab objects, to sum up. */
bool report_has_slab(const struct stat_report *report);
bool report_has_pages(const struct stat_report *report);

enum { REPORT_NAME_MAX = 256 };

/* A row's call site (STAT_CALLER) or cache (STAT_CACHE). Not escaped. */
const char *report_row_name(const struct stat_report *report,
			    const struct stat_row *row,
			    char text[REPORT_NAME_MAX]);

/* analysis/migratetype_text.h */
const char *report_migratetype(const struct trace *trace, int migratetype,
			       char text[REPORT_NAME_MAX]);

/* perf's summary, and what the gfp words of the rows mean. */
void report_text(const struct stat_report *report, FILE *file);

/* The sums as tables; all three are to be freed with table_fini(). */
enum { REPORT_SUMS, REPORT_ORDERS, REPORT_EVENTS, REPORT_TABLES };
void report_tables(const struct stat_report *report,
		   struct table tables[REPORT_TABLES]);

#endif
