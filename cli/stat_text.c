/*
 * The tables and the summary of perf kmem stat, in 80 columns. Where byte
 * counts leave a name less than NAME_MIN columns, all of them are shown in KiB
 * or MiB, and a line above the table says so.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/gfp_text.h"
#include "cli/cli_escape.h"
#include "cli/cli_table.h"
#include "cli/stat_report.h"

enum { NAME_MIN = 20, UNITS = 3 };

/* A report and how it shows bytes. */
struct text_context {
	const struct stat_report *report;
	unsigned int shift;
};

static void put_number(char *cell, uint64_t value)
{
	number_text((long long)value, cell);
}

static void put_bytes(const struct text_context *context, char *cell,
		      int64_t bytes)
{
	int64_t unit = (int64_t)1 << context->shift;

	number_text((bytes + (bytes < 0 ? -unit / 2 : unit / 2)) / unit, cell);
}

static void put_name(char *cell, const char *name)
{
	escape_visible(name, cell, TABLE_CELL_MAX);
}

static void slab_cells(const void *argument, size_t number,
		       char cells[][TABLE_CELL_MAX])
{
	const struct text_context *context = argument;
	const struct stat_row *row = &context->report->rows[number];
	const struct site_summary *sum = &row->sum;
	char name[REPORT_NAME_MAX];

	put_name(cells[0], report_row_name(context->report, row, name));
	put_bytes(context, cells[1], (int64_t)sum->bytes_alloc);
	put_bytes(context, cells[2], (int64_t)sum->bytes_req);
	put_bytes(context, cells[3], stat_waste(sum));
	put_number(cells[4], sum->allocs);
	snprintf(cells[5], TABLE_CELL_MAX, "%" PRIu64 "/%" PRIu64,
		 sum->bytes_req / sum->allocs, sum->bytes_alloc / sum->allocs);
	put_number(cells[6], sum->cross_cpu_frees);
	snprintf(cells[7], TABLE_CELL_MAX, "%.1f%%",
		 stat_fragmentation(sum->bytes_req, sum->bytes_alloc));
}

static void page_cells(const void *argument, size_t number,
		       char cells[][TABLE_CELL_MAX])
{
	const struct text_context *context = argument;
	const struct stat_report *report = context->report;
	const struct stat_row *row = &report->rows[number];
	const struct site_summary *sum = &row->sum;
	char name[REPORT_NAME_MAX], gfp[GFP_TEXT_MAX];
	unsigned int at = 0;

	if (report->table == STAT_PFN)
		put_name(cells[at++], report_row_name(report, row, name));
	put_number(cells[at++], sum->bytes_alloc / 1024);
	put_number(cells[at++],
		   (sum->bytes_alloc - sum->bytes_alloc_freed) / 1024);
	put_number(cells[at++], sum->allocs);
	put_number(cells[at++], sum->order);
	put_name(cells[at++],
		 report_migratetype(report->trace, sum->migratetype, name));
	if (report->table == STAT_ORDER)
		return;
	put_name(cells[at++], report_use(sum->backing));
	put_name(cells[at++], gfp_format_short(&report->trace->info.gfp,
					       sum->gfp_flags, gfp));
	/* mm_page_alloc has no call site. */
	put_name(cells[at], "-");
}

static void slab_table(const struct stat_report *report, FILE *file)
{
	static const char *const units[UNITS] = {"", "KiB", "MiB"};
	const char *name = report->table == STAT_CALLER	 ? "Callsite"
			   : report->table == STAT_CACHE ? "Cache"
							 : "Alloc Ptr";
	const struct cli_column columns[] = {
	    {name, true, true},	     {"Alloc", false, false},
	    {"Req", false, false},   {"Waste", false, false},
	    {"Hits", false, false},  {"Req/Alloc", false, false},
	    {"Pingp", false, false}, {"Frag", false, false},
	};
	struct text_context context = {report, 0};
	struct cli_table table = {columns, 8, report->shown, slab_cells,
				  &context};
	size_t left, wanted;

	for (unsigned int unit = 0; unit < UNITS; unit++) {
		context.shift = unit * 10;
		table_measure(&table, &left, &wanted);
		if (left < NAME_MIN && left < wanted && unit + 1 < UNITS)
			continue;
		if (unit)
			fprintf(file, "Alloc, Req and Waste in %s\n",
				units[unit]);
		break;
	}
	table_print(&table, file);
}

