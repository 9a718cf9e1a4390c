#include "cli/report_tables.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/stat_view.h"
#include "cli/stat_report.h"
#include "db/query.h"

#define COLUMNS(list) list, sizeof(list) / sizeof((list)[0])

static struct table *next_table(struct report_part *part)
{
	return &part->tables[part->section.table_count++];
}

static const struct table_column caller_columns[] = {
    {"callsite", "Call site", "The kernel code that asked for the memory",
     UNIT_TEXT, TABLE_GIVES_WAY},
    {"bytes_alloc", "Allocated", "Bytes handed out", UNIT_BYTES, 0},
    {"bytes_req", "Requested", "Bytes asked for", UNIT_BYTES, 0},
    {"waste", "Waste", "Allocated minus requested", UNIT_BYTES, 0},
    {"fragmentation", "Share", "Waste as a share of what was allocated",
     UNIT_PERCENT, 0},
    {"hits", "Allocations", "How often", UNIT_COUNT, 0},
    {"live", "Live", "Bytes not freed within the trace", UNIT_BYTES, 0},
    {"pingpong", "Cross-CPU frees", "Freed on another CPU than allocated",
     UNIT_COUNT, 0},
};

static void waste_row(struct table *table, const char *name,
		      const struct site_summary *sum)
{
	table_text(table, name);
	table_int(table, (int64_t)sum->bytes_alloc);
	table_int(table, (int64_t)sum->bytes_req);
	table_int(table, stat_waste(sum));
	table_real(table, stat_fragmentation(sum->bytes_req, sum->bytes_alloc));
	table_int(table, (int64_t)sum->allocs);
	table_int(table, (int64_t)(sum->bytes_alloc - sum->bytes_alloc_freed));
	table_int(table, (int64_t)sum->cross_cpu_frees);
}

static int waste_table(const struct report_input *input,
		       struct report_part *part, enum stat_table kind,
		       const char *title, struct err *err)
{
	const struct results *results = input->results;
	struct table *table = next_table(part);
	struct stat_report names = {.table = kind, .trace = &results->trace};
	struct stat_row *rows = NULL;
	struct stat_sort sort;
	size_t count = 0;
	int rc = stat_sort_parse("waste", kind, &sort, err);

	table_init(table, kind == STAT_CALLER ? "callers" : "caches",
		   COLUMNS(caller_columns), "%s", title);
	if (!rc)
		rc = stat_fold(results->sites, results->site_count, kind, false,
			       &rows, &count);
	if (rc)
		return err_set(err, rc, "%s", err_code_text(rc));
	stat_sort_rows(rows, count, &sort);
	for (size_t i = 0; i < count; i++) {
		char name[REPORT_NAME_MAX];

		waste_row(table, report_row_name(&names, &rows[i], name),
			  &rows[i].sum);
	}
	free(rows);
	return 0;
}

int report_waste(const struct report_input *input, struct report_part *part,
		 struct err *err)
{
	int rc = waste_table(input, part, STAT_CALLER, "By call site", err);

	if (!rc)
		rc = waste_table(input, part, STAT_CACHE,
				 "By cache, kmalloc by size class", err);
	return rc;
}

static const struct table_column order_columns[] = {
    {"order", "Order", "2^order pages", UNIT_COUNT, 0},
    {"migratetype", "Migratetype", "What the caller said about mobility",
     UNIT_TEXT, 0},
    {"hits", "Allocations", "How often", UNIT_COUNT, 0},
    {"bytes_alloc", "Allocated", "Bytes handed out", UNIT_BYTES, 0},
    {"live", "Live", "Bytes not freed within the trace", UNIT_BYTES, 0},
};

int report_pages(const struct report_input *input, struct report_part *part,
		 struct err *err)
{
	const struct results *results = input->results;
	struct table *table = next_table(part);
	struct stat_row *rows = NULL;
	size_t count = 0;
	int rc = stat_fold(results->sites, results->site_count, STAT_ORDER,
			   false, &rows, &count);

