/*
 * column_table: a text table whose first line names its columns, the first of
 * them "name". Cells are separated by tabs, or by single blanks where the first
 * line has no tab.
 */
#ifndef PARSER_COLUMN_TABLE_H
#define PARSER_COLUMN_TABLE_H

#include <stdbool.h>

#include "core/err.h"

enum { COLUMN_TABLE_MAX = 48 };

/* Columns and cells point into the text. */
struct column_table {
	char separator;
	char *columns[COLUMN_TABLE_MAX];
	char *cells[COLUMN_TABLE_MAX]; /* of the row that was read last */
	int column_count, cell_count;
};

/* Reads the first line of *text, which is changed. ERR_FORMAT. */
MUST_CHECK int column_table_start(struct column_table *table, char **text,
				  struct err *err);

/* Reads the next row; false at the end. cells[0] is the row's name. */
bool column_table_next(struct column_table *table, char **text);

/* The cell of that column; "" where the table or the row lacks it. */
const char *column_table_cell(const struct column_table *table,
			      const char *column);

#endif
