/*
 * Text in 80 columns. Where byte counts leave a name less than NAME_MIN
 * columns, all bytes of the table are shown in KiB or MiB, and a line says so.
 */
#include <inttypes.h>
#include <string.h>

#include "cli/answer_forms.h"
#include "cli/cli_escape.h"
#include "cli/cli_table.h"
#include "cli/trace_text.h"

enum { NAME_MIN = 20, UNITS = 3 };

/* A table, the columns of it that text shows, and how it shows bytes. */
struct text_table {
	const struct table *table;
	unsigned int columns[TABLE_COLUMNS_MAX], column_count;
	unsigned int shift;
};

static int64_t scaled(int64_t bytes, unsigned int shift)
{
	int64_t unit = (int64_t)1 << shift;

	return (bytes + (bytes < 0 ? -unit / 2 : unit / 2)) / unit;
}

/* A span of time with three digits that count. */
static void span_text(int64_t ns, char *cell)
{
	static const struct {
		double ns;
		const char *unit;
	} units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}};

	for (unsigned int i = 0; i < sizeof(units) / sizeof(*units); i++) {
		double value = (double)ns / units[i].ns;

		if (value < 1 && value > -1)
			continue;
		snprintf(cell, TABLE_CELL_MAX, "%.*f %s",
			 value < 10    ? 2
			 : value < 100 ? 1
				       : 0,
			 value, units[i].unit);
		return;
	}
	snprintf(cell, TABLE_CELL_MAX, "%" PRId64 " ns", ns);
}

static void int_text(int64_t value, enum table_unit unit, unsigned int shift,
		     char *cell)
{
	switch (unit) {
	case UNIT_BYTES:
		number_text(scaled(value, shift), cell);
		break;
	case UNIT_NS:
		span_text(value, cell);
		break;
	case UNIT_MOMENT:
		snprintf(cell, TABLE_CELL_MAX, "%" PRId64 ".%06" PRId64,
			 value / 1000000000, value % 1000000000 / 1000);
		break;
	case UNIT_ADDRESS:
		snprintf(cell, TABLE_CELL_MAX, "0x%" PRIx64, (uint64_t)value);
		break;
	case UNIT_ID:
		snprintf(cell, TABLE_CELL_MAX, "%" PRId64, value);
		break;
	default:
		number_text(value, cell);
		break;
	}
}

static void real_text(double value, enum table_unit unit, char *cell)
{
	if (unit == UNIT_PERCENT)
		snprintf(cell, TABLE_CELL_MAX, "%.1f%%", value);
	else
		snprintf(cell, TABLE_CELL_MAX, "%.3f", value);
}

static void cells_of(const void *context, size_t row,
		     char cells[][TABLE_CELL_MAX])
{
	const struct text_table *text = context;
	const struct table *table = text->table;

	for (unsigned int i = 0; i < text->column_count; i++) {
		unsigned int column = text->columns[i];
		const struct table_cell *cell = table_cell(table, row, column);
		enum table_unit unit = table->columns[column].unit;

		if (cell->kind == CELL_TEXT)
			escape_visible(table_text_at(table, cell), cells[i],
				       TABLE_CELL_MAX);
		else if (cell->kind == CELL_INT)
			int_text(cell->as.number, unit, text->shift, cells[i]);
		else if (cell->kind == CELL_REAL)
			real_text(cell->as.real, unit, cells[i]);
		else
			strcpy(cells[i], "-");
	}
}

/* The smallest unit of bytes that leaves the names enough room. */
static void choose_unit(const struct cli_table *table, struct text_table *text)
{
	size_t left, wanted;

	for (unsigned int unit = 0; unit < UNITS; unit++) {
		text->shift = 10 * unit;
		table_measure(table, &left, &wanted);
		if (left >= wanted || left >= NAME_MIN)
			return;
	}
}

static void print_table(const struct table *table, FILE *file)
{
	static const char *const words[UNITS] = {"bytes", "KiB", "MiB"};
	struct text_table text = {.table = table};
	struct cli_column columns[TABLE_COLUMNS_MAX];
	struct cli_table printed = {columns, 0, table->row_count, cells_of,
				    &text};

	for (unsigned int i = 0; i < table->column_count; i++) {
		const struct table_column *column = &table->columns[i];

		if (column->flags & TABLE_NO_TEXT)
			continue;
		columns[text.column_count] = (struct cli_column){
		    column->title, column->unit == UNIT_TEXT,
		    column->flags & TABLE_GIVES_WAY};
		text.columns[text.column_count++] = i;
	}
	printed.column_count = text.column_count;
	choose_unit(&printed, &text);
	fprintf(file, "%s", table_title(table));
	fprintf(file, text.shift ? " (sizes in %s)\n" : "\n",
		words[text.shift / 10]);
	if (table->row_count)
		table_print(&printed, file);
	else
		fputs("  none\n", file);
}

void answer_text(const struct answer *answer, FILE *file)
{
	char name[256];

	for (size_t i = 0; i < answer->table_count; i++) {
		const struct table *table = &answer->tables[i];
		char note[1024];

		if (i)
			fputc('\n', file);
		print_table(table, file);
		for (size_t n = 0; n < table->note_count; n++) {
			escape_visible(table_note_at(table, n), note,
				       sizeof(note));
			trace_text_folded(file, "note", note);
		}
	}
	if (answer->more)
		answer->more(answer->argument, file);
	if (answer->other)
		fprintf(file, "\n%s:\n",
			escape_visible(answer->input, name, sizeof(name)));
	trace_text(file, answer->trace);
	if (!answer->other)
		return;
	fprintf(file, "%s:\n",
		escape_visible(answer->other_input, name, sizeof(name)));
	trace_text(file, answer->other);
}
