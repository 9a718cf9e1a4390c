/*
 * stat_report: the answer of "kmemscope stat", and its three forms.
 *
 * Field names of JSON and CSV are described in docs/stat.md and are stable.
 */
#ifndef CLI_STAT_REPORT_H
#define CLI_STAT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "analysis/stat_view.h"
#include "core/err.h"
#include "core/trace.h"

struct stat_report {
	const char *input;
	const struct trace *trace;
	enum stat_table table;
	bool self;     /* the recorder's own are among the rows */
	bool windowed; /* --time: from_ns to to_ns */
	uint64_t from_ns, to_ns, skipped;
	struct stat_row *rows;	 /* sorted */
	size_t row_count, shown; /* -l: shown <= row_count */
	struct stat_totals totals;
};

/* True if the report has pages, or slab objects, to sum up. */
bool report_has_slab(const struct stat_report *report);
bool report_has_pages(const struct stat_report *report);

enum { REPORT_NAME_MAX = 256 };

/*
 * What a row is called: its call site, its cache ("kmalloc-64" where events
 * name none; "" for a line of several), its pointer or pfn. Not escaped.
 */
const char *report_row_name(const struct stat_report *report,
			    const struct stat_row *row,
			    char text[REPORT_NAME_MAX]);
const char *report_cache_name(const struct trace *trace,
			      const struct site_summary *sum,
			      char text[REPORT_NAME_MAX]);

/* analysis/migratetype_text.h */
const char *report_migratetype(const struct trace *trace, int migratetype,
			       char text[REPORT_NAME_MAX]);

/* "direct", "slab" or "large": what pages are used for. */
const char *report_use(uint8_t backing);

void report_text(const struct stat_report *report, FILE *file);
MUST_CHECK int report_json(const struct stat_report *report, FILE *file,
			   struct err *err);
void report_csv(const struct stat_report *report, FILE *file);

#endif
