/*
 * stat_key: which rows of stat a table counts, and what tells its lines apart.
 */
#ifndef ANALYSIS_STAT_KEY_H
#define ANALYSIS_STAT_KEY_H

#include "analysis/stat.h"

/* Kinds of table: of slab objects, of pages (or of both), by context. */
bool stat_table_objects(enum stat_table table);
bool stat_table_pages(enum stat_table table);
bool stat_table_context(enum stat_table table);

/* True if the row is one that the table counts. */
bool stat_row_fits(enum stat_table table, const struct site_summary *row);

/*
 * 0 for two rows of one line of the table (not STAT_ALLOC and STAT_PFN, whose
 * lines are addresses); else which line comes first.
 */
int stat_key_compare(enum stat_table table, const struct site_summary *a,
		     const struct site_summary *b);

#endif
