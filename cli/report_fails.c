#include "cli/report_fails.h"

#include "cli/fails_tables.h"
#include "cli/replay_run.h"

_Static_assert((int)FAILS_TABLES <= (int)REPORT_TABLES_MAX, "a part has room");

int report_fails(const struct report_input *input, struct report_part *part,
		 struct err *err)
{
	struct replay_request request = {.models = "recorded",
					 .settings = replay_settings_none(),
					 .watch_orders = true};
	struct trace trace = {0};
	struct replay_runs runs = {0};
	int rc = replay_input(input->database, &request, &trace, &runs, err);

	if (!rc && runs.runs[0].orders.order_count) {
		fails_tables(&runs.runs[0], &trace, FAILS_ALL_ORDERS,
			     part->tables);
		part->section.table_count = FAILS_TABLES;
	}
	replay_runs_fini(&runs);
	trace_fini(&trace);
	return rc;
}
