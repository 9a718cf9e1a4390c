/*
 * JSON by cJSON. Integers go in as raw text, because cJSON keeps numbers as
 * double and would round those above 2^53.
 */
#include <inttypes.h>
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "analysis/gfp_text.h"
#include "cli/cli_escape.h"
#include "cli/stat_report.h"

static void add_u64(cJSON *object, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	cJSON_AddRawToObject(object, name, text);
}

static void add_i64(cJSON *object, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	cJSON_AddRawToObject(object, name, text);
}

static void add_hex(cJSON *object, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	cJSON_AddStringToObject(object, name, text);
}

static void add_text(cJSON *object, const char *name, const char *text)
{
	char clean[4096];

	cJSON_AddStringToObject(object, name,
				escape_utf8(text, clean, sizeof(clean)));
}

/* Sums that every kind of row has; live_ is allocated and not freed. */
static void add_counts(cJSON *object, const struct site_summary *sum)
{
	add_u64(object, "hit", sum->allocs);
	add_u64(object, "freed", sum->frees);
	add_u64(object, "failed", sum->failed);
	add_u64(object, "implicit_frees", sum->implicit_frees);
	add_u64(object, "self_hit", sum->self_allocs);
	add_u64(object, "bytes_alloc", sum->bytes_alloc);
	add_u64(object, "bytes_freed", sum->bytes_alloc_freed);
	add_u64(object, "live_bytes_alloc",
		sum->bytes_alloc - sum->bytes_alloc_freed);
}

static cJSON *slab_row(const struct stat_report *report,
		       const struct stat_row *row)
{
	const struct site_summary *sum = &row->sum;
	uint64_t live_alloc = sum->bytes_alloc - sum->bytes_alloc_freed;
	uint64_t live_req = sum->bytes_req - sum->bytes_req_freed;
	cJSON *object = cJSON_CreateObject();
	char text[REPORT_NAME_MAX];

	if (report->table == STAT_ALLOC)
		add_hex(object, "ptr", row->addr);
	if (report->table != STAT_CACHE) {
		add_hex(object, "call_site", sum->call_site);
		add_text(object, "symbol",
			 symbols_format(&report->trace->symbols, sum->call_site,
					text));
	}
	add_text(object, "cache", report_cache_name(report->trace, sum, text));
	add_counts(object, sum);
	add_u64(object, "bytes_req", sum->bytes_req);
	add_u64(object, "bytes_req_max", sum->bytes_req_max);
	add_i64(object, "waste", stat_waste(sum));
	add_u64(object, "live_bytes_req", live_req);
	add_i64(object, "live_waste", (int64_t)(live_alloc - live_req));
	if (report->table == STAT_CALLER) {
		add_u64(object, "peak_bytes_alloc", sum->live_bytes_alloc_peak);
		add_u64(object, "peak_bytes_req", sum->live_bytes_req_peak);
	}
	add_u64(object, "pingpong", sum->cross_cpu_frees);
	cJSON_AddNumberToObject(
	    object, "frag_percent",
	    stat_fragmentation(sum->bytes_req, sum->bytes_alloc));
	return object;
}

static cJSON *page_row(const struct stat_report *report,
		       const struct stat_row *row)
{
	const struct site_summary *sum = &row->sum;
	cJSON *object = cJSON_CreateObject();
	char text[REPORT_NAME_MAX], gfp[GFP_TEXT_MAX];

	if (report->table == STAT_PFN)
		add_u64(object, "pfn", row->addr);
	add_u64(object, "order", sum->order);
	add_i64(object, "migratetype", sum->migratetype);
	add_text(object, "migratetype_name",
		 report_migratetype(report->trace, sum->migratetype, text));
	if (report->table != STAT_ORDER) {
		add_text(object, "used_for", report_use(sum->backing));
		add_hex(object, "gfp", sum->gfp_flags);
		add_text(
		    object, "gfp_name",
		    gfp_format(&report->trace->info.gfp, sum->gfp_flags, gfp));
	}
	if (report->table == STAT_PAGE)
		add_u64(object, "peak_bytes_alloc", sum->live_bytes_alloc_peak);
	add_counts(object, sum);
	return object;
}

static void add_sums(cJSON *parent, const char *name,
		     const struct stat_sums *sums, bool pages)
{
	cJSON *object = cJSON_AddObjectToObject(parent, name);

	add_u64(object, "allocs", sums->allocs);
	add_u64(object, "failed", sums->failed);
	add_u64(object, "frees", sums->frees);
	add_u64(object, "free_events", sums->free_events);
	add_u64(object, "implicit_frees", sums->implicit_frees);
	add_u64(object, "unknown_frees", sums->unknown_frees);
	add_u64(object, "pingpong", sums->cross_cpu_frees);
	add_u64(object, "bytes_alloc", sums->bytes_alloc);
	add_u64(object, "bytes_freed", sums->bytes_alloc_freed);
	add_u64(object, "bytes_net",
		sums->bytes_alloc - sums->bytes_alloc_freed);
	if (pages) {
		add_u64(object, "bytes_failed", sums->bytes_failed);
		add_u64(object, "bytes_free_only", sums->bytes_unknown);
		return;
	}
	add_u64(object, "duplicates", sums->duplicates);
	add_u64(object, "null_frees", sums->null_frees);
	add_u64(object, "bytes_req", sums->bytes_req);
	add_u64(object, "bytes_req_freed", sums->bytes_req_freed);
	add_i64(object, "waste",
		(int64_t)(sums->bytes_alloc - sums->bytes_req));
	cJSON_AddNumberToObject(
	    object, "frag_percent",
	    stat_fragmentation(sums->bytes_req, sums->bytes_alloc));
}

