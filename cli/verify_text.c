#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli_escape.h"
#include "cli/replay_bar.h"
#include "cli/replay_head.h"
#include "cli/replay_json.h"
#include "cli/trace_text.h"
#include "cli/verify_report.h"

enum { CACHES_SHOWN = 12 };

static double percent(int64_t part, int64_t whole)
{
	return whole
		   ? 100.0 * (double)part / (double)(whole < 0 ? -whole : whole)
		   : 0;
}

/* What the kernel has, what the replay has, and by how much it is wrong. */
static void line(const char *what, int64_t kernel, int64_t replay)
{
	char a[NUMBER_TEXT_MAX], b[NUMBER_TEXT_MAX], c[NUMBER_TEXT_MAX];

	printf("  %-30s %12s %12s %10s", what, number_text(kernel, a),
	       number_text(replay, b), number_text(replay - kernel, c));
	if (kernel)
		printf(" %8.2f %%", percent(replay - kernel, kernel));
	puts("");
}

static void sums(const struct verify_report *report)
{
	const struct fidelity *f = report->fidelity;

	printf("  %-30s %12s %12s %10s\n", "pages", "kernel", "replay",
	       "error");
	if (f->has_slabs) {
		line("slabs, growth", f->slab_pages_recorded_delta,
		     f->slab_pages_delta);
		line("slabs, at the end", (int64_t)f->slab_pages_recorded_end,
		     (int64_t)report->run->result.slab_pages_end);
	}
	if (f->has_free)
		line("free, buddyinfo", (int64_t)f->free_kernel,
		     (int64_t)f->free_replay);
	if (f->has_flags)
		line("free, kpageflags", (int64_t)f->flags_kernel,
		     (int64_t)f->flags_replay);
	for (size_t i = 0; f->has_free && i < f->zone_count; i++) {
		const struct fidelity_zone *zone = &f->zones[i];
		char clean[64], what[128];

		if (!zone->before && !zone->kernel && !zone->replay)
			continue;
		snprintf(what, sizeof(what), " node %d, zone %s", zone->node,
			 escape_visible(zone->name, clean, sizeof(clean)));
		line(what, (int64_t)zone->kernel, (int64_t)zone->replay);
	}
	for (size_t i = 0; f->has_types && i < f->type_count; i++) {
		const struct fidelity_type *type = &f->types[i];
		char clean[64], what[128];

		if (!type->kernel && !type->replay)
			continue;
		snprintf(what, sizeof(what), " %s, pagetypeinfo",
			 escape_visible(type->name, clean, sizeof(clean)));
		line(what, (int64_t)type->kernel, (int64_t)type->replay);
	}
}

static void caches(const struct fidelity *f)
{
	size_t shown = 0, touched = 0;

	printf("\n  %zu of %zu caches touched are exact; errors without sign: "
	       "%" PRIu64 " pages\n",
	       f->caches_exact, f->caches_touched, f->caches_error);
	printf("  %-24s %8s %8s %7s %10s %10s\n", "cache, growth", "slabs",
	       "replay", "pages", "objects", "replay");
	for (size_t i = 0; i < f->cache_count; i++) {
		const struct fidelity_cache *c = &f->caches[i];
		char name[256];

		if (!c->touched)
			continue;
		touched++;
		if (shown == CACHES_SHOWN)
			continue;
		shown++;
		escape_visible(c->name, name, sizeof(name));
		printf("  %-24s %+8" PRId64 " %+8" PRId64 " %+7" PRId64
		       " %+10" PRId64 " %+10" PRId64 "\n",
		       shorten_middle(name, 24), c->slabs_kernel,
		       c->slabs_replay, c->pages_error, c->objects_kernel,
		       c->objects_replay);
	}
	if (touched > shown)
		printf("  and %zu caches more, with no larger error\n",
		       touched - shown);
}

static void orders(const struct fidelity *f)
{
	printf("\n  %-6s %10s %10s %10s %8s   unusable index\n", "order",
	       "before", "kernel", "replay", "error");
	for (uint32_t o = 0; o < f->order_count; o++) {
		const struct fidelity_order *order = &f->orders[o];

		printf("  %-6u %10" PRIu64 " %10" PRIu64 " %10" PRIu64
		       " %+8" PRId64 "   %5.3f %5.3f %+6.3f\n",
		       o, order->before, order->kernel, order->replay,
		       (int64_t)(order->replay - order->kernel),
		       order->unusable_kernel / 1000.0,
		       order->unusable_replay / 1000.0,
		       (order->unusable_replay - order->unusable_kernel) /
			   1000.0);
	}
	printf("  free blocks, weighted by pages: %.2f %% wrong; had nothing "
	       "changed: %.2f %%\n",
	       100 * f->free_blocks_error, 100 * f->free_blocks_unchanged);
	printf("  unusable index, worst order: %.3f; had nothing changed: "
	       "%.3f\n",
	       f->unusable_index_max_error, f->unusable_index_max_unchanged);
}

/* What the start was made of. */
static void start(const struct replay_notes *notes)
{
	const struct start_shares *shares = &notes->start;
	char a[NUMBER_TEXT_MAX], b[NUMBER_TEXT_MAX];

	if (!shares->slabs)
		return;
	printf("\n  start: %s slabs, %s of them revealed by the trace\n",
	       number_text((long long)shares->slabs, a),
	       number_text((long long)shares->slabs_known, b));
	printf("         free slots: %" PRIu64 " revealed, %" PRIu64
	       " counted by the snapshot, %" PRIu64 " guessed\n",
	       shares->slots_revealed, shares->slots_counted,
	       shares->slots_guessed);
	printf("         pages on CPU lists: %s, %s of them revealed\n",
	       number_text((long long)notes->pcp_pages, a),
	       number_text((long long)notes->pcp_pages_revealed, b));
}

static void coverage(const struct verify_report *report)
{
	const struct fidelity *f = report->fidelity;
	const struct replay_result *r = &report->run->result;
	char a[NUMBER_TEXT_MAX], b[NUMBER_TEXT_MAX];

	puts("");
	if (replay_is_own(report->run, report->trace))
		printf("  bytes_alloc predicted: %s of %s whose cache is "
		       "known\n",
		       number_text((long long)(r->bytes_alloc_checked -
					       r->bytes_alloc_mismatch),
				   a),
		       number_text((long long)r->bytes_alloc_checked, b));
	printf("  coverage: the cache of %.2f %% of all allocations is known\n",
	       100 * f->coverage);
	printf("  frees: %.2f %% of objects from before, %.2f %% without an "
	       "alloc event,\n         %.2f %% without a free event; "
	       "%" PRIu64 " large kmallocs traced twice\n",
	       100 * f->unknown_frees, 100 * f->hidden_allocs,
	       100 * f->implicit_frees, f->duplicates);
	if (f->missing[0])
		trace_text_folded(stdout, "not compared", f->missing);
}

void verify_text(const struct verify_report *report)
{
	const struct fidelity *f = report->fidelity;

	replay_head(report->run, report->trace);
	sums(report);
	if (f->has_caches && replay_is_own(report->run, report->trace))
		caches(f);
	if (f->has_free)
		orders(f);
	start(&report->run->notes);
	replay_bar_text(&report->run->bar);
	coverage(report);
}
