#include "plots/html_table.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>

#include "plots/html.h"
#include "plots/label.h"

/* What stands below a heading. */
static const char *unit_word(enum table_unit unit)
{
	switch (unit) {
	case UNIT_BYTES:
		return "bytes";
	case UNIT_PAGES:
		return "pages";
	case UNIT_MOMENT:
		return "s";
	case UNIT_PERCENT:
		return "%";
	default:
		return "";
	}
}

/* A start tag without its end: the classes of the column, "none" if not known. */
static void put_start(FILE *file, const char *tag,
		      const struct table_column *column, bool known)
{
	bool text = column->unit == UNIT_TEXT;
	bool wide = column->flags & TABLE_NO_TEXT;

	fprintf(file, "<%s", tag);
	if (text || wide || !known)
		fprintf(file, " class=\"%s%s%s\"",
			text ? wide || !known ? "t " : "t" : "",
			wide ? known ? "w" : "w " : "", known ? "" : "none");
}

static void put_heading(FILE *file, const struct table_column *column)
{
	const char *unit = unit_word(column->unit);

	put_start(file, "th", column, true);
	fputs(" title=\"", file);
	html_text(file, column->meaning ? column->meaning : "");
	fputs("\">", file);
	html_text(file, column->title);
	if (*unit)
		fprintf(file, "<small>%s</small>", unit);
	fputs("</th>", file);
}

static void put_count(FILE *file, int64_t value)
{
	char digits[32];
	uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	fprintf(file, ">%s%s</td>", value < 0 ? "-" : "",
		label_count(size, digits, sizeof(digits)));
}

/* A span of time with three digits that count. */
static void put_span(FILE *file, int64_t ns)
{
	static const struct {
		double ns;
		const char *unit;
	} units[] = {{1e9, "s"}, {1e6, "ms"}, {1e3, "\u00b5s"}, {1, "ns"}};
	unsigned int i = 0;
	double value, size = ns < 0 ? -(double)ns : (double)ns;

	while (i < 3 && size < units[i].ns)
		i++;
	value = (double)ns / units[i].ns;
	size /= units[i].ns;
	fprintf(file, " data-v=\"%" PRId64 "\">%.*f %s</td>", ns,
		i == 3	     ? 0
		: size < 10  ? 2
		: size < 100 ? 1
			     : 0,
		value, units[i].unit);
}

static void put_int(FILE *file, int64_t value, enum table_unit unit)
{
	switch (unit) {
	case UNIT_NS:
		put_span(file, value);
		break;
	case UNIT_MOMENT:
		fprintf(file, ">%" PRId64 ".%06" PRId64 "</td>",
			value / 1000000000, value % 1000000000 / 1000);
		break;
	case UNIT_ID:
		fprintf(file, ">%" PRId64 "</td>", value);
		break;
	case UNIT_ADDRESS:
		fprintf(file, ">0x%" PRIx64 "</td>", (uint64_t)value);
		break;
	default:
		put_count(file, value);
		break;
	}
}

static void put_cell(FILE *file, const struct table *table, size_t row,
		     unsigned int column)
{
	const struct table_cell *cell = table_cell(table, row, column);
	enum table_unit unit = table->columns[column].unit;

	put_start(file, "td", &table->columns[column], cell->kind != CELL_NONE);
	switch (cell->kind) {
	case CELL_NONE:
		fputs(">\u2013</td>", file);
		break;
	case CELL_INT:
		put_int(file, cell->as.number, unit);
		break;
	case CELL_REAL:
		fprintf(file, ">%.*f</td>", unit == UNIT_PERCENT ? 1 : 3,
			cell->as.real);
		break;
	case CELL_TEXT:
		fputc('>', file);
		html_text(file, table_text_at(table, cell));
		fputs("</td>", file);
		break;
	}
}

/* Whether any cell of the column is known; of no rows: all columns are. */
static bool column_known(const struct table *table, unsigned int column)
{
	for (size_t row = 0; row < table->row_count; row++)
		if (table_cell(table, row, column)->kind != CELL_NONE)
			return true;
	return !table->row_count;
}

void html_table(FILE *file, const struct table *table)
{
	bool shown[HTML_COLUMNS_MAX];

	assert(table->column_count <= HTML_COLUMNS_MAX);
	for (unsigned int i = 0; i < table->column_count; i++)
		shown[i] = column_known(table, i);
	fputs("<div class=\"scroll\"><table class=\"rows\"><caption>", file);
	html_text(file, table_title(table));
	fputs("</caption>\n<thead><tr>", file);
	for (unsigned int i = 0; i < table->column_count; i++)
		if (shown[i])
			put_heading(file, &table->columns[i]);
	fputs("</tr></thead>\n<tbody>\n", file);
	for (size_t row = 0; row < table->row_count; row++) {
		fputs("<tr>", file);
		for (unsigned int i = 0; i < table->column_count; i++)
			if (shown[i])
				put_cell(file, table, row, i);
		fputs("</tr>\n", file);
	}
	fputs("</tbody></table></div>\n", file);
	if (!table->note_count)
		return;
	fputs("<ul class=\"notes\">\n", file);
	for (size_t i = 0; i < table->note_count; i++) {
		fputs("<li>", file);
		html_text(file, table_note_at(table, i));
		fputs("</li>\n", file);
	}
	fputs("</ul>\n", file);
}
