/*
 * The ranked list as tables. In text each row has what a reader compares at a
 * glance; JSON and CSV have every figure.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "analysis/advice.h"

static const struct table_column baseline_columns[] = {
    {"model", "Model", "The recorded kernel's own allocator", UNIT_TEXT, 0},
    {"held_peak_pages", "Peak", "Pages of slabs and large kmallocs at most",
     UNIT_PAGES, 0},
    {"held_end_pages", "End", "The same at the end", UNIT_PAGES, 0},
    {"free_end_pages", "Free", "Free pages at the end", UNIT_PAGES, 0},
    {"slab_grows", "Grows", "Events in which slabs took pages", UNIT_COUNT, 0},
    {"slow_ops", "Slow ops", "Allocations and frees past SLUB's fast path",
     UNIT_COUNT, 0},
    {"fallbacks", "Fallbacks", "Pages from blocks of another migratetype",
     UNIT_COUNT, 0},
    {"failed", "Failed", "Allocations without memory", UNIT_COUNT, 0},
    {"error_pages", "Error",
     "Growth of slabs: the model's less the kernel's own", UNIT_PAGES, 0},
};

static const struct table_column columns[] = {
    {"rank", "#", "The most pages saved at the peak first", UNIT_COUNT, 0},
    {"what", "kmemscope replay ...", "Arguments that repeat the replay",
     UNIT_TEXT, TABLE_GIVES_WAY},
    {"saved_peak_pages", "Peak", "Pages saved at the peak", UNIT_PAGES, 0},
    {"saved_end_pages", "End", "Pages saved at the end", UNIT_PAGES, 0},
    {"saved_end_bytes", "Bytes", "Bytes saved at the end", UNIT_BYTES,
     TABLE_NO_TEXT},
    {"beyond_error", "Sure",
     "no: saves no more at the end than the baseline is off the kernel",
     UNIT_TEXT, 0},
    {"free_end_pages", "Free",
     "More free pages at the end, per-CPU lists apart", UNIT_PAGES, 0},
    {"pcp_end_pages", "Per-CPU", "More pages on per-CPU lists at the end",
     UNIT_PAGES, TABLE_NO_TEXT},
    {"slab_grows", "Grows", "Cost: more events in which slabs took pages",
     UNIT_COUNT, 0},
    {"slab_shrinks", "Shrinks", "Cost: more events in which slabs gave back",
     UNIT_COUNT, TABLE_NO_TEXT},
    {"slow_ops", "Slow ops",
     "Cost: more allocations and frees past SLUB's fast path", UNIT_COUNT, 0},
    {"fallbacks", "Fallb",
     "Cost: more pages from blocks of another migratetype", UNIT_COUNT, 0},
    {"list_visits", "List visits",
     "Cost: more visits of per-CPU lists to the free areas", UNIT_COUNT,
     TABLE_NO_TEXT},
    {"user_pages", "User",
     "Cost of page_size, at most: more pages for user space at the end",
     UNIT_PAGES, TABLE_NO_TEXT},
    {"user_pages_exact", "User exact",
     "Of these, those of pages that recorded page faults took: counted",
     UNIT_PAGES, TABLE_NO_TEXT},
    {"user_pages_bound", "User bound",
     "Of these, those of the other pages for user space: at most", UNIT_PAGES,
     TABLE_NO_TEXT},
    {"order_fallbacks", "Lower orders",
     "Cost: more slabs that got less than their order", UNIT_COUNT,
     TABLE_NO_TEXT},
    {"failed", "Failed", "Cost: more allocations without memory", UNIT_COUNT,
     TABLE_NO_TEXT},
    {"unusable_index", "Unusable",
     "Change of the unusable free space index at pageblock order, thousandths",
     UNIT_COUNT, TABLE_NO_TEXT},
    {"assumes", "Assumes", "What is taken for granted", UNIT_TEXT,
     TABLE_NO_TEXT},
};

static void number(struct table *table, bool known, uint64_t value)
{
	if (known)
		table_int(table, (int64_t)value);
	else
		table_none(table);
}

/*
 * More pages for user space under a larger page size: of those that were counted
 * and, at most, of the others.
 */
struct user_change {
	bool known; /* the row has another page size */
	bool counted;
	int64_t exact, bound;
};

static struct user_change user_change(const struct advice *advice,
				      const struct advice_row *row)
{
	uint64_t counted = advice->user_pages_counted;
	uint64_t all = advice->baseline.outcome.user_pages;
	struct user_change change = {.known = row->what.page_size != 0};

	change.counted = counted && row->what.page_size > advice->page_size;
	if (!change.counted)
		counted = 0;
	change.exact = (int64_t)(row->outcome.user_exact - counted);
	change.bound = (int64_t)(row->outcome.user_pages -
				 row->outcome.user_exact - (all - counted));
	return change;
}

static void user_cells(const struct advice *advice,
		       const struct advice_row *row, struct table *table)
{
	struct user_change change = user_change(advice, row);

	number(table, change.known && change.counted, (uint64_t)change.exact);
	number(table, change.known, (uint64_t)change.bound);
}

static uint64_t slow_ops(const struct advice_outcome *outcome)
{
	return outcome->slow_allocs + outcome->slow_frees;
}

