#include "cli/results.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/memory_map.h"
#include "cli/input.h"
#include "cli/feed.h"
#include "db/db.h"
#include "db/query.h"

static int load_run(struct db *db, struct results *results,
		    const struct db_run_row *row, struct results_run *run,
		    struct err *err)
{
	int rc;

	run->result = row->result;
	rc = db_query_samples(db, row->id, &run->samples, &run->sample_count,
			      err);
	if (rc)
		return rc;
	rc = db_query_waterfall(db, row->id, run->waterfall, err);
	if (rc)
		return rc;
	return db_query_cache_samples(db, &results->trace.names, row->id,
				      &run->caches, &run->cache_count, err);
}

static bool is_recorded(const struct db_run_row *row)
{
	return !strcmp(row->result.model, "recorded");
}

static int load_runs(struct db *db, struct results *results, struct err *err)
{
	struct db_run_row *rows = NULL;
	size_t count = 0;
	int rc = db_query_runs(db, &rows, &count, err);

	if (rc || count == 0)
		goto out;
	results->runs = calloc(count, sizeof(*results->runs));
	if (!results->runs) {
		rc = err_set(err, ERR_NOMEM, "%s", err_code_text(ERR_NOMEM));
		goto out;
	}
	for (int recorded = 1; recorded >= 0 && !rc; recorded--)
		for (size_t i = 0; i < count && !rc; i++)
			if (is_recorded(&rows[i]) == recorded)
				rc = load_run(
				    db, results, &rows[i],
				    &results->runs[results->run_count++], err);
out:
	free(rows);
	return rc;
}

static int take(void *sink, const struct kmem_event *events, size_t count,
		struct err *err)
{
	return memory_map_feed(sink, events, count, err);
}

/* The one thing that is not kept in the database: it needs all events. */
static int load_map(const char *path, struct memory_map *map, struct err *err)
{
	struct trace trace = {0};
	struct source *source = NULL;
	struct memory_map_sink *sink = NULL;
	int rc = input_open(path, &trace, &source, err);

	if (!rc)
		rc = memory_map_open(&sink, &trace, err);
	if (!rc)
		rc = feed_all(source, "map", take, sink, err);
	if (!rc)
		memory_map_take(sink, map);
	memory_map_close(sink);
	source_close(source);
	trace_fini(&trace);
	return rc;
}

int results_load(const char *path, struct results *results, struct err *err)
{
	struct db *db;
	int rc = db_open(path, false, &db, err);

	if (rc)
		return rc;
	rc = db_query_trace(db, &results->trace, err);
	if (!rc)
		rc = db_query_sites(db, &results->trace.names,
				    DB_SITES_BY_WASTE, 0, &results->sites,
				    &results->site_count, err);
	if (!rc)
		rc = load_runs(db, results, err);
	db_close(db);
	return rc ? rc : load_map(path, &results->map, err);
}

void results_fini(struct results *results)
{
	for (size_t i = 0; i < results->run_count; i++) {
		free(results->runs[i].samples);
		free(results->runs[i].caches);
	}
	free(results->runs);
	free(results->sites);
	free(results->map.cells);
	trace_fini(&results->trace);
	*results = (struct results){0};
}
