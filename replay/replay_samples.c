#include "replay/replay_samples.h"

#include "core/rare.h"
#include "replay/frag_index.h"
#include "replay/replay_state.h"
#include "replay/replay_vmalloc.h"

/* ---- Taking them ---- */

static void sample_fill(const struct replay *replay,
			struct replay_sample *sample)
{
	struct page_counts counts = {0};

	if (replay->recorded && replay->machine)
		page_books_counts(&replay->books, &counts);
	else if (replay->pages)
		replay->pages->ops->counts(replay->pages, &counts);
	sample->bytes_req = replay->bytes_req;
	sample->bytes_alloc = replay->bytes_alloc;
	sample->slab_pages =
	    replay_recorded_pages(replay, replay_slab_pages(replay));
	sample->large_pages = replay->large_pages;
	if (replay->slab)
		sample->large_pages += replay->slab->block_pages;
	sample->large_pages =
	    replay_recorded_pages(replay, sample->large_pages);
	replay_vmalloc_sample(replay, sample);
	sample->direct_pages =
	    replay_recorded_pages(replay, replay->direct_pages);
	sample->pcp_pages = counts.pcp_pages;
	sample->free_pages = counts.free_pages;
	for (uint32_t o = 0; o < counts.order_count; o++) {
		sample->free_blocks[o] = counts.free_blocks[o];
		sample->unusable[o] = (uint16_t)frag_unusable_index(
		    counts.free_blocks, counts.order_count, o);
	}
}

uint64_t replay_free_pages(const struct replay *replay)
{
	struct replay_sample sample = {0};

	sample_fill(replay, &sample);
	return sample.free_pages;
}

static void cache_fill(const struct replay *replay,
		       const struct cache_entry *entry,
		       struct sample_cache *cache)
{
	struct slab_counts counts;

	if (!replay->slab) {
		*cache = (struct sample_cache){.pages = entry->pages,
					       .objects = entry->objects,
					       .slabs = (uint32_t)entry->slabs};
		return;
	}
	replay->slab->ops->counts(replay->slab, entry->model, &counts);
	*cache = (struct sample_cache){.pages = counts.pages,
				       .objects = counts.objects,
				       .slabs = (uint32_t)counts.slabs};
}

static int sample_take(struct replay *replay, uint64_t ts_ns)
{
	struct sample_row *row;
	int ret =
	    samples_take(&replay->samples, ts_ns, replay->caches.count, &row);

	if (ret)
		return ret;
	sample_fill(replay, &row->sample);
	for (size_t i = 0; i < row->cache_count; i++)
		cache_fill(replay, &replay->caches.entries[i], &row->caches[i]);
	return 0;
}

int replay_samples_before(struct replay *replay, uint64_t ts_ns)
{
	return ts_ns >= samples_due_ns(&replay->samples)
		   ? sample_take(replay, ts_ns)
		   : 0;
}

int replay_samples_end(struct replay *replay)
{
	return replay->samples.started ? sample_take(replay, replay->last_ts_ns)
				       : 0;
}

RARE void replay_peak_watch(struct replay *replay, uint64_t ts_ns)
{
	uint64_t now = replay_slab_pages(replay);
	uint64_t held = replay_held_pages(replay);

	replay->held_more = false;
	if (held > replay->costs.held_pages_peak) {
		replay->costs.held_pages_peak = held;
		replay_waterfall_take(replay, WATERFALL_PEAK, ts_ns);
	}
	if (now == replay->slab_pages_last)
		return;
	if (now > replay->slab_pages_last)
		replay->costs.slab_grows++;
	else
		replay->costs.slab_shrinks++;
	if (now < replay->slab_pages_last && replay->at_peak) {
		sample_fill(replay, &replay->peak);
		replay->peak.ts_ns = ts_ns;
		replay->peak.slab_pages = replay_recorded_pages(
		    replay, replay->result.slab_pages_peak);
		replay->at_peak = false;
	}
	if (now > replay->result.slab_pages_peak) {
		replay->result.slab_pages_peak = now;
		replay->at_peak = true;
	}
	replay->slab_pages_last = now;
}

/* ---- Handing them out ---- */

static int cache_row_emit(const struct replay *replay,
			  const struct replay_sink *sink, uint64_t ts_ns,
			  size_t number, const struct sample_cache *cache)
{
	struct replay_cache_sample out = {
	    .ts_ns = ts_ns,
	    .cache = replay->caches.entries[number].name,
	    .slabs = cache->slabs,
	    .pages = replay_recorded_pages(replay, cache->pages),
	    .objects = cache->objects,
	};

	return sink->cache_sample(sink->context, &out);
}

static int row_emit(const struct replay *replay, const struct replay_sink *sink,
		    const struct sample_row *row)
{
	int ret = 0;

	if (sink->sample)
		ret = sink->sample(sink->context, &row->sample);
	for (size_t i = 0; sink->cache_sample && i < row->cache_count && !ret;
	     i++)
		if (row->caches[i].slabs)
			ret = cache_row_emit(replay, sink, row->sample.ts_ns, i,
					     &row->caches[i]);
	return ret;
}

int replay_samples_emit(const struct replay *replay,
			const struct replay_sink *sink)
{
	bool peak_due = sink->sample && replay->peak.ts_ns;
	int ret = 0;

	for (size_t i = 0; i < replay->samples.count && !ret; i++) {
		const struct sample_row *row = &replay->samples.rows[i];

		if (peak_due && replay->peak.ts_ns <= row->sample.ts_ns) {
			peak_due = false;
			if (replay->peak.ts_ns < row->sample.ts_ns)
				ret =
				    sink->sample(sink->context, &replay->peak);
		}
		if (!ret)
			ret = row_emit(replay, sink, row);
	}
	return ret;
}
