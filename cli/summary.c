#include "cli/summary.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/event.h"
#include "plots/label.h"

enum { TOP_SITES = 5, MODELS = 2, CELL = 31, NAME_WIDTH = 24, ROW_WIDTH = 18 };

/* Requested and allocated bytes of some rows. */
struct sum {
	uint64_t req, alloc;
};

static double sum_waste(const struct sum *sum)
{
	return (double)sum->alloc - (double)sum->req;
}

static double sum_share(const struct sum *sum)
{
	return sum->alloc > 0 ? 100 * sum_waste(sum) / (double)sum->alloc : 0;
}

/* A line that never grows beyond the screen. */
static void put_line(FILE *out, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void put_line(FILE *out, const char *fmt, ...)
{
	char line[1024], clean[SUMMARY_COLUMNS * 4 + 1];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	fprintf(out, "%s\n",
		label_clean(line, SUMMARY_COLUMNS, clean, sizeof(clean)));
}

static bool is_object(const struct site_summary *site)
{
	return (site->kind == EV_KMALLOC || site->kind == EV_CACHE_ALLOC) &&
	       !site->self;
}

static void print_head(FILE *out, const struct trace *trace)
{
	const struct capture_info *info = &trace->info;
	const uint64_t *count = trace->anomalies.count;
	uint64_t missing =
	    count[ANOMALY_LOST_EVENTS] + count[ANOMALY_UNREAD_EVENTS];
	uint64_t events = 0;
	char a[32], b[32];

	for (uint32_t i = 0; i < info->cpu_count; i++)
		events += info->cpus[i].decoded;
	put_line(out, "%s",
		 info->title[0]	    ? info->title
		 : info->command[0] ? info->command
				    : "(no title)");
	put_line(out, "Linux %s %s: %s events in %.2f s on %" PRIu32 " CPU%s",
		 info->release, info->machine,
		 label_count(events, a, sizeof(a)),
		 (double)(trace->last_ts_ns - trace->first_ts_ns) / 1e9,
		 info->cpu_count, info->cpu_count == 1 ? "" : "s");
	if (missing > 0)
		put_line(out,
			 "PARTIAL: %s of %s events are missing; sums are too "
			 "low",
			 label_count(missing, a, sizeof(a)),
			 label_count(events + missing, b, sizeof(b)));
	else if (info->partial)
		put_line(out, "PARTIAL: %s", info->partial_reason);
	else
		put_line(out, "Nothing lost.");
}

static void print_sums(FILE *out, const struct results *results)
{
	static const uint8_t kinds[] = {EV_KMALLOC, EV_CACHE_ALLOC};
	char req[32], alloc[32], waste[32];

	put_line(out, "%-*s%12s%12s%12s%8s", NAME_WIDTH, "whole trace",
		 "requested", "allocated", "waste", "share");
	for (int k = 0; k < 2; k++) {
		struct sum sum = {0, 0};

		for (size_t i = 0; i < results->site_count; i++) {
			const struct site_summary *site = &results->sites[i];

			if (site->kind != kinds[k] || !is_object(site))
				continue;
			sum.req += site->bytes_req;
			sum.alloc += site->bytes_alloc;
		}
		put_line(out, "%-*s%12s%12s%12s%6.1f %%", NAME_WIDTH,
			 event_kind_word(kinds[k]),
			 label_bytes((double)sum.req, req, sizeof(req)),
			 label_bytes((double)sum.alloc, alloc, sizeof(alloc)),
			 label_bytes(sum_waste(&sum), waste, sizeof(waste)),
			 sum_share(&sum));
	}
}

struct site {
	uint64_t address;
	struct sum sum;
};

static int compare_address(const void *a, const void *b)
{
	const struct site *x = a, *y = b;

	return (x->address > y->address) - (x->address < y->address);
}

static int compare_waste(const void *a, const void *b)
{
	const struct site *x = a, *y = b;
	double wx = sum_waste(&x->sum), wy = sum_waste(&y->sum);

	if (wx != wy)
		return wx < wy ? 1 : -1;
	return compare_address(a, b);
}

/* Rows of one call site joined, the most waste first. */
static size_t join_sites(const struct results *results, struct site *sites)
{
	size_t count = 0, joined = 0;

	for (size_t i = 0; i < results->site_count; i++) {
		const struct site_summary *row = &results->sites[i];

		if (is_object(row))
			sites[count++] = (struct site){
			    row->call_site, {row->bytes_req, row->bytes_alloc}};
	}
	qsort(sites, count, sizeof(*sites), compare_address);
	for (size_t i = 0; i < count; i++) {
		if (joined > 0 &&
		    sites[joined - 1].address == sites[i].address) {
			sites[joined - 1].sum.req += sites[i].sum.req;
			sites[joined - 1].sum.alloc += sites[i].sum.alloc;
		} else {
			sites[joined++] = sites[i];
		}
	}
	qsort(sites, joined, sizeof(*sites), compare_waste);
	return joined;
}

static void print_sites(FILE *out, const struct results *results)
{
	struct site *sites = calloc(results->site_count + 1, sizeof(*sites));
	size_t count = sites ? join_sites(results, sites) : 0;

	put_line(out, "%-*s%12s%12s%8s", NAME_WIDTH + 12,
		 "call sites that waste most", "allocated", "waste", "share");
	for (size_t i = 0; i < count && i < TOP_SITES; i++) {
		char symbol[SYMBOL_TEXT_MAX], name[160], alloc[32], waste[32];

		symbols_format(&results->trace.symbols, sites[i].address,
			       symbol);
		label_clean(symbol, NAME_WIDTH + 10, name, sizeof(name));
		put_line(
		    out, "%-*s%12s%12s%6.1f %%", NAME_WIDTH + 12, name,
		    label_bytes((double)sites[i].sum.alloc, alloc,
				sizeof(alloc)),
		    label_bytes(sum_waste(&sites[i].sum), waste, sizeof(waste)),
		    sum_share(&sites[i].sum));
	}
	free(sites);
}

static void cell_model(const struct results_run *run,
		       const struct results_run *base, unsigned int order,
		       char *text, size_t cap)
{
	(void)base;
	(void)order;
	snprintf(text, cap, "%s", run->result.model);
}

/*
 * "2,534 -> 6,050"; of a model "6,067 (+17)": its end, and how far that is from
 * the end of base, and its start too where that is not base's.
 */
static void compare(const struct results_run *run,
		    const struct results_run *base, const uint64_t start[2],
		    const uint64_t end[2], char *text, size_t cap)
{
	uint64_t diff = end[0] > end[1] ? end[0] - end[1] : end[1] - end[0];
	char a[32], b[32], c[32];
	int at = 0;

	label_count(start[0], a, sizeof(a));
	label_count(end[0], b, sizeof(b));
	label_count(diff, c, sizeof(c));
	if (run == base || start[0] != start[1])
		at = snprintf(text, cap, "%s -> ", a);
	at += snprintf(text + at, cap - (size_t)at, "%s", b);
	if (run != base)
		snprintf(text + at, cap - (size_t)at, " (%c%s)",
			 end[0] < end[1] ? '-' : '+', c);
}

static void cell_slab(const struct results_run *run,
		      const struct results_run *base, unsigned int order,
		      char *text, size_t cap)
{
	(void)order;
	compare(run, base,
		(uint64_t[]){run->result.slab_pages_start,
			     base->result.slab_pages_start},
		(uint64_t[]){run->result.slab_pages_end,
			     base->result.slab_pages_end},
		text, cap);
}

static void cell_free(const struct results_run *run,
		      const struct results_run *base, unsigned int order,
		      char *text, size_t cap)
{
	(void)order;
	compare(run, base,
		(uint64_t[]){run->result.free_pages_start,
			     base->result.free_pages_start},
		(uint64_t[]){run->result.free_pages_end,
			     base->result.free_pages_end},
		text, cap);
}

static void cell_unusable(const struct results_run *run,
			  const struct results_run *base, unsigned int order,
			  char *text, size_t cap)
{
	size_t count = run->sample_count;

	(void)base;
	if (count == 0 || order >= run->result.order_count)
		snprintf(text, cap, "-");
	else
		snprintf(text, cap, "%.3f -> %.3f",
			 run->samples[0].unusable[order] / 1000.0,
			 run->samples[count - 1].unusable[order] / 1000.0);
}

/* One line where all started alike, else one for each. */
static void print_start(FILE *out, const struct results *results)
{
	const struct results_run *runs = results->runs;
	size_t count =
	    results->run_count < MODELS ? results->run_count : MODELS;

	if (count == 1 || !strcmp(runs[0].result.start, runs[1].result.start)) {
		put_line(out, "%-*s%s", ROW_WIDTH, "start",
			 runs[0].result.start);
		return;
	}
	for (size_t i = 0; i < count; i++)
		put_line(out, "%-*s%s: %s", ROW_WIDTH, "start",
			 runs[i].result.model, runs[i].result.start);
}

/* The table of replays: the recorded one and the first model. */
static void print_replays(FILE *out, const struct results *results)
{
	static const struct {
		const char *name;
		void (*cell)(const struct results_run *run,
			     const struct results_run *base, unsigned int order,
			     char *text, size_t cap);
		unsigned int order;
	} rows[] = {
	    {"replay", cell_model, 0},
	    {"slab pages", cell_slab, 0},
	    {"free pages", cell_free, 0},
	    {"unusable, order 4", cell_unusable, 4},
	    {"unusable, order 9", cell_unusable, 9},
	};

	if (results->run_count == 0) {
		put_line(out, "no replay");
		return;
	}
	for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
		char line[256];
		int at = snprintf(line, sizeof(line), "%-*s", ROW_WIDTH,
				  rows[r].name);

		for (size_t i = 0; i < results->run_count && i < MODELS; i++) {
			char text[160];

			rows[r].cell(&results->runs[i], &results->runs[0],
				     rows[r].order, text, sizeof(text));
			at += snprintf(line + at, sizeof(line) - (size_t)at,
				       "%*.*s", CELL, CELL - 1, text);
		}
		put_line(out, "%s", line);
	}
	print_start(out, results);
}

void summary_print(FILE *out, const struct results *results,
		   const struct summary_files *files)
{
	print_head(out, &results->trace);
	fputc('\n', out);
	print_sums(out, results);
	print_sites(out, results);
	fputc('\n', out);
	print_replays(out, results);
	if (files->capture)
		put_line(out, "%-10s%s", "capture", files->capture);
	put_line(out, "%-10s%s", "database", files->database);
	if (files->report)
		put_line(out, "%-10s%s, and its pictures in %s", "report",
			 files->report, files->plots);
	else if (files->plots)
		put_line(out, "%-10s%s (%u)", "pictures", files->plots,
			 files->pictures);
}
