/*
 * stat_rows: the rows of stat, found by what tells them apart, and the lines
 * that their live bytes are kept by. Private to stat.c.
 *
 * A line is what the table that is asked for will show as one: rows of it share
 * a struct stat_live. Without a table it is a call site, or a row of pages.
 */
#ifndef ANALYSIS_STAT_ROWS_H
#define ANALYSIS_STAT_ROWS_H

#include "analysis/number_index.h"
#include "analysis/stat.h"

/*
 * What tells rows apart, by the names of struct site_summary, packed so that a
 * comparison is few.
 */
struct row_key {
	uint64_t call_site, bytes_each;
	uint32_t name, gfp_flags;
	uint64_t kinds; /* fields below */
};

_Static_assert(sizeof(struct row_key) == 32, "two in a cache line");

/* Fields of kinds; the kind is in its low byte. */
enum {
	KEY_ORDER_SHIFT = 8,
	KEY_TYPE_SHIFT = 16,
	KEY_BACKING_SHIFT = 24,
	KEY_LARGE_SHIFT = 32,
	KEY_SELF_SHIFT = 33,
	KEY_CONTEXT_SHIFT = 34, /* up to the top */
};

/* What a line holds at the moment, and the most that it held. */
struct stat_live {
	uint64_t live_alloc, live_req, peak_alloc, peak_req;
	struct stat_detail *detail; /* NULL: not asked for */
};

struct stat_rows {
	/* What tells lines apart, and whether they have details. */
	enum stat_table table;
	bool detail, self;

	struct site_summary *rows;
	uint32_t *line_of; /* by row */
	struct stat_live *lines;
	size_t row_count, line_count;
	/* Private */
	struct row_key *row_keys, *line_keys;
	size_t row_cap, line_cap;
	struct number_index row_index, line_index;
};

void stat_rows_fini(struct stat_rows *rows);

/* The number of the row with that key, made if there is none. */
MUST_CHECK int stat_rows_find(struct stat_rows *rows, const struct row_key *key,
			      uint32_t *number);

/* A row without counts. */
struct site_summary stat_row_of(const struct row_key *key);

/* Grows an array to hold count + 1 elements of the given size. */
MUST_CHECK int stat_reserve(void **array, size_t *cap, size_t count,
			    size_t size);

#endif
