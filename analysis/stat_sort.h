/*
 * stat_sort: in which order the lines of a table stand.
 *
 * Keys are those of perf kmem stat (tools/perf/builtin-kmem.c, kernel 6.1), and
 * those of our own columns; the largest comes first.
 */
#ifndef ANALYSIS_STAT_SORT_H
#define ANALYSIS_STAT_SORT_H

#include "analysis/stat.h"

enum { STAT_SORT_MAX = 8 };

/* An order of rows; key numbers are private. */
struct stat_sort {
	unsigned int keys[STAT_SORT_MAX], count;
};

/* "waste,bytes,hit"; ERR_USAGE, with the keys that there are. */
MUST_CHECK int stat_sort_parse(const char *text, enum stat_table table,
			       struct stat_sort *sort, struct err *err);

/* True if the order can only be told with details. */
bool stat_sort_details(const struct stat_sort *sort);

/* The order where none is asked for, with details or without. */
const char *stat_sort_default(enum stat_table table, bool detail);

/* Rows that tie in every key are ordered by address, smallest first. */
void stat_sort_rows(struct stat_row *rows, size_t count,
		    const struct stat_sort *sort);

#endif
