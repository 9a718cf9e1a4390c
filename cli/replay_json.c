#include "cli/replay_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/replay_bar.h"
#include "replay/variant.h"

bool replay_is_own(const struct replay_run *run, const struct trace *trace)
{
	enum slab_kind kind = trace->info.slab_kind;

	return kind != SLAB_KIND_UNKNOWN &&
	       (!strcmp(run->result.model, "recorded") ||
		!strcmp(run->result.model, slab_kind_model(kind)));
}

static void number(const char *name, uint64_t value)
{
	printf(",\n  \"%s\": %" PRIu64, name, value);
}

/* Areas of address space: the trace's, then the model's. */
static void areas(const struct replay_result *r)
{
	number("vmap_areas", r->vmap_areas);
	number("vmap_areas_peak", r->vmap_areas_peak);
	number("vmap_pages", r->vmap_pages);
	number("vmap_pages_peak", r->vmap_pages_peak);
	number("vmap_lazy_peak", r->vmap_lazy_peak);
	number("vmap_purges", r->vmap_purges);
	number("vmalloc_allocs", r->vmalloc_allocs);
	number("kvmalloc_fallbacks", r->kvmalloc_fallbacks);
	number("vmalloc_pages", r->vmalloc_pages);
	number("vmalloc_pages_peak", r->vmalloc_pages_peak);
	number("vmalloc_lazy_peak", r->vmalloc_lazy_peak);
	number("vmalloc_purges", r->vmalloc_purges);
}

static void costs(const struct replay_costs *costs)
{
	number("held_pages_start", costs->held_pages_start);
	number("held_pages_end", costs->held_pages_end);
	number("held_pages_peak", costs->held_pages_peak);
	number("slab_grows", costs->slab_grows);
	number("slab_shrinks", costs->slab_shrinks);
	number("slow_allocs", costs->slow_allocs);
	number("slow_frees", costs->slow_frees);
	number("order_fallbacks", costs->order_fallbacks);
	number("pcp_refills", costs->pcp_refills);
	number("pcp_drains", costs->pcp_drains);
	number("user_pages_end", costs->user_pages_end);
}

/* What is text in it are the engine's own words: no escapes needed. */
void replay_json_fields(const struct replay_run *run, const struct trace *trace)
{
	const struct replay_result *r = &run->result;
	char rules[VARIANT_NOTE];

	printf("  \"model\": \"%s\",\n  \"start\": \"%s\",\n"
	       "  \"settings\": \"%s\"",
	       r->model, r->start, r->settings);
	if (variant_note(trace->info.version_major, trace->info.version_minor,
			 rules))
		printf(",\n  \"rules\": \"%s\"", rules);
	number("events", r->events);
	number("slab_pages_start", r->slab_pages_start);
	number("slab_pages_end", r->slab_pages_end);
	number("slab_pages_peak", r->slab_pages_peak);
	number("free_pages_start", r->free_pages_start);
	number("free_pages_end", r->free_pages_end);
	number("bytes_req_live", r->bytes_req_live);
	number("bytes_alloc_live", r->bytes_alloc_live);
	number("waste_live", r->waste_live);
	if (replay_is_own(run, trace))
		number("bytes_alloc_mismatch", r->bytes_alloc_mismatch);
	else
		printf(",\n  \"bytes_alloc_mismatch\": null");
	number("bytes_alloc_checked", r->bytes_alloc_checked);
	number("bytes_alloc_unknown", r->bytes_alloc_unknown);
	number("failed", r->failed);
	number("fallbacks", r->fallbacks);
	costs(&run->costs);
	areas(r);
	replay_bar_json(&run->bar);
	number("wall_ns", r->wall_ns);
}
