/*
 * The summary of perf kmem stat, in 80 columns.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/gfp_text.h"
#include "analysis/migratetype_text.h"
#include "analysis/stat_key.h"
#include "analysis/stat_view.h"
#include "cli/cli_escape.h"
#include "cli/cli_table.h"
#include "cli/stat_report.h"

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

	fputs("\n# GFP flags\n# ---------\n", file);
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
	char name[MIGRATETYPE_TEXT_MAX], cell[16], number[NUMBER_TEXT_MAX];

	if (orders <= totals->order_max)
		orders = totals->order_max + 1;
	if (types < 3)
		types = 3;
	fputs("Order", file);
	for (unsigned int type = 0; type < types; type++) {
		migratetype_text(trace, (int)type, name);
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

/* Whether the answer has objects, or pages, to sum up. */
static bool has_slab(enum stat_table table)
{
	return table == STAT_NO_TABLE || stat_table_objects(table);
}

static bool has_pages(enum stat_table table)
{
	return table == STAT_NO_TABLE || stat_table_pages(table);
}

void stat_report_text(const struct stat_report *report, FILE *file)
{
	const struct stat_sums *page = &report->totals.page;

	if (report->table == STAT_PAGE || report->table == STAT_PFN)
		gfp_legend(report, file);
	if (has_slab(report->table))
		slab_summary(report, file);
	if (has_pages(report->table) &&
	    (page->allocs || page->failed || page->free_events))
		page_summary(report, file);
	else if (has_pages(report->table))
		fputs("\nNo page allocator events were recorded.\n", file);
	self_line(report, file);
	if (report->windowed)
		fprintf(file,
			"\nOnly the time asked for: %" PRIu64
			" events lie outside\n",
			report->skipped);
}
