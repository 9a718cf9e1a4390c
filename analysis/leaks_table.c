/*
 * The rows of leaks as tables. A number in front joins a group's factors with
 * its row.
 */
#include "analysis/leaks.h"

#include "analysis/cache_text.h"
#include "analysis/gfp_text.h"

/* clang-format off */
#define RANK_COLUMN                                                            \
	{"rank", "#", "Place in the order of score", UNIT_COUNT, 0}

#define COUNT_COLUMNS                                                          \
	{"old_bytes", "Old", "Live bytes older than the typical lifetime",     \
	 UNIT_BYTES, 0},                                                       \
	{"old", "Objects", "Live objects that are so old", UNIT_COUNT, 0},     \
	{"bytes_per_s", "Bytes/s", "Growth of live bytes, least squares",      \
	 UNIT_BYTES, 0},                                                       \
	{"age_median_ns", "Age", "Median age of the live objects", UNIT_NS,    \
	 0},                                                                   \
	{"confidence", "Conf", "How sure that it leaks, 0 to 1", UNIT_REAL,    \
	 0},                                                                   \
	{"allocs", "Allocs", "Allocations followed", UNIT_COUNT,               \
	 TABLE_NO_TEXT},                                                       \
	{"frees", "Frees", "How many of them were freed", UNIT_COUNT,          \
	 TABLE_NO_TEXT},                                                       \
	{"live", "Live", "Not freed", UNIT_COUNT, TABLE_NO_TEXT},              \
	{"live_bytes", "Live bytes", "Bytes not freed", UNIT_BYTES,            \
	 TABLE_NO_TEXT},                                                       \
	{"age_oldest_ns", "Oldest", "Age of the oldest live object", UNIT_NS,  \
	 TABLE_NO_TEXT},                                                       \
	{"lifetime_p99_ns", "Typical",                                         \
	 "99 of 100 freed objects lived no longer", UNIT_NS, TABLE_NO_TEXT},   \
	{"monotone", "Monotone", "Net growth over all ups and downs",          \
	 UNIT_REAL, TABLE_NO_TEXT},                                            \
	{"score", "Score", "Old bytes times confidence", UNIT_REAL,            \
	 TABLE_NO_TEXT}
/* clang-format on */

static const struct table_column object_columns[] = {
    RANK_COLUMN,
    {"callsite", "Call site", "Who allocated", UNIT_TEXT, TABLE_GIVES_WAY},
    {"cache", "Cache", "From which cache, or size class", UNIT_TEXT, 0},
    COUNT_COLUMNS,
};

static const struct table_column page_columns[] = {
    RANK_COLUMN,
    {"comm", "Task", "Comm of the task that allocated", UNIT_TEXT, 0},
    {"gfp_flags", "GFP flags", "What it allowed", UNIT_TEXT, TABLE_GIVES_WAY},
    {"order", "Order", "Blocks of 2^order pages", UNIT_COUNT, 0},
    COUNT_COLUMNS,
};

static const struct table_column factor_columns[] = {
    RANK_COLUMN,
    {"confidence", "Conf", "The product of the factors", UNIT_REAL, 0},
    {"steady", "Steady", "How well a line fits the growth", UNIT_REAL, 0},
    {"edge", "Edge", "Not only of the trace's last 20th", UNIT_REAL, 0},
    {"loss", "Loss", "Beyond what lost events explain", UNIT_REAL, 0},
    {"linked", "Linked", "Objects are linked to their pages", UNIT_REAL, 0},
    {"traced", "Traced", "Share of frees with an event", UNIT_REAL, 0},
    {"samples", "Samples", "How many objects speak for it", UNIT_REAL, 0},
    {"kept", "Kept", "The kernel cannot take it back", UNIT_REAL, 0},
};

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

static void put_span(struct table *table, uint64_t span_ns)
{
	if (span_ns && span_ns <= INT64_MAX)
		table_int(table, (int64_t)span_ns);
	else
		table_none(table);
}

static void put_counts(struct table *table, const struct leak_row *row)
{
	table_int(table, (int64_t)row->old_bytes);
	table_int(table, (int64_t)row->old);
	table_int(table, (int64_t)row->bytes_per_s);
	put_span(table, row->age_median_ns);
	table_real(table, row->confidence);
	table_int(table, (int64_t)row->allocs);
	table_int(table, (int64_t)row->frees);
	table_int(table, (int64_t)row->live);
	table_int(table, (int64_t)row->live_bytes);
	put_span(table, row->age_oldest_ns);
	put_span(table, row->lifetime_p99_ns);
	table_real(table, row->monotone);
	table_real(table, row->score);
}

static void put_object(struct table *table, const struct leak_row *row,
		       const struct trace *trace)
{
	struct cache_key key = {row->name, row->kind, row->large,
				row->bytes_each};
	char text[SYMBOL_TEXT_MAX], cache[CACHE_TEXT_MAX];

	table_text(table,
		   symbols_format(&trace->symbols, row->call_site, text));
	table_text(table, cache_text(trace, &key, cache));
}

static void put_pages(struct table *table, const struct leak_row *row,
		      const struct trace *trace)
{
	char gfp[GFP_TEXT_MAX];

	if (row->comm)
		table_text(table, names_get(&trace->names, row->comm));
	else
		table_none(table);
	table_text(table, gfp_format(&trace->info.gfp, row->gfp_flags, gfp));
	table_int(table, row->order);
}

static void put_factors(struct table *table, const struct leak_row *row)
{
	const struct leak_factors *f = &row->factors;

	table_real(table, row->confidence);
	table_real(table, f->steady);
	table_real(table, f->edge);
	table_real(table, f->loss);
	table_real(table, f->linked);
	table_real(table, f->traced);
	table_real(table, f->samples);
	table_real(table, f->kept);
}

/* The first rows of a kind; numbers go on from *number. */
static void put_kind(struct table *table, struct table *why, bool pages,
		     const struct leak_row *rows, size_t count, size_t lines,
		     const struct trace *trace, int64_t *number)
{
	size_t shown = 0, all = 0;

	for (size_t i = 0; i < count; i++) {
		if (rows[i].pages != pages)
			continue;
		all++;
		if (shown == lines)
			continue;
		shown++;
		table_int(table, ++*number);
		if (pages)
			put_pages(table, &rows[i], trace);
		else
			put_object(table, &rows[i], trace);
		put_counts(table, &rows[i]);
		table_int(why, *number);
		put_factors(why, &rows[i]);
	}
	if (shown < all)
		table_note(table, "%zu more have a lower score; -l shows more",
			   all - shown);
}

void leaks_tables(const struct leak_row *rows, size_t count,
		  const struct trace *trace, size_t lines,
		  struct table tables[LEAKS_TABLES])
{
	int64_t number = 0;

	table_init(
	    &tables[0], "leaks", object_columns, COUNT_OF(object_columns),
	    "Slab objects that were not freed, the likeliest leak first");
	table_init(&tables[1], "page_leaks", page_columns,
		   COUNT_OF(page_columns),
		   "Pages asked for directly that were not freed");
	table_init(&tables[2], "leak_factors", factor_columns,
		   COUNT_OF(factor_columns),
		   "What the confidence is made of (docs/leaks.md)");
	put_kind(&tables[0], &tables[2], false, rows, count, lines, trace,
		 &number);
	put_kind(&tables[1], &tables[2], true, rows, count, lines, trace,
		 &number);
}
