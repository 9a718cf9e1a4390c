#include "cli/report_events.h"

#include <stdlib.h>

#include "cli/input.h"
#include "cli/feed.h"

static int open_sinks(struct report_events *events, struct trace *trace,
		      struct err *err)
{
	static const enum stat_table tables[REPORT_STATS] = {
	    [REPORT_CALLERS] = STAT_CALLER,
	    [REPORT_CACHES] = STAT_CACHE,
	    [REPORT_TASKS] = STAT_TASK,
	    [REPORT_CGROUPS] = STAT_CGROUP,
	};
	struct leaks_options options = {.trace = trace, .to_ns = UINT64_MAX};
	struct blame_options blame = {.trace = trace, .until_ns = UINT64_MAX};
	int rc = leaks_open(&events->leaks_sink, &options, err);

	if (!rc && trace->info.linked)
		rc = blame_open(&events->blame_sink, &blame, err);

	for (int i = 0; i < REPORT_STATS && !rc; i++)
		if (i != REPORT_CGROUPS || map_count(&trace->cgroups))
			rc = report_stat_open(&events->stats[i], tables[i],
					      trace, err);
	return rc;
}

static int take(void *sink, const struct kmem_event *list, size_t count,
		struct err *err)
{
	struct report_events *events = sink;
	int rc = leaks_feed(events->leaks_sink, list, count, err);

	if (!rc && events->blame_sink)
		rc = blame_feed(events->blame_sink, list, count, err);
	for (int i = 0; i < REPORT_STATS && !rc; i++)
		rc = report_stat_feed(&events->stats[i], list, count, err);
	return rc;
}

static int make_blame(struct report_events *events, const struct trace *trace,
		      size_t lines, struct err *err)
{
	struct blame_report report = {0};
	int rc;

	if (!events->blame_sink)
		return 0;
	rc = blame_report_make(events->blame_sink, &report, err);
	if (!rc)
		blame_tables(&report, trace, lines, events->blame);
	blame_report_fini(&report);
	return rc;
}

static int make_tables(struct report_events *events, const struct trace *trace,
		       size_t lines, struct err *err)
{
	struct leak_row *rows = NULL;
	size_t count;
	int rc = leaks_rows(events->leaks_sink, &rows, &count, err);

	if (!rc)
		leaks_tables(rows, count, trace, lines, events->leaks);
	free(rows);
	if (!rc)
		rc = make_blame(events, trace, lines, err);
	for (int i = 0; i < REPORT_STATS && !rc; i++)
		rc = report_stat_make(&events->stats[i], lines, err);
	return rc;
}

int report_events_read(const char *database, size_t lines,
		       struct report_events *events, struct err *err)
{
	struct trace trace = {0};
	struct source *source = NULL;
	int rc = input_open(database, &trace, &source, err);

	if (!rc)
		rc = open_sinks(events, &trace, err);
	if (!rc)
		rc = feed_all(source, "report", take, events, err);
	if (!rc)
		rc = make_tables(events, &trace, lines, err);
	source_close(source);
	trace_fini(&trace);
	return rc;
}

void report_events_fini(struct report_events *events)
{
	leaks_close(events->leaks_sink);
	blame_close(events->blame_sink);
	for (int i = 0; i < BLAME_TABLES; i++)
		table_fini(&events->blame[i]);
	for (int i = 0; i < LEAKS_TABLES; i++)
		table_fini(&events->leaks[i]);
	for (int i = 0; i < REPORT_STATS; i++)
		report_stat_fini(&events->stats[i]);
	*events = (struct report_events){0};
}
