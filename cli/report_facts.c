#include "cli/report_facts.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/cache_text.h"
#include "analysis/stat_sort.h"
#include "analysis/stat_totals.h"
#include "analysis/stat_view.h"
#include "plots/label.h"

enum { TEXT_MAX = 32, NAME_MAX_BYTES = 256, HUGE_ORDER = 9, MODELS_MAX = 4 };

struct fact_list {
	struct report_fact *facts;
	size_t count, max;
};

/* The detail is formatted; the value may come from a trace. */
static void add(struct fact_list *list, const char *section, const char *label,
		const char *value, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

static void add(struct fact_list *list, const char *section, const char *label,
		const char *value, const char *fmt, ...)
{
	struct report_fact *fact = &list->facts[list->count];
	va_list details;

	if (list->count == list->max)
		return;
	list->count++;
	snprintf(fact->section, sizeof(fact->section), "%s", section);
	snprintf(fact->label, sizeof(fact->label), "%s", label);
	snprintf(fact->value, sizeof(fact->value), "%s", value);
	va_start(details, fmt);
	vsnprintf(fact->detail, sizeof(fact->detail), fmt, details);
	va_end(details);
}

static void add_waste(struct fact_list *list, const struct results *results)
{
	struct stat_totals totals;
	char waste[TEXT_MAX], alloc[TEXT_MAX], live[TEXT_MAX];
	uint64_t rounding;

	stat_totals_make(&totals, results->sites, results->site_count, false,
			 results->trace.info.page_size);
	rounding = totals.slab.bytes_alloc - totals.slab.bytes_req;
	add(list, "waste", "Waste",
	    label_bytes((double)rounding, waste, sizeof(waste)),
	    "%.1f %% of %s handed out; %s of it never freed",
	    stat_fragmentation(totals.slab.bytes_req, totals.slab.bytes_alloc),
	    label_bytes((double)totals.slab.bytes_alloc, alloc, sizeof(alloc)),
	    label_bytes((double)(rounding - (totals.slab.bytes_alloc_freed -
					     totals.slab.bytes_req_freed)),
			live, sizeof(live)));
	if (totals.slab.failed + totals.page.failed) {
		label_count(totals.slab.failed + totals.page.failed, live,
			    sizeof(live));
		add(list, "", "Failed allocations", live,
		    "the kernel had no memory to give");
	}
}

/* A line's call site (STAT_CALLER) or cache. */
static const char *row_name(const struct trace *trace, enum stat_table table,
			    const struct site_summary *sum,
			    char text[NAME_MAX_BYTES])
{
	struct cache_key key = {sum->name, sum->kind, sum->large,
				sum->bytes_each};

	if (table == STAT_CALLER)
		return symbols_format(&trace->symbols, sum->call_site, text);
	return cache_text(trace, &key, text);
}

/* The row that wastes most. */
static int add_worst(struct fact_list *list, const struct results *results,
		     enum stat_table table, const char *label, struct err *err)
{
	char name[NAME_MAX_BYTES], waste[TEXT_MAX], alloc[TEXT_MAX];
	struct stat_sort sort;
	struct stat_row *rows = NULL;
	size_t count = 0;
	int rc = stat_sort_parse("waste", table, &sort, err);

	if (!rc)
		rc = stat_fold(results->sites, results->site_count, table,
			       false, &rows, &count);
	if (!rc && count) {
		const struct site_summary *sum;

		stat_sort_rows(rows, count, &sort);
		sum = &rows[0].sum;
		add(list, "waste", label,
		    row_name(&results->trace, table, sum, name),
		    "wastes %s of the %s it was given (%.1f %%)",
		    label_bytes((double)stat_waste(sum), waste, sizeof(waste)),
		    label_bytes((double)sum->bytes_alloc, alloc, sizeof(alloc)),
		    stat_fragmentation(sum->bytes_req, sum->bytes_alloc));
	}
	free(rows);
	return rc ? err_set(err, rc, "%s", err_code_text(rc)) : 0;
}

static void add_slabs(struct fact_list *list, const struct results *results)
{
	const struct replay_result *run = &results->runs[0].result;
	double page = results->trace.info.page_size;
	char pages[TEXT_MAX], value[2 * TEXT_MAX];
	char start[TEXT_MAX], peak[TEXT_MAX], bytes[TEXT_MAX];

	label_count(run->slab_pages_end, pages, sizeof(pages));
	snprintf(value, sizeof(value), "%s pages, %s", pages,
		 label_bytes((double)run->slab_pages_end * page, bytes,
			     sizeof(bytes)));
	add(list, "slabs", "Slabs at the end", value,
	    "%s pages at the start, %s at most (%s)",
	    label_count(run->slab_pages_start, start, sizeof(start)),
	    label_count(run->slab_pages_peak, peak, sizeof(peak)), run->model);
}

static void add_unusable(struct fact_list *list, const struct results *results)
{
	const struct results_run *run = &results->runs[0];
	const struct replay_sample *last;
	char value[TEXT_MAX];

	if (!run->sample_count || run->result.order_count <= HUGE_ORDER)
		return;
	last = &run->samples[run->sample_count - 1];
	snprintf(value, sizeof(value), "%.1f %%",
		 last->unusable[HUGE_ORDER] / 10.0);
	add(list, "pages", "Free, but useless for order 9", value,
	    "of the free memory at the end; %.1f %% at the start",
	    run->samples[0].unusable[HUGE_ORDER] / 10.0);
}

static void add_models(struct fact_list *list, const struct results *results)
{
	const struct replay_result *base = &results->runs[0].result;

	for (size_t i = 1; i < results->run_count && i <= MODELS_MAX; i++) {
		const struct replay_result *run = &results->runs[i].result;
		int64_t diff =
		    (int64_t)(run->slab_pages_end - base->slab_pages_end);
		char label[80], value[64], pages[TEXT_MAX], size[TEXT_MAX];

		snprintf(label, sizeof(label), "Model %s %.40s", run->model,
			 run->settings);
		label_count((uint64_t)(diff < 0 ? -diff : diff), size,
			    sizeof(size));
		snprintf(value, sizeof(value), "%s%s slab pages",
			 diff < 0 ? "\u2212" : "+", size);
		add(list, "models", label, value,
		    "%s at the end, against %s; started %s",
		    label_count(run->slab_pages_end, pages, sizeof(pages)),
		    base->model, run->start);
	}
}

int report_facts(const struct results *results, struct report_fact *facts,
		 size_t max, size_t *count, struct err *err)
{
	struct fact_list list = {.facts = facts, .max = max};
	int rc;

	add_waste(&list, results);
	rc = add_worst(&list, results, STAT_CALLER,
		       "Worst call site, whole trace", err);
	if (!rc)
		rc = add_worst(&list, results, STAT_CACHE,
			       "Worst cache or class, whole trace", err);
	if (!rc && results->run_count) {
		add_slabs(&list, results);
		add_unusable(&list, results);
		add_models(&list, results);
	}
	*count = list.count;
	return rc;
}