static void page_table(const struct stat_report *report, FILE *file)
{
	static const struct cli_column columns[] = {
	    {"PFN", false, false},     {"Alloc KB", false, false},
	    {"Live KB", false, false}, {"Hits", false, false},
	    {"Order", false, false},   {"Mig.type", true, false},
	    {"Used for", true, false}, {"GFP flags", true, true},
	    {"Callsite", true, false},
	};
	struct text_context context = {report, 0};
	unsigned int skip = report->table == STAT_PFN ? 0 : 1;
	struct cli_table table = {columns + skip, 9 - skip, report->shown,
				  page_cells, &context};

	if (report->table == STAT_ORDER)
		table.column_count = 5;
	table_print(&table, file);
}

/* "# 00000cc0: K: GFP_KERNEL", broken between words at the table's width. */
static void gfp_line(uint32_t flags, const char *brief, char *full, FILE *file)
{
	int at = fprintf(file, "# %08" PRIx32 ": %s:", flags, brief);
	char *rest = NULL;

	for (char *word = strtok_r(full, "|", &rest); word;
	     word = strtok_r(NULL, "|", &rest)) {
		bool last = !*rest;

		if (at + (int)strlen(word) + 3 > TABLE_WIDTH) {
			fputs("\n#    ", file);
			at = 5;
		}
		at += fprintf(file, " %s%s", word, last ? "" : " |");
	}
	fputs("\n", file);
}

/* What the short gfp words of the rows shown stand for, each mask once. */
static void gfp_legend(const struct stat_report *report, FILE *file)
{
	const struct gfp_bits *bits = &report->trace->info.gfp;
	char brief[GFP_TEXT_MAX], full[GFP_TEXT_MAX];
	struct map seen = {0};

	fputs("#\n# GFP flags\n# ---------\n", file);
	for (size_t i = 0; i < report->shown; i++) {
		uint32_t flags = report->rows[i].sum.gfp_flags;

		if (map_find(&seen, flags) || map_put(&seen, flags, 1))
			continue;
		gfp_format(bits, flags, full);
		gfp_line(flags, gfp_format_short(bits, flags, brief), full,
			 file);
	}
	map_fini(&seen);
}

static void print_number_line(FILE *file, const char *label, uint64_t value)
{
	char number[NUMBER_TEXT_MAX];

	fprintf(file, "%s: %s\n", label, number_text((long long)value, number));
}

static void slab_more(const struct stat_sums *slab, FILE *file)
{
	char a[NUMBER_TEXT_MAX], b[NUMBER_TEXT_MAX];

	fprintf(
	    file, "Cross CPU frees (ping-pong): %s/%s\n",
	    number_text((long long)slab->cross_cpu_frees, a),
	    number_text((long long)(slab->frees - slab->implicit_frees), b));
	fprintf(file, "Objects freed: %s/%s, %s of them without an event\n",
		number_text((long long)slab->frees, a),
		number_text((long long)slab->allocs, b),
		number_text((long long)slab->implicit_frees,
			    (char[NUMBER_TEXT_MAX]){0}));
	print_number_line(file, "Frees whose allocation was not seen",
			  slab->unknown_frees);
	if (slab->failed)
		print_number_line(file,
				  "Failed allocations (not counted above)",
				  slab->failed);
}

