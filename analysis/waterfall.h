/*
 * waterfall: where held bytes go, of one or more replays, as tables.
 *
 * A replay computes the steps (struct replay_waterfall); here they become one
 * table for each moment, with a column for each replay. The steps of a column
 * add up to its last row.
 */
#ifndef ANALYSIS_WATERFALL_H
#define ANALYSIS_WATERFALL_H

#include "core/result.h"
#include "core/table.h"

enum { WATERFALL_COLUMNS_MAX = 8, WATERFALL_FIRST = 2 };

struct waterfall_column {
	const char *model; /* stays the caller's; no two alike */
	const char *start; /* "warm", or why it was not */
	const struct replay_waterfall *moments; /* WATERFALL_MOMENTS elements */
};

struct waterfall_tables {
	struct table tables[WATERFALL_MOMENTS];
	/* Private: the tables' own, so a copy of this struct has them not. */
	struct table_column columns[WATERFALL_FIRST + WATERFALL_COLUMNS_MAX];
};

/*
 * Up to WATERFALL_COLUMNS_MAX columns. ERR_NOMEM; waterfall_tables_fini()
 * frees, after a failure too.
 */
MUST_CHECK int waterfall_tables_make(struct waterfall_tables *out,
				     const struct waterfall_column *columns,
				     unsigned int count, struct err *err);
void waterfall_tables_fini(struct waterfall_tables *tables);

#endif
