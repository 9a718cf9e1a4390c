/*
 * report_parts: what goes into the report: sections, and the summary's figures.
 */
#ifndef CLI_REPORT_PARTS_H
#define CLI_REPORT_PARTS_H

#include "analysis/waterfall.h"
#include "cli/report_events.h"
#include "cli/results.h"
#include "plots/plots.h"
#include "plots/report.h"

enum { REPORT_TABLES_MAX = 8, REPORT_PICTURES_MAX = 3, REPORT_FACTS_MAX = 12 };

/* A table longer than this is cut, and says so. */
enum { REPORT_ROWS_MAX = 500 };

/* "slub slub.max_order=0": a model, a space and its settings. */
enum {
	REPORT_RUN_NAME_MAX = sizeof(((struct replay_result *)0)->model) +
			      sizeof(((struct replay_result *)0)->settings)
};

/* One section and all that it borrows. */
struct report_part {
	struct report_section section;
	struct table tables[REPORT_TABLES_MAX];
	struct report_picture pictures[REPORT_PICTURES_MAX];
	char *svgs[REPORT_PICTURES_MAX];
	struct table_column stat_columns[STAT_COLUMNS_MAX];
	/* Columns of tables that have one for each replay. */
	struct waterfall_tables waterfall;
	char run_names[WATERFALL_COLUMNS_MAX][REPORT_RUN_NAME_MAX];
};

/* All that sections are made from. */
struct report_input {
	const char *database; /* path */
	struct results *results;
	const char *svg_dir;	      /* where the pictures are: NAME.svg */
	struct report_events *events; /* Private */
};

struct report_parts {
	struct report_part *parts;
	struct report_section *sections; /* the same, for report.h */
	size_t count;
	struct report_events events; /* whose columns the tables have */
	struct report_fact facts[REPORT_FACTS_MAX];
	size_t fact_count;
};

/*
 * Makes all sections. parts must be zeroed; report_parts_fini() frees it, after
 * a failure too.
 */
MUST_CHECK int report_parts_make(struct report_input *input,
				 struct report_parts *parts, struct err *err);
void report_parts_fini(struct report_parts *parts);

#endif