/* "cross_node_allocs" is null where no topology is known. */
static void add_slab(cJSON *root, const char *name,
		     const struct stat_report *report,
		     const struct stat_sums *sums)
{
	cJSON *object;

	add_sums(root, name, sums, false);
	object = cJSON_GetObjectItemCaseSensitive(root, name);
	if (report->trace->topology.from == TOPOLOGY_UNKNOWN)
		cJSON_AddNullToObject(object, "cross_node_allocs");
	else
		add_u64(object, "cross_node_allocs", sums->cross_node_allocs);
}

static void add_orders(cJSON *parent, const struct stat_report *report)
{
	const struct stat_totals *totals = &report->totals;
	cJSON *orders = cJSON_AddArrayToObject(parent, "orders");
	char text[REPORT_NAME_MAX];

	for (unsigned int order = 0; order < SNAPSHOT_ORDERS_MAX; order++)
		for (int type = 0; type < SNAPSHOT_MIGRATETYPES_MAX; type++) {
			cJSON *cell;

			if (!totals->orders[order][type])
				continue;
			cell = cJSON_CreateObject();
			add_u64(cell, "order", order);
			add_i64(cell, "migratetype", type);
			add_text(cell, "migratetype_name",
				 report_migratetype(report->trace, type, text));
			add_u64(cell, "hit", totals->orders[order][type]);
			cJSON_AddItemToArray(orders, cell);
		}
}

static void add_pages(cJSON *root, const struct stat_report *report)
{
	const struct stat_totals *totals = &report->totals;
	cJSON *uses;

	add_sums(root, "page", &totals->page, true);
	if (report->trace->info.linked) {
		uses = cJSON_AddObjectToObject(root, "page_used_for");
		for (unsigned int use = 0; use <= SITE_BACKS_LARGE; use++)
			add_sums(uses, report_use((uint8_t)use),
				 &totals->backing[use], true);
	}
	add_orders(root, report);
}

static void add_recording(cJSON *root, const struct stat_report *report)
{
	const struct trace *trace = report->trace;
	cJSON *anomalies, *events;

	add_text(root, "input", report->input);
	add_text(root, "release", trace->info.release);
	add_text(root, "machine", trace->info.machine);
	add_u64(root, "page_size", trace->info.page_size);
	cJSON_AddBoolToObject(root, "linked", trace->info.linked);
	add_text(root, "link_reason", trace->info.link_reason);
	cJSON_AddBoolToObject(root, "partial", trace->info.partial);
	add_text(root, "partial_reason", trace->info.partial_reason);
	if (report->windowed) {
		add_u64(root, "from_ns", report->from_ns);
		add_u64(root, "to_ns", report->to_ns);
		add_u64(root, "events_outside", report->skipped);
	}
	anomalies = cJSON_AddObjectToObject(root, "anomalies");
	for (unsigned int id = 0; id < ANOMALY_COUNT; id++)
		add_u64(anomalies, anomaly_word((enum anomaly)id),
			trace->anomalies.count[id]);
	events = cJSON_AddObjectToObject(root, "events");
	for (uint32_t i = 0; i < trace->tracepoint_count; i++) {
		char name[256];

		escape_utf8(
		    names_get(&trace->names, trace->tracepoints[i].name), name,
		    sizeof(name));
		add_u64(events, name, trace->tracepoints[i].count);
	}
}

static const char *table_word(enum stat_table table)
{
	static const char *const words[] = {
	    [STAT_CALLER] = "caller", [STAT_ALLOC] = "alloc",
	    [STAT_CACHE] = "cache",   [STAT_PAGE] = "page",
	    [STAT_PFN] = "pfn",	      [STAT_ORDER] = "order",
	};

	return words[table];
}

static void add_table(cJSON *root, const struct stat_report *report)
{
	cJSON *rows;

	add_text(root, "table", table_word(report->table));
	add_u64(root, "row_count", report->row_count);
	rows = cJSON_AddArrayToObject(root, "rows");
	for (size_t i = 0; i < report->shown; i++)
		cJSON_AddItemToArray(rows,
				     report->table >= STAT_PAGE
					 ? page_row(report, &report->rows[i])
					 : slab_row(report, &report->rows[i]));
}

int report_json(const struct stat_report *report, FILE *file, struct err *err)
{
	cJSON *root = cJSON_CreateObject();
	char *text;

	add_recording(root, report);
	if (report->table != STAT_NO_TABLE)
		add_table(root, report);
	add_slab(root, "slab", report, &report->totals.slab);
	add_pages(root, report);
	add_slab(root, "left_out_self_slab", report, &report->totals.self_slab);
	add_sums(root, "left_out_self_page", &report->totals.self_page, true);
	text = cJSON_Print(root);
	cJSON_Delete(root);
	if (!text)
		return err_set(err, ERR_NOMEM,
			       "out of memory for JSON; use -l or csv");
	fputs(text, file);
	fputc('\n', file);
	free(text);
	return 0;
}
