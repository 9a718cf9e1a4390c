#include <inttypes.h>

#include "cli/answer_forms.h"
#include "cli/cli_escape.h"

static void cell_csv(const struct table *table, size_t row, unsigned int column,
		     FILE *file)
{
	const struct table_cell *cell = table_cell(table, row, column);

	switch (cell->kind) {
	case CELL_NONE:
		break;
	case CELL_INT:
		if (table->columns[column].unit == UNIT_ADDRESS)
			fprintf(file, "0x%" PRIx64, (uint64_t)cell->as.number);
		else
			fprintf(file, "%" PRId64, cell->as.number);
		break;
	case CELL_REAL:
		fprintf(file, "%.6f", cell->as.real);
		break;
	case CELL_TEXT:
		escape_csv(file, table_text_at(table, cell));
		break;
	}
}

static void table_csv(const struct table *table, FILE *file)
{
	for (unsigned int i = 0; i < table->column_count; i++)
		fprintf(file, "%s%s", i ? "," : "", table->columns[i].name);
	fputc('\n', file);
	for (size_t row = 0; row < table->row_count; row++) {
		for (unsigned int i = 0; i < table->column_count; i++) {
			if (i)
				fputc(',', file);
			cell_csv(table, row, i, file);
		}
		fputc('\n', file);
	}
}

void answer_csv(const struct answer *answer, FILE *file)
{
	for (size_t i = 0; i < answer->table_count; i++) {
		if (i)
			fputc('\n', file);
		table_csv(&answer->tables[i], file);
	}
}
