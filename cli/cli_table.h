/*
 * cli_table: rows of short texts as a table that fits 80 columns.
 *
 * Columns are as wide as their widest cell; one column may give way, and its
 * texts are then shortened in the middle. Nothing is ever wrapped. Cells are
 * asked for twice, so that no row is kept.
 */
#ifndef CLI_CLI_TABLE_H
#define CLI_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { TABLE_WIDTH = 80, TABLE_COLUMNS_MAX = 12, TABLE_CELL_MAX = 256 };

struct cli_column {
	const char *title;
	bool left;	/* left-aligned; numbers are not */
	bool gives_way; /* at most one column */
};

struct cli_table {
	const struct cli_column *columns;
	unsigned int column_count;
	size_t row_count;
	/* Writes the cells of a row. */
	void (*cells)(const void *context, size_t row,
		      char cells[][TABLE_CELL_MAX]);
	const void *context;
};

/*
 * How many columns are left for the one that gives way, and how many it would
 * take. If there is none: 0, and how many the line is too long.
 */
void table_measure(const struct cli_table *table, size_t *left, size_t *wanted);

void table_print(const struct cli_table *table, FILE *file);

#endif
