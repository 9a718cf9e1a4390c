#include "parser/column_table.h"

#include <string.h>

#include "parser/file_read.h"

/* Cuts the line at every separator: cells may be empty. */
static int split(char *line, char separator, char *cells[COLUMN_TABLE_MAX])
{
	int count = 0;

	while (line && count < COLUMN_TABLE_MAX) {
		cells[count++] = line;
		line = strchr(line, separator);
		if (line)
			*line++ = '\0';
	}
	return count;
}

int column_table_start(struct column_table *table, char **text, struct err *err)
{
	char *line = file_line(text);

	if (!line)
		return err_set(err, ERR_FORMAT, "empty");
	table->separator = strchr(line, '\t') ? '\t' : ' ';
	table->column_count = split(line, table->separator, table->columns);
	if (strcmp(table->columns[0], "name") != 0)
		return err_set(err, ERR_FORMAT,
			       "the first column is not \"name\"");
	return 0;
}

bool column_table_next(struct column_table *table, char **text)
{
	char *line = file_line(text);

	table->cell_count =
	    line ? split(line, table->separator, table->cells) : 0;
	return line != NULL;
}

const char *column_table_cell(const struct column_table *table,
			      const char *column)
{
	for (int i = 0; i < table->column_count && i < table->cell_count; i++)
		if (!strcmp(table->columns[i], column))
			return table->cells[i];
	return "";
}
