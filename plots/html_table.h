/*
 * html_table: a struct table as an HTML table that a script can sort.
 */
#ifndef PLOTS_HTML_TABLE_H
#define PLOTS_HTML_TABLE_H

#include <stdio.h>

#include "core/table.h"

enum { HTML_COLUMNS_MAX = 64 };

/*
 * Writes the table, its title as the caption and its notes as a list below. A
 * cell whose text does not tell its number has it in data-v; a cell that is not
 * known has the class none. Columns of text have the class t; those that text
 * leaves out (TABLE_NO_TEXT) have the class w, and a column in which
 * nothing is known is not there. At most HTML_COLUMNS_MAX columns.
 */
void html_table(FILE *file, const struct table *table);

#endif
