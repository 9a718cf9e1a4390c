#include "core/table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/array.h"

static bool keep_text(struct table *table, const char *text, size_t *offset)
{
	size_t size = strlen(text) + 1;

	if (table->failed ||
	    array_reserve(&table->text, &table->text_cap,
			  table->text_size + size, sizeof(*table->text))) {
		table->failed = ERR_NOMEM;
		return false;
	}
	*offset = table->text_size;
	memcpy(table->text + *offset, text, size);
	table->text_size += size;
	return true;
}

static bool keep_format(struct table *table, size_t *offset, const char *fmt,
			va_list list)
{
	char text[1024];

	vsnprintf(text, sizeof(text), fmt, list);
	return keep_text(table, text, offset);
}

void table_init(struct table *table, const char *name,
		const struct table_column *columns, unsigned int column_count,
		const char *title, ...)
{
	va_list list;

	*table = (struct table){
	    .name = name, .columns = columns, .column_count = column_count};
	va_start(list, title);
	keep_format(table, &table->title, title, list);
	va_end(list);
}

void table_fini(struct table *table)
{
	free(table->cells);
	free(table->text);
	free(table->notes);
	*table = (struct table){0};
}

static void append(struct table *table, struct table_cell cell)
{
	if (table->failed ||
	    array_reserve(&table->cells, &table->cell_cap,
			  table->cell_count + 1, sizeof(*table->cells))) {
		table->failed = ERR_NOMEM;
		return;
	}
	table->cells[table->cell_count++] = cell;
	table->row_count = table->cell_count / table->column_count;
}

void table_text(struct table *table, const char *text)
{
	struct table_cell cell = {.kind = CELL_TEXT};

	if (keep_text(table, text, &cell.as.text))
		append(table, cell);
}

void table_int(struct table *table, int64_t value)
{
	append(table,
	       (struct table_cell){.kind = CELL_INT, .as.number = value});
}

void table_real(struct table *table, double value)
{
	append(table, (struct table_cell){.kind = CELL_REAL, .as.real = value});
}

void table_none(struct table *table)
{
	append(table, (struct table_cell){.kind = CELL_NONE});
}

void table_note(struct table *table, const char *fmt, ...)
{
	size_t offset;
	va_list list;
	bool kept;

	va_start(list, fmt);
	kept = keep_format(table, &offset, fmt, list);
	va_end(list);
	if (!kept)
		return;
	if (array_reserve(&table->notes, &table->note_cap,
			  table->note_count + 1, sizeof(*table->notes))) {
		table->failed = ERR_NOMEM;
		return;
	}
	table->notes[table->note_count++] = offset;
}

void table_cut(struct table *table, size_t rows)
{
	size_t all = table->row_count;

	if (rows >= all)
		return;
	table->row_count = rows;
	table->cell_count = rows * table->column_count;
	table_note(table, "%zu of %zu rows are shown.", rows, all);
}

int table_status(const struct table *table, struct err *err)
{
	if (!table->failed)
		return 0;
	return err_set(err, table->failed, "%s: %s", table->name,
		       err_code_text(table->failed));
}

const struct table_cell *table_cell(const struct table *table, size_t row,
				    unsigned int column)
{
	assert(row < table->row_count && column < table->column_count);
	return &table->cells[row * table->column_count + column];
}

const char *table_text_at(const struct table *table,
			  const struct table_cell *cell)
{
	return table->text + cell->as.text;
}

const char *table_title(const struct table *table)
{
	return table->text ? table->text + table->title : "";
}

const char *table_note_at(const struct table *table, size_t number)
{
	assert(number < table->note_count);
	return table->text + table->notes[number];
}