static void baseline_row(const struct advice *advice, struct table *table)
{
	const struct advice_outcome *base = &advice->baseline.outcome;

	table_text(table, advice->baseline.what.model);
	number(table, true, base->held_peak);
	number(table, true, base->held_end);
	number(table, base->has_free, base->free_end);
	number(table, true, base->slab_grows);
	number(table, base->has_slow, slow_ops(base));
	number(table, base->has_free, base->fallbacks);
	number(table, true, base->failed);
	number(table, advice->has_error, (uint64_t)advice->error);
}

/* What a row costs: the differences to the baseline. */
static void costs(const struct advice *advice, const struct advice_row *row,
		  struct table *table)
{
	const struct advice_outcome *base = &advice->baseline.outcome;
	const struct advice_outcome *out = &row->outcome;
	bool free_known = base->has_free && out->has_free;

	number(table, free_known, out->free_end - base->free_end);
	number(table, free_known, out->pcp_end - base->pcp_end);
	number(table, true, out->slab_grows - base->slab_grows);
	number(table, true, out->slab_shrinks - base->slab_shrinks);
	number(table, base->has_slow && out->has_slow,
	       slow_ops(out) - slow_ops(base));
	number(table, free_known, out->fallbacks - base->fallbacks);
	number(table, free_known, out->list_visits - base->list_visits);
	number(table, true, out->user_pages - base->user_pages);
	user_cells(advice, row, table);
	number(table, base->has_slow && out->has_slow,
	       out->order_fallbacks - base->order_fallbacks);
	number(table, true, out->failed - base->failed);
	number(table, free_known,
	       (uint64_t)((int64_t)out->unusable - (int64_t)base->unusable));
}

static void row_fill(const struct advice *advice, size_t number_of,
		     struct table *table)
{
	const struct advice_row *row = &advice->rows[number_of];
	bool made = !row->outcome.why_not[0];
	char command[ADVICE_COMMAND_MAX];

	table_int(table, (int64_t)number_of + 1);
	table_text(table, advice_command(advice, row, command));
	number(table, made, (uint64_t)row->saved_peak);
	number(table, made, (uint64_t)row->saved_end);
	number(table, made, (uint64_t)row->saved_end * advice->page_size);
	if (made && advice->has_error)
		table_text(table,
			   advice_within_error(advice, row) ? "no" : "yes");
	else
		table_none(table);
	if (made)
		costs(advice, row, table);
	for (int i = 0; !made && i < 13; i++)
		table_none(table);
	table_text(table, advice_assumes(row->what.kind));
}

/* What larger pages cost beyond the pages that a replay holds. */
static void user_note(const struct advice *advice, const struct advice_row *row,
		      struct table *table)
{
	struct user_change change = user_change(advice, row);
	uint64_t counted = advice->user_pages_counted;
	uint64_t all = advice->baseline.outcome.user_pages;
	char command[ADVICE_COMMAND_MAX];

	if (row->what.page_size <= advice->page_size || row->outcome.why_not[0])
		return;
	advice_command(advice, row, command);
	if (change.counted)
		table_note(table,
			   "%s, user space at the end: exactly %" PRId64
			   " pages more for the %" PRIu64
			   " that recorded page faults took (anonymous memory "
			   "and what was written to), at most %" PRId64
			   " more for the other %" PRIu64 " (files' pages)",
			   command, change.exact, counted, change.bound,
			   all - counted);
	else
		table_note(table,
			   "%s, user space at the end: at most %" PRId64
			   " pages more for its %" PRIu64
			   "; of a recording with --user-faults (x86) those of "
			   "anonymous memory are counted",
			   command, change.bound, all);
}

static void notes(const struct advice *advice, struct table *table)
{
	bool seen[ADVICE_KINDS] = {false};

	for (size_t i = 0; i < advice->count; i++) {
		const struct advice_row *row = &advice->rows[i];
		char command[ADVICE_COMMAND_MAX];

		if (row->outcome.why_not[0])
			table_note(table, "%s was not replayed: %s",
				   advice_command(advice, row, command),
				   row->outcome.why_not);
		else
			seen[row->what.kind] = true;
	}
	for (size_t i = 0; i < advice->count; i++)
		user_note(advice, &advice->rows[i], table);
	for (int kind = 0; kind < ADVICE_KINDS; kind++)
		if (seen[kind])
			table_note(table, "%s",
				   advice_assumes((enum advice_kind)kind));
}

void advice_tables(const struct advice *advice, struct table tables[2])
{
	table_init(&tables[0], "baseline", baseline_columns,
		   sizeof(baseline_columns) / sizeof(*baseline_columns),
		   "The model of the recorded kernel, in pages of %u bytes",
		   advice->page_size);
	baseline_row(advice, &tables[0]);
	if (advice->has_error)
		table_note(&tables[0],
			   "the model's slabs grew by %lld pages %s than the "
			   "kernel's own: what saves no more than that at the "
			   "end is within the model's error, and not sure",
			   llabs((long long)advice->error),
			   advice->error < 0 ? "less" : "more");
	else
		table_note(&tables[0],
			   "no snapshot tells how far this is off the kernel");
	table_init(&tables[1], "advice", columns,
		   sizeof(columns) / sizeof(*columns),
		   "What would be saved, and at what cost: replayed, against "
		   "the baseline");
	for (size_t i = 0; i < advice->count; i++)
		row_fill(advice, i, &tables[1]);
	notes(advice, &tables[1]);
}
