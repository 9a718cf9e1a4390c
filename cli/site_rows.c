#include "cli/site_rows.h"

#include <stdlib.h>
#include <string.h>

#include "analysis/stat.h"
#include "cli/input.h"
#include "cli/feed.h"
#include "db/query.h"

static int take(void *sink, const struct kmem_event *events, size_t count,
		struct err *err)
{
	return stat_feed(sink, events, count, err);
}

static int count_events(const char *path, struct site_rows *rows,
			struct err *err)
{
	struct stat_options options = {.to_ns = UINT64_MAX};
	struct source *source = NULL;
	struct stat_sink *sink = NULL;
	const struct site_summary *sites;
	int ret;

	rows->trace.unwanted = TRACE_AFTER_PAGES | TRACE_REVEALS;
	ret = input_open(path, &rows->trace, &source, err);
	options.page_size = rows->trace.info.page_size;
	if (!ret)
		ret = stat_open(&sink, &options, err);
	if (!ret)
		ret = feed_all(source, "count", take, sink, err);
	if (!ret) {
		sites = stat_sites(sink, &rows->count);
		rows->sites = calloc(rows->count + 1, sizeof(*sites));
		if (rows->sites && rows->count)
			memcpy(rows->sites, sites,
			       rows->count * sizeof(*sites));
		else if (!rows->sites)
			ret = err_set(err, ERR_NOMEM, "out of memory");
	}
	stat_close(sink);
	source_close(source);
	return ret;
}

static int ask_database(const char *path, struct site_rows *rows,
			struct err *err)
{
	struct db *db = NULL;
	int ret = db_open(path, false, &db, err);

	if (!ret)
		ret = db_query_trace(db, &rows->trace, err);
	if (!ret)
		ret = db_query_sites(db, &rows->trace.names, DB_SITES_AS_STORED,
				     0, &rows->sites, &rows->count, err);
	db_close(db);
	return ret;
}

int site_rows_load(const char *path, struct site_rows *rows, struct err *err)
{
	return db_is_database(path) ? ask_database(path, rows, err)
				    : count_events(path, rows, err);
}

void site_rows_fini(struct site_rows *rows)
{
	free(rows->sites);
	trace_fini(&rows->trace);
	*rows = (struct site_rows){0};
}
