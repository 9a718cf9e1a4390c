#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/blame.h"
#include "analysis/cache_text.h"
#include "analysis/gfp_text.h"
#include "analysis/migratetype_text.h"

enum blame_table { SLAB_SITES, SLAB_CACHES, BLOCK_HOLDERS, BLOCK_SITES };

/* clang-format off */
#define SITE_COLUMNS                                                           \
	{"callsite", "Call site", "Who allocated", UNIT_TEXT,                  \
	 TABLE_GIVES_WAY},                                                     \
	{"cache", "Cache", "From which cache, or size class", UNIT_TEXT, 0}

#define BLOCK_COLUMNS                                                          \
	{"pages", "Pages", "Unmovable pages of this holder", UNIT_PAGES, 0},   \
	{"blocks", "Blocks", "Pageblocks they are in", UNIT_COUNT, 0},         \
	{"blocks_alone", "Alone",                                              \
	 "Blocks in which nothing else is unmovable", UNIT_COUNT, 0},          \
	{"blocks_perhaps", "Perhaps",                                          \
	 "The same, but there are pages from before of unknown kind",          \
	 UNIT_COUNT, 0},                                                       \
	{"free_bytes", "Free", "What blocks would come free for sure",         \
	 UNIT_BYTES, 0}
/* clang-format on */

static const struct table_column slab_site_columns[] = {
    SITE_COLUMNS,
    {"objects", "Objects", "Live objects of the trace", UNIT_COUNT, 0},
    {"live_bytes", "Live", "Their bytes", UNIT_BYTES, 0},
    {"pinned_bytes", "Pinned", "Slabs they lie in", UNIT_BYTES, 0},
    {"alone_bytes", "Alone", "Slabs in which nothing else lives", UNIT_BYTES,
     0},
    {"share_bytes", "Share", "Its part, by bytes, of the other slabs",
     UNIT_BYTES, 0},
};

static const struct table_column cache_columns[] = {
    {"cache", "Cache", "The cache, or size class", UNIT_TEXT, TABLE_GIVES_WAY},
    {"slabs", "Slabs", "Slabs that the trace tells of", UNIT_COUNT, 0},
    {"objects", "Objects", "Live objects of the trace", UNIT_COUNT, 0},
    {"live_bytes", "Live", "Their bytes", UNIT_BYTES, 0},
    {"pinned_bytes", "Held", "The slabs", UNIT_BYTES, 0},
    {"old_bytes", "From before", "Slabs that were there before the trace",
     UNIT_BYTES, 0},
    {"empty_bytes", "Empty", "Slabs of the trace without an object", UNIT_BYTES,
     0},
};

static const struct table_column holder_columns[] = {
    {"kind", "Kind", "cache, large kmalloc, pages or old slabs", UNIT_TEXT, 0},
    {"holder", "Holder", "Cache, call site, or task and request", UNIT_TEXT,
     TABLE_GIVES_WAY},
    BLOCK_COLUMNS,
};

static const struct table_column block_site_columns[] = {
    SITE_COLUMNS,
    BLOCK_COLUMNS,
};

#define COLUMNS(array) array, sizeof(array) / sizeof(*(array))

static const char *cache_of(const struct blame_row *row,
			    const struct trace *trace,
			    char text[CACHE_TEXT_MAX])
{
	struct cache_key key = {.name = row->name,
				.kind = row->event,
				.bytes_each = row->bytes_each};

	if (row->kind == BLAME_CACHE && !row->name && !row->bytes_each)
		return "(not known)";
	return cache_text(trace, &key, text);
}

/* ---- Order ---- */

static int falling(uint64_t a, uint64_t b)
{
	return (a < b) - (a > b);
}

