/*
 * stat_columns: the columns that the tables of stat have, and what their cells
 * hold. Private to stat_table.c.
 */
#ifndef ANALYSIS_STAT_COLUMNS_H
#define ANALYSIS_STAT_COLUMNS_H

#include "analysis/stat_table.h"

/* Puts one cell: a column's value of a row. */
typedef void (*stat_put)(const struct stat_shown *shown,
			 const struct stat_row *row, struct table *table);

/* The columns of the table that is shown and their cells; returns how many. */
unsigned int stat_columns(const struct stat_shown *shown,
			  struct table_column columns[STAT_COLUMNS_MAX],
			  stat_put puts[STAT_COLUMNS_MAX]);

#endif
