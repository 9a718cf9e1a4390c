/*
 * CSV: the table's rows, or without a table the totals, one name and value a
 * line. Sizes are bytes.
 */
#include <inttypes.h>

#include "analysis/gfp_text.h"
#include "cli/cli_escape.h"
#include "cli/stat_report.h"

static void slab_row(const struct stat_report *report,
		     const struct stat_row *row, FILE *file)
{
	const struct site_summary *sum = &row->sum;
	char text[REPORT_NAME_MAX];

	if (report->table == STAT_ALLOC)
		fprintf(file, "0x%" PRIx64 ",", row->addr);
	if (report->table != STAT_CACHE) {
		fprintf(file, "0x%" PRIx64 ",", sum->call_site);
		escape_csv(file, symbols_format(&report->trace->symbols,
						sum->call_site, text));
		fputc(',', file);
	}
	escape_csv(file, report_cache_name(report->trace, sum, text));
	fprintf(file,
		",%" PRIu64 ",%" PRIu64 ",%" PRId64 ",%" PRIu64 ",%" PRIu64
		",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%.6f",
		sum->bytes_alloc, sum->bytes_req, stat_waste(sum), sum->allocs,
		sum->frees, sum->implicit_frees,
		sum->bytes_alloc - sum->bytes_alloc_freed,
		sum->bytes_req - sum->bytes_req_freed, sum->cross_cpu_frees,
		stat_fragmentation(sum->bytes_req, sum->bytes_alloc));
	if (report->table == STAT_CALLER)
		fprintf(file, ",%" PRIu64 ",%" PRIu64,
			sum->live_bytes_alloc_peak, sum->live_bytes_req_peak);
	fputc('\n', file);
}

static void page_row(const struct stat_report *report,
		     const struct stat_row *row, FILE *file)
{
	const struct site_summary *sum = &row->sum;
	char text[REPORT_NAME_MAX], gfp[GFP_TEXT_MAX];

	if (report->table == STAT_PFN)
		fprintf(file, "%" PRIu64 ",", row->addr);
	fprintf(file, "%u,%d,", sum->order, sum->migratetype);
	escape_csv(file,
		   report_migratetype(report->trace, sum->migratetype, text));
	if (report->table != STAT_ORDER)
		fprintf(
		    file, ",%s,0x%" PRIx32 ",%s", report_use(sum->backing),
		    sum->gfp_flags,
		    gfp_format(&report->trace->info.gfp, sum->gfp_flags, gfp));
	fprintf(file,
		",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64
		"\n",
		sum->bytes_alloc, sum->bytes_alloc_freed, sum->allocs,
		sum->frees, sum->failed);
}

static void header(const struct stat_report *report, FILE *file)
{
	if (report->table >= STAT_PAGE) {
		fprintf(file,
			"%sorder,migratetype,migratetype_name%s,"
			"bytes_alloc,bytes_freed,hit,freed,failed\n",
			report->table == STAT_PFN ? "pfn," : "",
			report->table == STAT_ORDER ? ""
						    : ",used_for,gfp,gfp_name");
		return;
	}
	fprintf(file,
		"%s%scache,bytes_alloc,bytes_req,waste,hit,freed,"
		"implicit_frees,live_bytes_alloc,live_bytes_req,"
		"pingpong,frag_percent%s\n",
		report->table == STAT_ALLOC ? "ptr," : "",
		report->table == STAT_CACHE ? "" : "call_site,symbol,",
		report->table == STAT_CALLER
		    ? ",peak_bytes_alloc,peak_bytes_req"
		    : "");
}

static void sums(const char *prefix, const struct stat_sums *sums, FILE *file)
{
	const struct {
		const char *name;
		int64_t value;
	} lines[] = {
	    {"allocs", (int64_t)(sums->allocs)},
	    {"failed", (int64_t)(sums->failed)},
	    {"bytes_req", (int64_t)(sums->bytes_req)},
	    {"bytes_alloc", (int64_t)(sums->bytes_alloc)},
	    {"bytes_freed", (int64_t)(sums->bytes_alloc_freed)},
	    {"bytes_net",
	     (int64_t)(sums->bytes_alloc - sums->bytes_alloc_freed)},
	    {"waste", (int64_t)(sums->bytes_alloc - sums->bytes_req)},
	    {"frees", (int64_t)(sums->frees)},
	    {"implicit_frees", (int64_t)(sums->implicit_frees)},
	    {"free_events", (int64_t)sums->free_events},
	    {"bytes_free_only", (int64_t)sums->bytes_unknown},
	    {"duplicates", (int64_t)sums->duplicates},
	    {"null_frees", (int64_t)sums->null_frees},
	    {"bytes_req_freed", (int64_t)sums->bytes_req_freed},
	    {"unknown_frees", (int64_t)(sums->unknown_frees)},
	    {"pingpong", (int64_t)(sums->cross_cpu_frees)},
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		fprintf(file, "%s.%s,%" PRId64 "\n", prefix, lines[i].name,
			lines[i].value);
}

void report_csv(const struct stat_report *report, FILE *file)
{
	if (report->table == STAT_NO_TABLE) {
		fputs("name,value\n", file);
		sums("slab", &report->totals.slab, file);
		if (report->trace->topology.from != TOPOLOGY_UNKNOWN)
			fprintf(file, "slab.cross_node_allocs,%" PRIu64 "\n",
				report->totals.slab.cross_node_allocs);
		sums("page", &report->totals.page, file);
		return;
	}
	header(report, file);
	for (size_t i = 0; i < report->shown; i++)
		if (report->table >= STAT_PAGE)
			page_row(report, &report->rows[i], file);
		else
			slab_row(report, &report->rows[i], file);
}
