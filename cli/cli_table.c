#include "cli/cli_table.h"

#include <assert.h>
#include <string.h>

#include "cli/cli_escape.h"

struct widths {
	size_t of[TABLE_COLUMNS_MAX];
};

static struct widths measure(const struct cli_table *table)
{
	char cells[TABLE_COLUMNS_MAX][TABLE_CELL_MAX];
	struct widths widths;

	assert(table->column_count <= TABLE_COLUMNS_MAX);
	for (unsigned int i = 0; i < table->column_count; i++)
		widths.of[i] = strlen(table->columns[i].title);
	for (size_t row = 0; row < table->row_count; row++) {
		table->cells(table->context, row, cells);
		for (unsigned int i = 0; i < table->column_count; i++) {
			size_t len = strlen(cells[i]);

			if (len > widths.of[i])
				widths.of[i] = len;
		}
	}
	return widths;
}

/* What the other columns and the spaces between leave of a line. */
static size_t room_for(const struct cli_table *table,
		       const struct widths *widths, unsigned int column)
{
	size_t used = 0;

	for (unsigned int i = 0; i < table->column_count; i++)
		used += (i ? 1 : 0) + (i == column ? 0 : widths->of[i]);
	return used < TABLE_WIDTH ? TABLE_WIDTH - used : 0;
}

void table_measure(const struct cli_table *table, size_t *left, size_t *wanted)
{
	struct widths widths = measure(table);

	size_t used = 0;

	*left = *wanted = 0;
	for (unsigned int i = 0; i < table->column_count; i++) {
		used += widths.of[i] + (i ? 1 : 0);
		if (!table->columns[i].gives_way)
			continue;
		*left = room_for(table, &widths, i);
		*wanted = widths.of[i];
	}
	if (!*wanted && used > TABLE_WIDTH)
		*wanted = used - TABLE_WIDTH;
}

static void print_line(const struct cli_table *table,
		       const struct widths *widths,
		       char cells[][TABLE_CELL_MAX], FILE *file)
{
	for (unsigned int i = 0; i < table->column_count; i++) {
		bool last = i + 1 == table->column_count;
		int width = (int)widths->of[i];

		shorten_middle(cells[i], widths->of[i]);
		if (!table->columns[i].left)
			fprintf(file, "%*s", width, cells[i]);
		else
			fprintf(file, "%-*s", last ? 0 : width, cells[i]);
		fputs(last ? "\n" : " ", file);
	}
}

void table_print(const struct cli_table *table, FILE *file)
{
	char cells[TABLE_COLUMNS_MAX][TABLE_CELL_MAX];
	struct widths widths = measure(table);

	for (unsigned int i = 0; i < table->column_count; i++) {
		size_t room = room_for(table, &widths, i);

		if (table->columns[i].gives_way && widths.of[i] > room)
			widths.of[i] = room;
		snprintf(cells[i], TABLE_CELL_MAX, "%s",
			 table->columns[i].title);
	}
	print_line(table, &widths, cells, file);
	for (unsigned int i = 0; i < table->column_count; i++) {
		memset(cells[i], '-', widths.of[i]);
		cells[i][widths.of[i]] = '\0';
	}
	print_line(table, &widths, cells, file);
	for (size_t row = 0; row < table->row_count; row++) {
		table->cells(table->context, row, cells);
		print_line(table, &widths, cells, file);
	}
}
