/*
 * The sums of stat as tables: names and values, page allocations by order and
 * migratetype, events by tracepoint.
 */
#include <stdio.h>

#include "analysis/migratetype_text.h"
#include "analysis/stat_view.h"
#include "cli/stat_report.h"

static const struct table_column sum_columns[] = {
    {"name", "Name", "What is summed up", UNIT_TEXT, TABLE_GIVES_WAY},
    {"value", "Value", "Sum", UNIT_COUNT, 0},
};
static const struct table_column order_columns[] = {
    {"order", "Order", "2^order pages", UNIT_COUNT, 0},
    {"migratetype", "Type", "Number of the migratetype", UNIT_ID, 0},
    {"migratetype_name", "Mig.type", "The recorded kernel's name", UNIT_TEXT,
     0},
    {"hit", "Hits", "Allocations", UNIT_COUNT, 0},
};
static const struct table_column event_columns[] = {
    {"event", "Event", "Tracepoint", UNIT_TEXT, TABLE_GIVES_WAY},
    {"count", "Count", "Events of the whole trace", UNIT_COUNT, 0},
};

static void put_name(struct table *table, const char *group, const char *name)
{
	char text[64];

	snprintf(text, sizeof(text), "%s.%s", group, name);
	table_text(table, text);
}

static void put_sums(struct table *table, const char *group,
		     const struct stat_sums *sums, bool nodes_known)
{
	const struct {
		const char *name;
		uint64_t value;
	} lines[] = {
	    {"allocs", sums->allocs},
	    {"failed", sums->failed},
	    {"bytes_req", sums->bytes_req},
	    {"bytes_alloc", sums->bytes_alloc},
	    {"bytes_failed", sums->bytes_failed},
	    {"bytes_freed", sums->bytes_alloc_freed},
	    {"bytes_net", sums->bytes_alloc - sums->bytes_alloc_freed},
	    {"waste", sums->bytes_alloc - sums->bytes_req},
	    {"frees", sums->frees},
	    {"implicit_frees", sums->implicit_frees},
	    {"free_events", sums->free_events},
	    {"bytes_free_only", sums->bytes_unknown},
	    {"duplicates", sums->duplicates},
	    {"null_frees", sums->null_frees},
	    {"bytes_req_freed", sums->bytes_req_freed},
	    {"unknown_frees", sums->unknown_frees},
	    {"pingpong", sums->cross_cpu_frees},
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		put_name(table, group, lines[i].name);
		table_int(table, (int64_t)lines[i].value);
	}
	put_name(table, group, "cross_node_allocs");
	if (nodes_known)
		table_int(table, (int64_t)sums->cross_node_allocs);
	else
		table_none(table);
}

static void make_sums(const struct stat_report *report, struct table *table)
{
	const struct stat_totals *totals = &report->totals;
	bool nodes = report->trace->topology.from != TOPOLOGY_UNKNOWN;

	table_init(table, "sums", sum_columns, 2, "Sums");
	put_sums(table, "slab", &totals->slab, nodes);
	put_sums(table, "page", &totals->page, nodes);
	for (unsigned int use = 0;
	     report->trace->info.linked && use <= SITE_BACKS_LARGE; use++) {
		char group[32];

		snprintf(group, sizeof(group), "page_%s",
			 stat_use_text((uint8_t)use));
		put_sums(table, group, &totals->backing[use], nodes);
	}
	put_sums(table, "left_out_self_slab", &totals->self_slab, nodes);
	put_sums(table, "left_out_self_page", &totals->self_page, nodes);
	if (report->windowed) {
		table_text(table, "events_outside");
		table_int(table, (int64_t)report->skipped);
	}
}

static void make_orders(const struct stat_report *report, struct table *table)
{
	char text[MIGRATETYPE_TEXT_MAX];

	table_init(table, "orders", order_columns, 4,
		   "Page allocations by order and migratetype");
	for (unsigned int order = 0; order < SNAPSHOT_ORDERS_MAX; order++)
		for (int type = 0; type < SNAPSHOT_MIGRATETYPES_MAX; type++) {
			uint64_t count = report->totals.orders[order][type];

			if (!count)
				continue;
			table_int(table, order);
			table_int(table, type);
			table_text(table,
				   migratetype_text(report->trace, type, text));
			table_int(table, (int64_t)count);
		}
}

static void make_events(const struct stat_report *report, struct table *table)
{
	const struct trace *trace = report->trace;

	table_init(table, "events", event_columns, 2, "Events by tracepoint");
	for (uint32_t i = 0; i < trace->tracepoint_count; i++) {
		table_text(table, names_get(&trace->names,
					    trace->tracepoints[i].name));
		table_int(table, (int64_t)trace->tracepoints[i].count);
	}
}

void stat_report_tables(const struct stat_report *report,
			struct table tables[STAT_REPORT_TABLES])
{
	make_sums(report, &tables[STAT_REPORT_SUMS]);
	make_orders(report, &tables[STAT_REPORT_ORDERS]);
	make_events(report, &tables[STAT_REPORT_EVENTS]);
}