/* perf's name for allocations that asked for another node than the CPU's. */
static void cross_nodes(const struct stat_report *report, FILE *file)
{
	const struct stat_sums *slab = &report->totals.slab;
	enum topology_from from = report->trace->topology.from;
	char a[NUMBER_TEXT_MAX], b[NUMBER_TEXT_MAX];

	if (from == TOPOLOGY_UNKNOWN) {
		fputs("Cross CPU allocations: not known (which CPU is on which "
		      "node is not recorded)\n",
		      file);
		return;
	}
	fprintf(file, "Cross CPU allocations: %s/%s%s\n",
		number_text((long long)slab->cross_node_allocs, a),
		number_text((long long)slab->allocs, b),
		from == TOPOLOGY_LEARNED
		    ? " (a CPU's node: where most of its pages lay)"
		    : "");
}

static void slab_summary(const struct stat_report *report, FILE *file)
{
	const struct stat_sums *slab = &report->totals.slab;
	int64_t waste = (int64_t)(slab->bytes_alloc - slab->bytes_req);
	char a[NUMBER_TEXT_MAX];

	fputs("\nSUMMARY (SLAB allocator)\n========================\n", file);
	print_number_line(file, "Total bytes requested", slab->bytes_req);
	print_number_line(file, "Total bytes allocated", slab->bytes_alloc);
	print_number_line(file, "Total bytes freed", slab->bytes_alloc_freed);
	print_number_line(file, "Net total bytes allocated",
			  slab->bytes_alloc - slab->bytes_alloc_freed);
	fprintf(file, "Total bytes wasted on internal fragmentation: %s\n",
		number_text(waste, a));
	waste -= (int64_t)(slab->bytes_alloc_freed - slab->bytes_req_freed);
	fprintf(file, "Net bytes wasted on internal fragmentation: %s\n",
		number_text(waste, a));
	fprintf(file, "Internal fragmentation: %f%%\n",
		stat_fragmentation(slab->bytes_req, slab->bytes_alloc));
	cross_nodes(report, file);
	slab_more(slab, file);
}

static void request_line(FILE *file, const char *label, uint64_t count,
			 uint64_t bytes)
{
	char a[NUMBER_TEXT_MAX], b[NUMBER_TEXT_MAX];

	fprintf(file, "%-30s: %16s   [ %16s KB ]\n", label,
		number_text((long long)count, a),
		number_text((long long)(bytes / 1024), b));
}

static void order_table(const struct stat_report *report, FILE *file)
{
	const struct stat_totals *totals = &report->totals;
	const struct trace *trace = report->trace;
	unsigned int orders = trace->before.order_count;
	unsigned int types = totals->migratetype_max + 1;
	char name[REPORT_NAME_MAX], cell[16], number[NUMBER_TEXT_MAX];

	if (orders <= totals->order_max)
		orders = totals->order_max + 1;
	if (types < 3)
		types = 3;
	fputs("Order", file);
	for (unsigned int type = 0; type < types; type++) {
		report_migratetype(trace, (int)type, name);
		escape_visible(name, cell, sizeof(cell));
		fprintf(file, " %11s", shorten_middle(cell, 11));
	}
	fputs("\n-----", file);
	for (unsigned int type = 0; type < types && type < 6; type++)
		fputs(" -----------", file);
	for (unsigned int order = 0; order < orders; order++) {
		fprintf(file, "\n%5u", order);
		for (unsigned int type = 0; type < types && type < 6; type++) {
			uint64_t count = totals->orders[order][type];

			number_text((long long)count, number);
			fprintf(file, " %11s", count ? number : ".");
		}
	}
	fputs("\n", file);
}

