#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analysis/diff.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

/* clang-format off */
#define VALUE_COLUMNS                                                          \
	{"bytes_a", "Bytes A", "Bytes allocated in the first", UNIT_BYTES, 0}, \
	{"bytes_b", "Bytes B", "Bytes allocated in the second", UNIT_BYTES,    \
	 0},                                                                   \
	{"change", "Change", "Of bytes, after scaling", UNIT_PERCENT, 0},      \
	{"waste_change", "Waste", "Difference of wasted bytes, after scaling", \
	 UNIT_BYTES, 0},                                                       \
	{"live_change", "Live", "Difference of bytes not freed", UNIT_BYTES,   \
	 0},                                                                   \
	{"changed", "What", "Measures beyond the noise: n allocations, b bytes, w waste, l live", \
	 UNIT_TEXT, 0},                                                        \
	{"allocs_a", "Allocs A", "Allocations in the first", UNIT_COUNT,       \
	 TABLE_NO_TEXT},                                                       \
	{"allocs_b", "Allocs B", "Allocations in the second", UNIT_COUNT,      \
	 TABLE_NO_TEXT},                                                       \
	{"rate_a", "A per s", "Allocations per second", UNIT_REAL,             \
	 TABLE_NO_TEXT},                                                       \
	{"rate_b", "B per s", "Allocations per second", UNIT_REAL,             \
	 TABLE_NO_TEXT},                                                       \
	{"waste_a", "Waste A", "Bytes wasted in the first", UNIT_BYTES,        \
	 TABLE_NO_TEXT},                                                       \
	{"waste_b", "Waste B", "Bytes wasted in the second", UNIT_BYTES,       \
	 TABLE_NO_TEXT},                                                       \
	{"live_a", "Live A", "Bytes not freed in the first", UNIT_BYTES,       \
	 TABLE_NO_TEXT},                                                       \
	{"live_b", "Live B", "Bytes not freed in the second", UNIT_BYTES,      \
	 TABLE_NO_TEXT}
/* clang-format on */

static const struct table_column caller_columns[] = {
    {"callsite", "Call site", "Who allocated", UNIT_TEXT, TABLE_GIVES_WAY},
    VALUE_COLUMNS,
};
static const struct table_column cache_columns[] = {
    {"cache", "Cache", "Cache, or size class", UNIT_TEXT, TABLE_GIVES_WAY},
    VALUE_COLUMNS,
};
static const struct table_column page_columns[] = {
    {"pages", "Pages", "Order, migratetype and use", UNIT_TEXT,
     TABLE_GIVES_WAY},
    VALUE_COLUMNS,
};
static const struct table_column run_columns[] = {
    {"model", "Model", "Replay", UNIT_TEXT, 0},
    {"settings", "Settings", "What --set changed", UNIT_TEXT, TABLE_GIVES_WAY},
    {"value", "Value", "What is compared", UNIT_TEXT, 0},
    {"a", "A", "In the first", UNIT_COUNT, 0},
    {"b", "B", "In the second", UNIT_COUNT, 0},
    {"change", "Change", "From the first to the second", UNIT_PERCENT, 0},
};

static void put_change(struct table *table, double a, double b)
{
	if (a > 0)
		table_real(table, 100 * (b / a - 1));
	else
		table_none(table);
}

static void put_row(const struct diff_result *result,
		    const struct diff_row *row, struct table *table)
{
	static const char letters[DIFF_MEASURES] = {'n', 'b', 'w', 'l'};
	double k = result->scale;
	char changed[DIFF_MEASURES + 1] = "";
	size_t len = 0;

	for (int m = 0; m < DIFF_MEASURES; m++)
		if (row->changed & 1u << m)
			changed[len++] = letters[m];
	table_text(table, names_get(&result->names, row->name));
	table_int(table, (int64_t)row->a[DIFF_BYTES]);
	table_int(table, (int64_t)row->b[DIFF_BYTES]);
	put_change(table, (double)row->a[DIFF_BYTES] * k,
		   (double)row->b[DIFF_BYTES]);
	table_int(table, llround((double)row->b[DIFF_WASTE] -
				 (double)row->a[DIFF_WASTE] * k));
	table_int(table, (int64_t)(row->b[DIFF_LIVE] - row->a[DIFF_LIVE]));
	table_text(table, changed);
	table_int(table, (int64_t)row->a[DIFF_ALLOCS]);
	table_int(table, (int64_t)row->b[DIFF_ALLOCS]);
	table_real(table, result->seconds_a > 0
			      ? (double)row->a[DIFF_ALLOCS] / result->seconds_a
			      : 0);
	table_real(table, result->seconds_b > 0
			      ? (double)row->b[DIFF_ALLOCS] / result->seconds_b
			      : 0);
	table_int(table, (int64_t)row->a[DIFF_WASTE]);
	table_int(table, (int64_t)row->b[DIFF_WASTE]);
	table_int(table, (int64_t)row->a[DIFF_LIVE]);
	table_int(table, (int64_t)row->b[DIFF_LIVE]);
}

void diff_table(const struct diff_result *result, enum diff_kind kind,
		struct table *table)
{
	static const struct {
		const char *name, *what;
		const struct table_column *columns;
		unsigned int count;
	} kinds[DIFF_KINDS] = {
	    {"callers", "Call sites", caller_columns, COUNT_OF(caller_columns)},
	    {"caches", "Caches", cache_columns, COUNT_OF(cache_columns)},
	    {"pages", "Pages", page_columns, COUNT_OF(page_columns)},
	};
	size_t all = 0;

	for (size_t i = 0; i < result->row_count; i++)
		all += result->rows[i].kind == kind;
	table_init(table, kinds[kind].name, kinds[kind].columns,
		   kinds[kind].count, "%s that changed, of %zu",
		   kinds[kind].what, all);
	for (size_t i = 0; i < result->row_count; i++)
		if (result->rows[i].kind == kind && result->rows[i].changed)
			put_row(result, &result->rows[i], table);
}

/* One value of a pair of replays, if it changed. */
static void put_run(const struct diff_runs *pair, const char *value, uint64_t a,
		    uint64_t b, double percent, struct table *table,
		    size_t *changed)
{
	if (fabs((double)b - (double)a) * 100 <= percent * (double)a)
		return;
	++*changed;
	table_text(table, pair->a->model);
	table_text(table, pair->a->settings);
	table_text(table, value);
	table_int(table, (int64_t)a);
	table_int(table, (int64_t)b);
	put_change(table, (double)a, (double)b);
}

void diff_runs_table(const struct diff_runs *pairs, size_t count,
		     double percent, struct table *table, size_t *changed)
{
	*changed = 0;
	table_init(table, "replays", run_columns, COUNT_OF(run_columns),
		   "Values that changed of %zu replays that both keep", count);
	for (size_t i = 0; i < count; i++) {
		const struct replay_result *a = pairs[i].a, *b = pairs[i].b;

#define PUT(field)                                                             \
	put_run(&pairs[i], #field, a->field, b->field, percent, table, changed)
		PUT(slab_pages_peak);
		PUT(slab_pages_end);
		PUT(free_pages_end);
		PUT(waste_live);
		PUT(failed);
		PUT(fallbacks);
#undef PUT
	}
}
