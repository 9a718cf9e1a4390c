#include "replay/replay_result.h"

#include "replay/replay_state.h"
#include "replay/replay_vmalloc.h"

static void cache_result(const struct replay *replay,
			 const struct cache_entry *entry,
			 struct replay_cache_result *out)
{
	*out = (struct replay_cache_result){
	    .cache = entry->name,
	    .slab_size = entry->spec.slab_size,
	    .objs_per_slab = entry->spec.objs_per_slab,
	    .order = entry->spec.order,
	    .allocs = entry->allocs,
	    .frees = entry->frees,
	    .slabs_start = entry->slabs_start,
	    .slabs_end = entry->slabs,
	    .slabs_peak = entry->slabs_peak,
	    .objects_start = entry->objects_start,
	    .objects_end = entry->objects,
	    .bytes_req_live = entry->bytes_req_live,
	    .bytes_alloc_live = entry->bytes_alloc_live,
	};
	if (replay->slab) {
		struct slab_counts counts;

		replay->slab->ops->counts(replay->slab, entry->model, &counts);
		out->slab_size = counts.slab_size;
		out->objs_per_slab = counts.objs_per_slab;
		out->order = counts.order;
		out->slabs_end = counts.slabs;
		out->slabs_peak = counts.slabs_peak;
		out->objects_end = counts.objects;
	}
}

int replay_caches_emit(const struct replay *replay,
		       const struct replay_sink *sink)
{
	int ret = 0;

	for (size_t i = 0; i < replay->caches.count && !ret; i++) {
		const struct cache_entry *entry = &replay->caches.entries[i];
		struct replay_cache_result out;

		cache_result(replay, entry, &out);
		if (out.slabs_peak || out.allocs || out.frees)
			ret = sink->cache(sink->context, &out);
	}
	return ret;
}

static void slub_costs(struct replay *replay)
{
	const struct slub_stats *stats = slub_stats(replay->slab);

	replay->costs.slow_allocs = stats->alloc_slowpath;
	replay->costs.slow_frees = stats->free_slowpath;
	replay->costs.order_fallbacks = stats->order_fallback;
	replay->notes.order_fallbacks = stats->order_fallback;
}

static void pcp_costs(struct replay *replay)
{
	const struct page_counters *counters =
	    page_alloc_counters(page_machine_alloc(replay->machine));

	replay->costs.pcp_refills = counters->refills;
	replay->costs.pcp_drains = counters->drains;
}

/* Once, at the end: what was counted becomes what is told. */
static void pages_convert(struct replay *replay)
{
	uint64_t *const counts[] = {
	    &replay->result.slab_pages_start, &replay->result.slab_pages_end,
	    &replay->result.slab_pages_peak,  &replay->costs.held_pages_start,
	    &replay->costs.held_pages_end,    &replay->costs.held_pages_peak,
	    &replay->costs.user_pages_end,
	};

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		*counts[i] = replay_recorded_pages(replay, *counts[i]);
}

void replay_result_complete(struct replay *replay)
{
	struct replay_result *result = &replay->result;
	struct page_counts counts = {0};

	if (replay->pages)
		replay->pages->ops->counts(replay->pages, &counts);
	result->order_count = counts.order_count;
	result->fallbacks =
	    replay->recorded ? result->fallbacks : counts.fallbacks;
	result->bytes_req_live = replay->bytes_req;
	result->bytes_alloc_live = replay->bytes_alloc;
	result->waste_live = replay->bytes_alloc - replay->bytes_req;
	replay_vmalloc_result(replay, result);
	if (replay->machine && !replay->recorded)
		pcp_costs(replay);
	pages_convert(replay);
	replay->notes.start = replay->starts.shares;
	replay->notes.predictions = replay->predict.counts;
	replay->notes.corrected_pages = replay->books.corrected_pages;
	if (replay->slab) {
		replay->notes.unplaced_pages = replay->slab->unplaced_pages;
		if (replay->kind == SLAB_KIND_SLUB)
			slub_costs(replay);
	}
}
