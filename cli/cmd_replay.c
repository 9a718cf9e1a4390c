/*
 * kmemscope replay: the trace once more, as it was and through models.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli_escape.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/replay_arguments.h"
#include "cli/replay_bar.h"
#include "cli/replay_head.h"
#include "cli/replay_json.h"
#include "cli/replay_keep.h"
#include "cli/replay_run.h"
#include "cli/trace_text.h"
#include "db/db.h"

enum { CACHES_SHOWN = 12 };

/* ---- JSON ---- */

static void print_json(const struct replay_runs *runs,
		       const struct trace *trace)
{
	puts("[");
	for (size_t i = 0; i < runs->count; i++) {
		puts(" {");
		replay_json_fields(&runs->runs[i], trace);
		printf("\n }%s\n", i + 1 < runs->count ? "," : "");
	}
	puts("]");
}

/* ---- Text ---- */

static void text_number(const char *what, uint64_t value, const char *unit)
{
	char number[NUMBER_TEXT_MAX];

	printf("  %-34s %16s %s\n", what, number_text((long long)value, number),
	       unit);
}

static void text_change(const char *what, uint64_t start, uint64_t end,
			uint64_t peak)
{
	char a[NUMBER_TEXT_MAX], b[NUMBER_TEXT_MAX], c[NUMBER_TEXT_MAX];
	char p[NUMBER_TEXT_MAX];

	printf("  %-12s %14s %14s %14s %14s\n", what,
	       number_text((long long)start, a), number_text((long long)end, b),
	       number_text((long long)(end - start), c),
	       peak ? number_text((long long)peak, p) : "");
}

static int by_growth(const void *left, const void *right)
{
	const struct replay_cache_result *const *a = left, *const *b = right;
	int64_t ga =
	    (int64_t)(((*a)->slabs_end - (*a)->slabs_start) << (*a)->order);
	int64_t gb =
	    (int64_t)(((*b)->slabs_end - (*b)->slabs_start) << (*b)->order);

	if (ga != gb)
		return ga < gb ? 1 : -1;
	return (*a)->cache < (*b)->cache ? -1 : 1;
}

static void text_caches(const struct replay_run *run, const struct trace *trace)
{
	const struct replay_cache_result **order =
	    calloc(run->cache_count + 1, sizeof(void *));

	if (!order)
		return;
	for (size_t i = 0; i < run->cache_count; i++)
		order[i] = &run->caches[i];
	qsort(order, run->cache_count, sizeof(void *), by_growth);
	printf("\n  %-24s %6s %5s %8s %8s %8s %10s\n", "cache", "size", "order",
	       "slabs", "change", "peak", "objects");
	for (size_t i = 0; i < run->cache_count && i < CACHES_SHOWN; i++) {
		const struct replay_cache_result *c = order[i];
		char name[256];

		escape_visible(names_get(&trace->names, c->cache), name,
			       sizeof(name));
		printf("  %-24s %6u %5u %8" PRIu64 " %+8" PRId64 " %8" PRIu64
		       " %10" PRIu64 "\n",
		       shorten_middle(name, 24), c->slab_size, c->order,
		       c->slabs_end, (int64_t)(c->slabs_end - c->slabs_start),
		       c->slabs_peak, c->objects_end);
	}
	if (run->cache_count > CACHES_SHOWN)
		printf("  and %zu caches more\n",
		       run->cache_count - CACHES_SHOWN);
	free(order);
}

static void text_note(const char *what, uint64_t count)
{
	char number[NUMBER_TEXT_MAX];

	if (count)
		printf("  %14s %s\n", number_text((long long)count, number),
		       what);
}

static void text_notes(const struct replay_notes *notes)
{
	puts("");
	text_note("events outside the window of the snapshots",
		  notes->events_outside);
	text_note("frees of objects from before the window",
		  notes->start_frees);
	text_note("frees and slabs from before, of no known cache",
		  notes->start_frees_unplaced);
	text_note("objects from before that ended with their slab",
		  notes->start_frees_implicit);
	text_note("frees of objects whose allocation had no event",
		  notes->hidden_frees);
	text_note("objects that ended with others of their call site",
		  notes->silent_ends);
	text_note("of these, objects that were freed later after all",
		  notes->silent_ends_wrong);
	text_note("allocations from a cache that is not known",
		  notes->cache_unknown);
	text_note("frees of pages from before the window",
		  notes->start_page_frees);
	text_note("page frees that the model had nothing for",
		  notes->page_frees_ignored);
	text_note("pages of freed slabs whose place is not known",
		  notes->unplaced_pages);
	text_note("pages found elsewhere than the books had them",
		  notes->corrected_pages);
	text_note("pages that compaction moved, without an event",
		  notes->moved_pages);
	text_note("slabs with the least order for want of a larger block",
		  notes->order_fallbacks);
}

static void text_checked(const struct replay_result *r)
{
	char a[NUMBER_TEXT_MAX], b[NUMBER_TEXT_MAX], c[NUMBER_TEXT_MAX];

	if (r->bytes_alloc_checked)
		printf("  bytes_alloc as predicted: %s of %s; %s of no known "
		       "cache\n",
		       number_text((long long)(r->bytes_alloc_checked -
					       r->bytes_alloc_mismatch),
				   a),
		       number_text((long long)r->bytes_alloc_checked, b),
		       number_text((long long)r->bytes_alloc_unknown, c));
}