	table_init(table, "orders", COLUMNS(order_columns),
		   "Page allocations by order and migratetype");
	if (rc)
		return err_set(err, rc, "%s", err_code_text(rc));
	for (size_t i = 0; i < count; i++) {
		const struct site_summary *sum = &rows[i].sum;
		char name[REPORT_NAME_MAX];

		table_int(table, sum->order);
		table_text(table, report_migratetype(&results->trace,
						     sum->migratetype, name));
		table_int(table, (int64_t)sum->allocs);
		table_int(table, (int64_t)sum->bytes_alloc);
		table_int(table,
			  (int64_t)(sum->bytes_alloc - sum->bytes_alloc_freed));
	}
	free(rows);
	return 0;
}

static const struct table_column replay_columns[] = {
    {"model", "Model", "recorded: the kernel as it was", UNIT_TEXT, 0},
    {"settings", "Settings", "What --set changed", UNIT_TEXT, 0},
    {"start", "Start", "warm from the snapshot before, or cold and why",
     UNIT_TEXT, 0},
    {"slab_pages_start", "Slab pages, start",
     "Pages of slabs when the "
     "window began",
     UNIT_PAGES, 0},
    {"slab_pages_end", "end", "Pages of slabs at the end", UNIT_PAGES, 0},
    {"slab_pages_peak", "peak", "Most pages of slabs", UNIT_PAGES, 0},
    {"free_pages_start", "Free pages, start", "Free when the window began",
     UNIT_PAGES, 0},
    {"free_pages_end", "end", "Free at the end", UNIT_PAGES, 0},
    {"waste_live", "Waste, live", "Rounding of what is live at the end",
     UNIT_BYTES, 0},
    {"failed", "Failed", "Allocations that the model could not serve",
     UNIT_COUNT, 0},
    {"fallbacks", "Fallbacks", "Served from another migratetype", UNIT_COUNT,
     0},
};

int report_replays(const struct report_input *input, struct report_part *part,
		   struct err *err)
{
	const struct results *results = input->results;
	struct table *table;

	(void)err;
	if (!results->run_count)
		return 0;
	table = next_table(part);
	table_init(table, "replays", COLUMNS(replay_columns),
		   "Replays that the database keeps");
	for (size_t i = 0; i < results->run_count; i++) {
		const struct replay_result *run = &results->runs[i].result;

		table_text(table, run->model);
		if (run->settings[0])
			table_text(table, run->settings);
		else
			table_none(table);
		table_text(table, run->start);
		table_int(table, (int64_t)run->slab_pages_start);
		table_int(table, (int64_t)run->slab_pages_end);
		table_int(table, (int64_t)run->slab_pages_peak);
		table_int(table, (int64_t)run->free_pages_start);
		table_int(table, (int64_t)run->free_pages_end);
		table_int(table, (int64_t)run->waste_live);
		table_int(table, (int64_t)run->failed);
		table_int(table, (int64_t)run->fallbacks);
	}
	return 0;
}

static const struct table_column cache_columns[] = {
    {"cache", "Cache", "The slab cache", UNIT_TEXT, TABLE_GIVES_WAY},
    {"slabs_start", "Slabs, start", "Slabs when the window began", UNIT_COUNT,
     0},
    {"slabs_end", "end", "Slabs at the end", UNIT_COUNT, 0},
    {"slabs_peak", "peak", "Most slabs", UNIT_COUNT, 0},
    {"pages_peak", "Pages, peak", "Pages of the most slabs", UNIT_PAGES, 0},
    {"objects_start", "Objects, start", "Objects when the window began",
     UNIT_COUNT, 0},
    {"objects_end", "end", "Objects at the end", UNIT_COUNT, 0},
    {"slab_order", "Order", "2^order pages a slab", UNIT_COUNT, 0},
    {"objects_per_slab", "Per slab", "Objects a slab holds", UNIT_COUNT, 0},
    {"used", "Used",
     "Slots in use at the end; not known where frees "
     "without an event leave more objects than slots",
     UNIT_PERCENT, 0},
    {"waste_live", "Waste, live", "Rounding of what is live at the end",
     UNIT_BYTES, 0},
};

