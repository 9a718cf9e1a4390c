/*
 * html_table: a struct table as an HTML table that a script can sort.
 */
#ifndef PLOTS_HTML_TABLE_H
#define PLOTS_HTML_TABLE_H

#include <stdio.h>

#include "core/table.h"

/*
 * Writes the table, its title as the caption and its notes as a list below. A
 * cell whose text does not tell its number has it in data-v; a cell that is not
 * known has the class none. Columns of text have the class t.
 */
void html_table(FILE *file, const struct table *table);

#endif