/* Ids of names differ between a capture and its database; names do not. */
static int by_key(const struct blame_row *a, const struct blame_row *b,
		  const struct trace *trace)
{
	char text[CACHE_TEXT_MAX], other[CACHE_TEXT_MAX];
	int order;

	if (a->call_site != b->call_site)
		return a->call_site < b->call_site ? -1 : 1;
	order = strcmp(cache_of(a, trace, text), cache_of(b, trace, other));
	if (!order && a->comm != b->comm)
		order = strcmp(names_get(&trace->names, a->comm),
			       names_get(&trace->names, b->comm));
	if (!order)
		order = falling(a->bytes_each, b->bytes_each);
	if (!order)
		order = falling(a->gfp_flags, b->gfp_flags);
	return order ? order : falling(a->order, b->order);
}

static int by_slabs(const void *left, const void *right, void *trace)
{
	const struct blame_row *a = *(const struct blame_row *const *)left;
	const struct blame_row *b = *(const struct blame_row *const *)right;
	int order = falling(a->alone_bytes, b->alone_bytes);

	if (!order)
		order = falling(a->share_bytes, b->share_bytes);
	return order ? order : by_key(a, b, trace);
}

static int by_blocks(const void *left, const void *right, void *trace)
{
	const struct blame_row *a = *(const struct blame_row *const *)left;
	const struct blame_row *b = *(const struct blame_row *const *)right;
	int order = falling(a->blocks_alone, b->blocks_alone);

	if (!order)
		order = falling(a->blocks_perhaps, b->blocks_perhaps);
	if (!order)
		order = falling(a->pages, b->pages);
	return order ? order : by_key(a, b, trace);
}

static bool belongs(const struct blame_row *row, enum blame_table table)
{
	switch (table) {
	case SLAB_SITES:
		return row->kind == BLAME_SITE && row->pinned_bytes;
	case SLAB_CACHES:
		return row->kind == BLAME_CACHE && row->pinned_bytes;
	case BLOCK_HOLDERS:
		return row->kind != BLAME_SITE && row->pages;
	default:
		return row->kind == BLAME_SITE && row->pages;
	}
}

/* ---- Rows ---- */

static void put_site(struct table *table, const struct blame_row *row,
		     const struct trace *trace)
{
	char text[SYMBOL_TEXT_MAX], cache[CACHE_TEXT_MAX];

	table_text(table,
		   symbols_format(&trace->symbols, row->call_site, text));
	table_text(table, cache_of(row, trace, cache));
}

static void put_pages(struct table *table, const struct blame_row *row,
		      const struct trace *trace)
{
	char gfp[GFP_TEXT_MAX], type[MIGRATETYPE_TEXT_MAX], pid[32];
	char text[GFP_TEXT_MAX + 512];
	const char *comm = names_get(&trace->names, row->comm);

	snprintf(pid, sizeof(pid), "pid %d", row->pid);
	snprintf(text, sizeof(text), "%s order %u %s %s",
		 row->comm ? comm : pid, row->order,
		 migratetype_text(trace, row->migratetype, type),
		 gfp_format_short(&trace->info.gfp, row->gfp_flags, gfp));
	table_text(table, text);
}

static void put_holder(struct table *table, const struct blame_row *row,
		       const struct trace *trace)
{
	char text[SYMBOL_TEXT_MAX], cache[CACHE_TEXT_MAX];

	switch (row->kind) {
	case BLAME_CACHE:
		table_text(table, "cache");
		table_text(table, cache_of(row, trace, cache));
		break;
	case BLAME_LARGE:
		table_text(table, "large");
		table_text(table, row->call_site
				      ? symbols_format(&trace->symbols,
						       row->call_site, text)
				      : "(call site not known)");
		break;
	case BLAME_PAGES:
		table_text(table, "pages");
		put_pages(table, row, trace);
		break;
	default:
		table_text(table, "old slabs");
		table_text(table, "(slabs from before, cache not known)");
		break;
	}
}