static void cache_row(struct table *table, const struct names *names,
		      const struct replay_cache_result *cache)
{
	uint64_t slots = cache->slabs_end * cache->objs_per_slab;

	table_text(table, names_get(names, cache->cache));
	table_int(table, (int64_t)cache->slabs_start);
	table_int(table, (int64_t)cache->slabs_end);
	table_int(table, (int64_t)cache->slabs_peak);
	table_int(table, (int64_t)(cache->slabs_peak << cache->order));
	table_int(table, (int64_t)cache->objects_start);
	table_int(table, (int64_t)cache->objects_end);
	table_int(table, cache->order);
	table_int(table, cache->objs_per_slab);
	if (slots && cache->objects_end <= slots)
		table_real(table,
			   100.0 * (double)cache->objects_end / (double)slots);
	else
		table_none(table);
	table_int(table,
		  (int64_t)(cache->bytes_alloc_live - cache->bytes_req_live));
}

static int run_caches(struct db *db, const struct report_input *input,
		      const struct db_run_row *run, struct table *table,
		      struct err *err)
{
	struct names *names = &input->results->trace.names;
	struct replay_cache_result *caches = NULL;
	size_t count = 0;
	int rc = db_query_caches(db, names, run->id, 0, &caches, &count, err);

	table_init(table, "caches", COLUMNS(cache_columns),
		   "Slab caches, %s%s%s", run->result.model,
		   run->result.settings[0] ? " " : "", run->result.settings);
	for (size_t i = 0; i < count && !rc; i++)
		cache_row(table, names, &caches[i]);
	free(caches);
	return rc;
}

int report_caches(const struct report_input *input, struct report_part *part,
		  struct err *err)
{
	struct db_run_row *runs = NULL;
	struct db *db = NULL;
	size_t count = 0;
	int rc = db_open(input->database, false, &db, err);

	if (!rc)
		rc = db_query_runs(db, &runs, &count, err);
	for (size_t i = 0; i < count && i < REPORT_TABLES_MAX && !rc; i++)
		rc = run_caches(db, input, &runs[i], next_table(part), err);
	free(runs);
	db_close(db);
	return rc;
}

/* A table that the pass over the events made becomes one of the part. */
static void take_table(struct report_part *part, struct table *table)
{
	*next_table(part) = *table;
	*table = (struct table){0};
}

int report_leaks(const struct report_input *input, struct report_part *part,
		 struct err *err)
{
	(void)err;
	for (int i = 0; i < LEAKS_TABLES; i++)
		take_table(part, &input->events->leaks[i]);
	return 0;
}

/* The name of a replay, unlike that of any other that the database keeps. */
static const char *run_name(const struct replay_result *run, char *text,
			    size_t cap)
{
	snprintf(text, cap, "%s%s%s", run->model, run->settings[0] ? " " : "",
		 run->settings);
	return text;
}

int report_waterfall(const struct report_input *input, struct report_part *part,
		     struct err *err)
{
	const struct results *results = input->results;
	struct waterfall_column columns[WATERFALL_COLUMNS_MAX];
	unsigned int count = 0;
	int rc;

	for (size_t i = 0; i < results->run_count; i++) {
		const struct results_run *run = &results->runs[i];

		if (count == WATERFALL_COLUMNS_MAX ||
		    !waterfall_pages(&run->waterfall[WATERFALL_PEAK]))
			continue;
		columns[count] = (struct waterfall_column){
		    run_name(&run->result, part->run_names[count],
			     sizeof(part->run_names[count])),
		    run->result.start, run->waterfall};
		count++;
	}
	if (!count)
		return 0;
	rc = waterfall_tables_make(&part->waterfall, columns, count, err);
	for (int i = 0; i < WATERFALL_MOMENTS && !rc; i++)
		take_table(part, &part->waterfall.tables[i]);
	return rc;
}
