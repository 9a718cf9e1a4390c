/*
 * report_events: what the report has to read all events for, in one pass.
 */
#ifndef CLI_REPORT_EVENTS_H
#define CLI_REPORT_EVENTS_H

#include "analysis/leaks.h"
#include "cli/report_stat.h"

enum report_stat_table {
	REPORT_CALLERS,
	REPORT_CACHES,
	REPORT_TASKS,
	REPORT_CGROUPS,
	REPORT_STATS
};

/*
 * Tables that nobody took are freed by report_events_fini(); the columns of
 * those of stat live until then, too.
 */
struct report_events {
	struct report_stat stats[REPORT_STATS];
	struct table leaks[LEAKS_TABLES];
	/* Private */
	struct leaks_sink *sink;
};

/*
 * events must be zeroed; lines: the most rows of a table. report_events_fini()
 * frees, after a failure too. ERR_INTERRUPTED after a signal.
 */
MUST_CHECK int report_events_read(const char *database, size_t lines,
				  struct report_events *events,
				  struct err *err);
void report_events_fini(struct report_events *events);

#endif