static void page_summary(const struct stat_report *report, FILE *file)
{
	const struct stat_sums *page = &report->totals.page;
	const struct stat_sums *use = report->totals.backing;

	fputs("\nSUMMARY (page allocator)\n========================\n", file);
	request_line(file, "Total allocation requests",
		     page->allocs + page->failed,
		     page->bytes_alloc + page->bytes_failed);
	request_line(file, "Total free requests", page->free_events,
		     page->bytes_alloc_freed + page->bytes_unknown);
	fputs("\n", file);
	request_line(file, "Total alloc+freed requests", page->frees,
		     page->bytes_alloc_freed);
	request_line(file, "Total alloc-only requests",
		     page->allocs - page->frees,
		     page->bytes_alloc - page->bytes_alloc_freed);
	request_line(file, "Total free-only requests", page->unknown_frees,
		     page->bytes_unknown);
	fputs("\n", file);
	request_line(file, "Total allocation failures", page->failed,
		     page->bytes_failed);
	fputs("\n", file);
	if (report->trace->info.linked) {
		request_line(file, "Of these for slabs",
			     use[SITE_BACKS_SLAB].allocs,
			     use[SITE_BACKS_SLAB].bytes_alloc);
		request_line(file, "Of these for large kmallocs",
			     use[SITE_BACKS_LARGE].allocs,
			     use[SITE_BACKS_LARGE].bytes_alloc);
		request_line(file, "Of these asked for directly",
			     use[SITE_DIRECT].allocs,
			     use[SITE_DIRECT].bytes_alloc);
	}
	order_table(report, file);
}

static void self_line(const struct stat_report *report, FILE *file)
{
	const struct stat_sums *slab = &report->totals.self_slab;
	const struct stat_sums *page = &report->totals.self_page;
	char a[NUMBER_TEXT_MAX], b[NUMBER_TEXT_MAX];

	if (!slab->allocs && !page->allocs)
		return;
	fputs("\nLeft out: what the recorder itself allocated (--self shows "
	      "it):\n",
	      file);
	fprintf(file, "%16s objects, %s bytes\n",
		number_text((long long)slab->allocs, a),
		number_text((long long)slab->bytes_alloc, b));
	fprintf(file, "%16s page requests, %s KB\n",
		number_text((long long)page->allocs, a),
		number_text((long long)(page->bytes_alloc / 1024), b));
}

static void anomaly_lines(const struct trace *trace, FILE *file)
{
	bool any = false;

	for (unsigned int id = 0; id < ANOMALY_COUNT; id++) {
		char number[NUMBER_TEXT_MAX];
		uint64_t count = trace->anomalies.count[id];

		if (!count)
			continue;
		if (!any)
			fputs("\nLOSS AND ANOMALIES (of the whole trace)\n"
			      "=======================================\n",
			      file);
		any = true;
		fprintf(file, "%16s  %s\n%18s%s\n",
			number_text((long long)count, number),
			anomaly_word((enum anomaly)id), "",
			anomaly_text((enum anomaly)id));
	}
}

static void notes(const struct stat_report *report, FILE *file)
{
	const struct capture_info *info = &report->trace->info;
	char text[512];

	self_line(report, file);
	anomaly_lines(report->trace, file);
	if (report->windowed)
		fprintf(file,
			"\nOnly the time asked for: %" PRIu64
			" events lie outside\n",
			report->skipped);
	if (info->partial)
		fprintf(
		    file, "\nPARTIAL: %s\n",
		    escape_visible(info->partial_reason, text, sizeof(text)));
}

void report_text(const struct stat_report *report, FILE *file)
{
	const struct stat_sums *page = &report->totals.page;

	if (report->table == STAT_PAGE || report->table == STAT_PFN)
		gfp_legend(report, file);
	if (report->table >= STAT_PAGE)
		page_table(report, file);
	else if (report->table != STAT_NO_TABLE)
		slab_table(report, file);
	if (report->shown < report->row_count)
		fprintf(file, "... %zu more rows\n",
			report->row_count - report->shown);
	if (report_has_slab(report))
		slab_summary(report, file);
	if (report_has_pages(report) &&
	    (page->allocs || page->failed || page->free_events))
		page_summary(report, file);
	else if (report_has_pages(report))
		fputs("\nNo page allocator events were recorded.\n", file);
	notes(report, file);
}
