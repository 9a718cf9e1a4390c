#include "cli/report_tables.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/stat_table.h"
#include "db/query.h"

#define COLUMNS(list) list, sizeof(list) / sizeof((list)[0])

static struct table *next_table(struct report_part *part)
{
	return &part->tables[part->section.table_count++];
}

/* A table that someone else made becomes one of the part, if it was made. */
static void take_table(struct report_part *part, struct table *table)
{
	if (!table->columns)
		return;
	*next_table(part) = *table;
	*table = (struct table){0};
}

int report_waste(const struct report_input *input, struct report_part *part,
		 struct err *err)
{
	(void)err;
	take_table(part, &input->events->stats[REPORT_CALLERS].made);
	take_table(part, &input->events->stats[REPORT_CACHES].made);
	return 0;
}

int report_who(const struct report_input *input, struct report_part *part,
	       struct err *err)
{
	(void)err;
	take_table(part, &input->events->stats[REPORT_TASKS].made);
	take_table(part, &input->events->stats[REPORT_CGROUPS].made);
	return 0;
}

int report_pages(const struct report_input *input, struct report_part *part,
		 struct err *err)
{
	const struct results *results = input->results;
	struct stat_shown shown = {.trace = &results->trace,
				   .table = STAT_ORDER};
	struct stat_row *rows = NULL;
	int rc = stat_fold(results->sites, results->site_count, STAT_ORDER,
			   false, &rows, &shown.row_count);

	if (rc)
		return err_set(err, rc, "%s", err_code_text(rc));
	shown.rows = rows;
	shown.shown = shown.row_count;
	stat_table_make(&shown, part->stat_columns, next_table(part));
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