static void put_row(struct table *table, enum blame_table which,
		    const struct blame_row *row, const struct trace *trace,
		    uint64_t block_bytes)
{
	char cache[CACHE_TEXT_MAX];

	if (which == SLAB_CACHES)
		table_text(table, cache_of(row, trace, cache));
	else if (which == BLOCK_HOLDERS)
		put_holder(table, row, trace);
	else
		put_site(table, row, trace);
	if (which == BLOCK_HOLDERS || which == BLOCK_SITES) {
		table_int(table, (int64_t)row->pages);
		table_int(table, (int64_t)row->blocks);
		table_int(table, (int64_t)row->blocks_alone);
		table_int(table, (int64_t)row->blocks_perhaps);
		table_int(table, (int64_t)(row->blocks_alone * block_bytes));
		return;
	}
	if (which == SLAB_CACHES)
		table_int(table, (int64_t)row->slabs);
	table_int(table, (int64_t)row->objects);
	table_int(table, (int64_t)row->live_bytes);
	table_int(table, (int64_t)row->pinned_bytes);
	table_int(table, (int64_t)(which == SLAB_CACHES ? row->old_bytes
							: row->alone_bytes));
	table_int(table, (int64_t)(which == SLAB_CACHES ? row->empty_bytes
							: row->share_bytes));
}

static void table_fill(struct table *table, enum blame_table which,
		       const struct blame_report *report,
		       const struct trace *trace, size_t lines)
{
	const struct blame_row **order =
	    calloc(report->row_count + 1, sizeof(const struct blame_row *));
	size_t count = 0;

	if (!order) {
		table->failed = ERR_NOMEM;
		return;
	}
	for (size_t i = 0; i < report->row_count; i++)
		if (belongs(&report->rows[i], which))
			order[count++] = &report->rows[i];
	qsort_r(order, count, sizeof(const struct blame_row *),
		which == SLAB_SITES || which == SLAB_CACHES ? by_slabs
							    : by_blocks,
		(void *)trace);
	for (size_t i = 0; i < count; i++)
		put_row(table, which, order[i], trace,
			report->blocks.block_bytes);
	table_cut(table, lines);
	free(order);
}

static void put_notes(struct table *table, const struct blame_report *report,
		      const struct trace *trace)
{
	const struct blame_blocks *b = &report->blocks;

	table_note(table,
		   "of %llu pageblocks of %llu KiB %llu are free, %llu have "
		   "movable pages only, %llu have unmovable pages (%llu of one "
		   "holder alone), %llu have pages from before of unknown kind",
		   (unsigned long long)b->total,
		   (unsigned long long)b->block_bytes / 1024,
		   (unsigned long long)b->free, (unsigned long long)b->movable,
		   (unsigned long long)b->pinned,
		   (unsigned long long)b->pinned_by_one,
		   (unsigned long long)b->unknown);
	if (!(trace->before.parts & SNAPSHOT_KPAGEFLAGS))
		table_note(table, "there is no kpageflags of before: pages "
				  "that no event tells of count as unknown");
}

void blame_tables(const struct blame_report *report, const struct trace *trace,
		  size_t lines, struct table tables[BLAME_TABLES])
{
	table_init(&tables[SLAB_SITES], "slab_sites",
		   COLUMNS(slab_site_columns),
		   "Call sites that pin slab pages, at %llu.%06llu",
		   (unsigned long long)(report->ts_ns / 1000000000),
		   (unsigned long long)(report->ts_ns % 1000000000 / 1000));
	table_init(&tables[SLAB_CACHES], "slab_caches", COLUMNS(cache_columns),
		   "Caches that hold slab pages");
	table_init(&tables[BLOCK_HOLDERS], "block_holders",
		   COLUMNS(holder_columns),
		   "Who keeps pageblocks from being free");
	table_init(&tables[BLOCK_SITES], "block_sites",
		   COLUMNS(block_site_columns),
		   "Call sites in whose slabs alone they lie");
	for (int i = 0; i < BLAME_TABLES; i++)
		table_fill(&tables[i], (enum blame_table)i, report, trace,
			   lines);
	if (report->misplaced)
		table_note(&tables[SLAB_SITES],
			   "%llu allocations were in no slab page that the "
			   "trace tells of",
			   (unsigned long long)report->misplaced);
	put_notes(&tables[BLOCK_HOLDERS], report, trace);
}
