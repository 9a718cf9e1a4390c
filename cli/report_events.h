/*
 * report_events: what the report has to read all events for, in one pass.
 */
#ifndef CLI_REPORT_EVENTS_H
#define CLI_REPORT_EVENTS_H

#include "analysis/leaks.h"
#include "core/err.h"
#include "core/table.h"

/* Tables that are not taken by anyone are freed by report_events_fini(). */
struct report_events {
	struct table leaks[LEAKS_TABLES];
};

/*
 * events must be zeroed; lines: the most rows of a table. ERR_INTERRUPTED after
 * a signal.
 */
MUST_CHECK int report_events_read(const char *database, size_t lines,
				  struct report_events *events,
				  struct err *err);
void report_events_fini(struct report_events *events);

#endif