/* Areas of address space, where there are any. */
static void text_areas(const struct replay_result *r)
{
	char a[NUMBER_TEXT_MAX], b[NUMBER_TEXT_MAX], c[NUMBER_TEXT_MAX];
	uint64_t made = r->vmalloc_allocs + r->kvmalloc_fallbacks;

	if (r->vmap_areas_peak || r->vmap_lazy_peak)
		printf("  vmap areas of the trace: %s live, %s at most, %s "
		       "purges\n",
		       number_text((long long)r->vmap_areas, a),
		       number_text((long long)r->vmap_areas_peak, b),
		       number_text((long long)r->vmap_purges, c));
	if (r->vmap_areas_peak || r->vmap_lazy_peak)
		printf("    pages of space: %s live, %s at most, %s lazy at "
		       "most\n",
		       number_text((long long)r->vmap_pages, a),
		       number_text((long long)r->vmap_pages_peak, b),
		       number_text((long long)r->vmap_lazy_peak, c));
	if (made)
		printf(
		    "  vmalloc areas for kmallocs: %s, %s of them kvmalloc's, "
		    "%s purges\n",
		    number_text((long long)made, a),
		    number_text((long long)r->kvmalloc_fallbacks, b),
		    number_text((long long)r->vmalloc_purges, c));
	if (made)
		printf(
		    "    pages: %s at the end, %s at most; %s lazy at most\n",
		    number_text((long long)r->vmalloc_pages, a),
		    number_text((long long)r->vmalloc_pages_peak, b),
		    number_text((long long)r->vmalloc_lazy_peak, c));
}

static void text_predicted(const char *what, uint64_t right, uint64_t asked)
{
	char a[NUMBER_TEXT_MAX], b[NUMBER_TEXT_MAX];

	if (asked)
		printf("  %s: %s of %s predicted (%.2f %%)\n", what,
		       number_text((long long)right, a),
		       number_text((long long)asked, b),
		       100.0 * (double)right / (double)asked);
}

static void text_run(const struct replay_run *run, const struct trace *trace)
{
	const struct replay_result *r = &run->result;

	replay_head(run, trace);
	printf("  %-12s %14s %14s %14s %14s\n", "pages", "start", "end",
	       "change", "peak");
	text_change("in slabs", r->slab_pages_start, r->slab_pages_end,
		    r->slab_pages_peak);
	if (r->order_count)
		text_change("free", r->free_pages_start, r->free_pages_end, 0);
	if (r->order_count && run->sample_count)
		text_change("on CPU lists", run->samples[0].pcp_pages,
			    run->samples[run->sample_count - 1].pcp_pages, 0);
	text_number("requested, live since the start", r->bytes_req_live,
		    "bytes");
	text_number("allocated for it", r->bytes_alloc_live, "bytes");
	text_number("waste", r->waste_live, "bytes");
	text_number("allocations that failed", r->failed, "");
	text_number("fallbacks to another migratetype", r->fallbacks, "");
	text_checked(r);
	text_areas(r);
	text_predicted("pages from per-CPU lists",
		       run->notes.predictions.pcp_right,
		       run->notes.predictions.pcp);
	text_predicted("pages from the free areas",
		       run->notes.predictions.buddy_right,
		       run->notes.predictions.buddy);
	text_caches(run, trace);
	replay_bar_text(&run->bar);
	text_notes(&run->notes);
	puts("");
}

static void print_text(const struct replay_runs *runs,
		       const struct trace *trace)
{
	for (size_t i = 0; i < runs->count; i++)
		text_run(&runs->runs[i], trace);
	trace_text(stdout, trace);
}

/* ---- The command ---- */

enum { OPTION_SPREAD = OPTION_REPLAY_OWN };

static const struct command_option known_options[] = {
    REPLAY_MODELS("what is replayed; default: recorded,slub"),
    REPLAY_SET,
    REPLAY_START,
    {OPTION_SPREAD, "spread", NULL,
     "an error bar for each model: where it may end for what nothing tells of "
     "the start"},
    REPLAY_FORMAT,
    {0},
};

static int take_option(int option, const char *value, void *context,
		       struct err *err)
{
	struct replay_arguments *arguments = context;

	if (option != OPTION_SPREAD)
		return replay_arguments_take(option, value, arguments, err);
	arguments->request.spread = true;
	return 0;
}

static int run(int argc, char **argv, struct err *err)
{
	struct replay_arguments arguments = {
	    .request = {.models = "recorded,slub",
			.settings = replay_settings_none()}};
	struct trace trace = {0};
	struct replay_runs runs = {0};
	int ret = command_line_parse(&command_replay, argc, argv, take_option,
				     &arguments, &arguments.input, err);

	if (!ret)
		ret = replay_input(arguments.input, &arguments.request, &trace,
				   &runs, err);
	if (!ret && db_is_database(arguments.input))
		ret = replay_keep(&runs, &trace.names, arguments.input, err);
	if (!ret) {
		if (arguments.format == ANSWER_JSON)
			print_json(&runs, &trace);
		else
			print_text(&runs, &trace);
		ret = answer_partial(&trace, arguments.format);
	}
	replay_runs_fini(&runs);
	trace_fini(&trace);
	return ret;
}

const struct command command_replay = {
    .name = "replay",
    .arguments =
	"INPUT [--model recorded,slub,slab,slob] [--set KEY=VALUE ...]",
    .summary = "the trace once more, as it was and through models",
    .input = "capture directory or database",
    .options = known_options,
    .stops = true,
    .run = run,
};
