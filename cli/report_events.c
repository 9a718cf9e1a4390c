#include "cli/report_events.h"

#include <stdlib.h>

#include "cli/cli.h"
#include "cli/feed.h"

static int take(void *sink, const struct kmem_event *events, size_t count,
		struct err *err)
{
	return leaks_feed(sink, events, count, err);
}

static int make_tables(struct leaks_sink *sink, const struct trace *trace,
		       size_t lines, struct report_events *events,
		       struct err *err)
{
	struct leak_row *rows = NULL;
	size_t count;
	int rc = leaks_rows(sink, &rows, &count, err);

	if (!rc)
		leaks_tables(rows, count, trace, lines, events->leaks);
	free(rows);
	return rc;
}

int report_events_read(const char *database, size_t lines,
		       struct report_events *events, struct err *err)
{
	struct trace trace = {0};
	struct leaks_options options = {.trace = &trace, .to_ns = UINT64_MAX};
	struct source *source = NULL;
	struct leaks_sink *sink = NULL;
	int rc = cli_input_open(database, &trace, &source, err);

	if (!rc)
		rc = leaks_open(&sink, &options, err);
	if (!rc)
		rc = feed_all(source, "report", take, sink, err);
	if (!rc)
		rc = make_tables(sink, &trace, lines, events, err);
	leaks_close(sink);
	source_close(source);
	trace_fini(&trace);
	return rc;
}

void report_events_fini(struct report_events *events)
{
	for (int i = 0; i < LEAKS_TABLES; i++)
		table_fini(&events->leaks[i]);
}
