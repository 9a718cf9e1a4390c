/*
 * table: an answer as rows of typed cells.
 *
 * Whatever kmemscope finds out ends as tables: analysis and replay compute, a
 * table is made of it once, and cli prints it (text, JSON, CSV) or the report
 * shows it. A cell keeps its number; who shows it decides how it looks.
 *
 * Cells are appended in the order of the columns, row after row. Where memory
 * ends, appending does nothing more and table_status() says so.
 */
#ifndef CORE_TABLE_H
#define CORE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

/* What a cell of the column holds. */
enum table_unit {
	UNIT_TEXT,    /* hostile where it comes from a trace */
	UNIT_COUNT,   /* of anything that the title names */
	UNIT_BYTES,   /* may be negative, as all integers */
	UNIT_PAGES,   /* base pages of the recorded kernel */
	UNIT_NS,      /* a span of time */
	UNIT_MOMENT,  /* a time stamp of the trace, ns */
	UNIT_PERCENT, /* real, 0 .. 100 */
	UNIT_REAL,    /* real, without a unit */
	UNIT_ADDRESS, /* shown in hexadecimal */
	UNIT_ID,      /* a number that is a name: a pid, a CPU */
};

enum table_column_flag {
	TABLE_GIVES_WAY = 1u << 0, /* may be shortened; one column at most */
	TABLE_NO_TEXT = 1u << 1,   /* too wide for 80 columns: left out there */
};

struct table_column {
	const char *name;    /* stable field name: JSON, CSV */
	const char *title;   /* heading for people, short */
	const char *meaning; /* one sentence, for the report's hover text */
	enum table_unit unit;
	uint32_t flags; /* enum table_column_flag */
};

enum table_cell_kind { CELL_NONE, CELL_INT, CELL_REAL, CELL_TEXT };

struct table_cell {
	enum table_cell_kind kind;
	union {
		int64_t number;
		double real;
		size_t text; /* offset: read with table_text_at() */
	} as;
};

/* A zeroed struct is a valid empty table. Members are for reading only. */
struct table {
	const char *name; /* stable: JSON's key of the table */
	const struct table_column *columns;
	unsigned int column_count;
	size_t row_count; /* complete rows */
	/* Private */
	struct table_cell *cells;
	size_t cell_count, cell_cap;
	char *text;
	size_t text_size, text_cap;
	size_t title; /* offset in text */
	size_t *notes;
	size_t note_count, note_cap;
	int failed;
};

/* name and columns are static. The title is one line for people. */
void table_init(struct table *table, const char *name,
		const struct table_column *columns, unsigned int column_count,
		const char *title, ...) __attribute__((format(printf, 5, 6)));
void table_fini(struct table *table);

/* Append the next cell. table_none(): not known, or it does not apply. */
void table_text(struct table *table, const char *text);
void table_int(struct table *table, int64_t value);
void table_real(struct table *table, double value);
void table_none(struct table *table);

/* A sentence that is shown below the table, wherever the table is shown. */
void table_note(struct table *table, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Keeps the first rows; a note tells how many there were. */
void table_cut(struct table *table, size_t rows);

/* ERR_NOMEM if anything could not be appended. */
MUST_CHECK int table_status(const struct table *table, struct err *err);

const struct table_cell *table_cell(const struct table *table, size_t row,
				    unsigned int column);
/* The text of a CELL_TEXT; until the table changes. */
const char *table_text_at(const struct table *table,
			  const struct table_cell *cell);
const char *table_title(const struct table *table);
const char *table_note_at(const struct table *table, size_t number);

#endif
