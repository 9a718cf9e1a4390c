/*
 * The engine: opens and closes the window, keeps time, hands each event to the
 * mode's file, and turns the end state into rows.
 */
#include "replay/replay.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "replay/frag_index.h"
#include "replay/rcu_caches.h"
#include "replay/replay_state.h"

enum { SAMPLES_MAX = 10000, PREFETCH_AHEAD = 8, TICK_NS = 1000000000 };

const char *replay_models(void)
{
	return "recorded, slub, slab, slob";
}

/* ---- Services for both modes ---- */

struct live *replay_live(struct replay *replay, const struct kmem_event *ev)
{
	if (ev->slot >= replay->live_cap) {
		struct live *grown =
		    memory_grow(&replay->memory, replay->live, sizeof(*grown),
				(size_t)ev->slot + 1, &replay->live_cap);

		if (!grown)
			return NULL;
		replay->live = grown;
	}
	return &replay->live[ev->slot];
}

bool replay_page_moves(const struct replay *replay, const struct kmem_event *ev,
		       const struct live *live)
{
	return live && live->kind == LIVE_PAGES && live->movable &&
	       !ev->order && compaction_frees(&replay->compaction, ev);
}

int replay_cache_of(struct replay *replay, const struct kmem_event *ev,
		    const struct kmalloc_choice *choice, uint32_t *entry)
{
	uint32_t slab_size =
	    ev->bytes_alloc < UINT32_MAX ? (uint32_t)ev->bytes_alloc : 0;

	if (ev->kind == EV_KMALLOC)
		return cache_table_kmalloc(&replay->caches, choice, entry);
	if (ev->name)
		return cache_table_named(&replay->caches, ev->name, slab_size,
					 entry);
	replay->notes.cache_unknown++;
	return cache_table_by_size(&replay->caches, (uint32_t)ev->bytes_req,
				   slab_size, entry);
}

int replay_observe(struct replay *replay, const struct kmem_event *ev,
		   uint32_t cache, struct slab_page **slab)
{
	const struct capture_info *info = &replay->trace->info;
	const struct cache_entry *entry;
	uint64_t pfn;
	int ret;

	*slab = NULL;
	if (!info->linked || !replay->one_cache_per_slab)
		return 0;
	pfn = ((ev->addr - info->direct_map_base) & replay->address_mask) >>
	      replay->page_shift;
	*slab = slab_pages_find(&replay->slab_pages, pfn);
	if (*slab) {
		if ((*slab)->cache == SLAB_PAGES_NONE)
			(*slab)->cache = cache;
		return 0;
	}
	if (cache == CACHE_NONE)
		return 0;
	entry = &replay->caches.entries[cache];
	if (!entry->captured || !slab_pages_fit(pfn) ||
	    entry->captured->order >= SNAPSHOT_ORDERS_MAX)
		return 0;
	pfn &= ~((1ull << entry->captured->order) - 1);
	ret = slab_pages_add(&replay->slab_pages, pfn, entry->captured->order,
			     true, slab);
	if (!ret)
		(*slab)->cache = cache;
	return ret;
}

/*
 * What the recorded kernel's rules make of a request of a cache that is known
 * by its name; 0: not known.
 */
static uint64_t cache_bytes(const struct replay *replay,
			    const struct kmem_event *ev, uint32_t entry)
{
	const struct snapshot_cache *captured;

	if (!ev->name || entry == CACHE_NONE)
		return 0;
	if (replay->trace->info.slab_kind == SLAB_KIND_SLOB)
		return ev->bytes_req > UINT32_MAX
			   ? 0
			   : slob_cache_bytes(
				 &replay->slob_env, (uint32_t)ev->bytes_req,
				 rcu_cache_named(names_get(
				     &replay->trace->names, ev->name)));
	captured = replay->caches.entries[entry].captured;
	return captured ? captured->slab_size : 0;
}

void replay_predict(struct replay *replay, const struct kmem_event *ev,
		    const struct kmalloc_choice *choice, uint32_t entry)
{
	uint64_t predicted;

	if (!replay->predicts)
		return;
	predicted = ev->kind == EV_KMALLOC ? choice->bytes_alloc
					   : cache_bytes(replay, ev, entry);
	if (!predicted && ev->kind == EV_CACHE_ALLOC) {
		replay->result.bytes_alloc_unknown++;
		return;
	}
	replay->result.bytes_alloc_checked++;
	replay->result.bytes_alloc_mismatch += predicted != ev->bytes_alloc;
}

int replay_track_page(struct replay *replay, const struct kmem_event *ev)
{
	struct slab_page *slab;
	int ret = 0;

	if (!(ev->flags & EVF_BACKS_SLAB) || !slab_pages_fit(ev->addr) ||
	    !replay->one_cache_per_slab)
		return 0;
	/* The start has its slabs already, as they will be when it begins. */
	slab = slab_pages_find(&replay->slab_pages, ev->addr);
	if (!replay->recorded && !replay->slab_window.open &&
	    !replay->slab_window.closed && slab &&
	    slab->start != SLAB_PAGES_NONE)
		return 0;
	if (ev->kind == EV_PAGE_FREE) {
		slab = slab_pages_find(&replay->slab_pages, ev->addr);
		return slab ? slab_pages_remove(&replay->slab_pages, slab) : 0;
	}
	ret = slab_pages_add(&replay->slab_pages, ev->addr, ev->order,
			     !replay->slab_window.open, &slab);
	if (!ret && ev->name)
		ret = cache_table_named(&replay->caches, ev->name, 0,
					&slab->cache);
	return ret;
}

/* ---- Samples ---- */

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

/* Keeps the state of the moment at which slabs held the most pages. */
static void peak_watch(struct replay *replay, uint64_t ts_ns)
{
	uint64_t now = replay_slab_pages(replay);
	uint64_t held = replay_held_pages(replay);

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

/* ---- The window ---- */

static uint64_t free_pages(const struct replay *replay)
{
	struct replay_sample sample = {0};

	sample_fill(replay, &sample);
	return sample.free_pages;
}

static void window_close(struct replay *replay, struct window *window)
{
	window->open = false;
	window->closed = true;
	if (window == &replay->page_window) {
		replay->result.free_pages_end = free_pages(replay);
		replay_orders_end(replay);
		replay->costs.user_pages_end = replay->user_pages;
		return;
	}
	replay->result.slab_pages_end = replay_slab_pages(replay);
	replay->costs.held_pages_end = replay_held_pages(replay);
	replay_waterfall_take(replay, WATERFALL_END, replay->last_ts_ns);
}

static int marker_seen(struct replay *replay, uint32_t name)
{
	struct window *windows[] = {&replay->page_window, &replay->slab_window};
	int ret = 0;

	if (replay->page_window.open)
		ret = moments_marker(&replay->moments, name);
	for (int i = 0; i < 2; i++) {
		struct window *window = windows[i];

		if (!name || window->closed)
			continue;
		if (name == window->begin && !window->open)
			window->open = true;
		else if (name == window->end && window->open)
			window_close(replay, window);
	}
	return ret;
}

/* ---- Feeding ---- */

/*
 * The slab model says itself when its next turn is. Once a second of the
 * trace's time the page model does what the kernel's vmstat worker does. After
 * a gap one tick stands for all that were missed.
 */
static void tick(struct replay *replay, uint64_t ts_ns)
{
	if (ts_ns >= replay->slab_tick_ns)
		replay->slab_tick_ns =
		    replay->slab && replay->slab->ops->tick
			? replay->slab->ops->tick(replay->slab, ts_ns)
			: UINT64_MAX;
	if (ts_ns < replay->next_tick_ns)
		return;
	if (replay->next_tick_ns && replay->slab && replay->pages->ops->tick)
		replay->pages->ops->tick(replay->pages);
	replay->next_tick_ns = ts_ns + TICK_NS;
}

static void coverage_count(struct replay_coverage *coverage,
			   const struct kmem_event *ev)
{
	bool alloc = event_creates(ev), ends = event_ends(ev);

	coverage->allocs += alloc;
	coverage->allocs_known += alloc && (ev->kind == EV_KMALLOC || ev->name);
	coverage->duplicates += (ev->flags & EVF_DUPLICATE) != 0;
	coverage->frees += ends;
	coverage->frees_unknown += ends && ev->flags & EVF_UNKNOWN_OBJECT;
	coverage->frees_hidden += ends && ev->flags & EVF_HIDDEN_OBJECT;
	coverage->frees_implicit += ends && ev->flags & EVF_SYNTHETIC;
}

static int event_play(struct replay *replay, const struct kmem_event *ev)
{
	int ret;

	if (ev->kind == EV_MARKER)
		return marker_seen(replay, ev->name);
	if (replay->page_window.open || replay->slab_window.open) {
		if (samples_due(&replay->samples, ev->ts_ns)) {
			ret = sample_take(replay, ev->ts_ns);
			if (ret)
				return ret;
		}
		tick(replay, ev->ts_ns);
		replay->last_ts_ns = ev->ts_ns;
		replay->result.events++;
	} else {
		replay->notes.events_outside++;
		if (replay->page_window.closed && replay->slab_window.closed)
			return 0;
	}
	if (ev->kind >= EV_VMAP_ALLOC && ev->kind <= EV_VMAP_PURGE)
		return replay->page_window.open ? replay_vmap_event(replay, ev)
						: 0;
	if (event_is_object(ev) && replay->slab_window.open)
		coverage_count(&replay->notes.coverage, ev);
	ret = compaction_feed(&replay->compaction, ev);
	if (ret)
		return ret;
	ret = replay->recorded ? replay_recorded_event(replay, ev)
			       : replay_model_event(replay, ev);
	if (!ret && replay->orders && replay->page_window.open)
		ret = replay_orders_event(replay, ev);
	peak_watch(replay, ev->ts_ns);
	return ret;
}

/*
 * What arrays are sized by must be possible: slots are as dense as the live
 * objects, so there are no more than events, and names are in the table.
 */
static int event_check(const struct replay *replay, const struct kmem_event *ev,
		       struct err *err)
{
	if (ev->cpu >= replay->cpus)
		return err_set(err, ERR_FORMAT,
			       "an event of CPU %u in a trace of %u CPUs",
			       ev->cpu, replay->cpus);
	if (ev->object && ev->slot > replay->events_fed)
		return err_set(err, ERR_FORMAT,
			       "an event names object slot %u, more than "
			       "there can be",
			       ev->slot);
	if (ev->name >= names_count(&replay->trace->names) && ev->name)
		return err_set(err, ERR_FORMAT,
			       "an event names a cache that the trace does "
			       "not have");
	return 0;
}

int replay_feed(struct replay *replay, const struct kmem_event *events,
		size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		int ret = event_check(replay, &events[i], err);

		if (ret)
			return ret;
		replay->events_fed++;
		if (i + PREFETCH_AHEAD < count &&
		    events[i + PREFETCH_AHEAD].slot < replay->live_cap)
			__builtin_prefetch(
			    &replay->live[events[i + PREFETCH_AHEAD].slot], 1);
		ret = event_play(replay, &events[i]);
		if (ret)
			return err_set(
			    err, ret, "replay with model %s stopped: %s",
			    replay->config.model, err_code_text(ret));
	}
	return 0;
}

/* ---- Results ---- */

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

static int samples_emit(const struct replay *replay,
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

static int caches_emit(const struct replay *replay,
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

static void result_complete(struct replay *replay)
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
	if (replay->recorded)
		replay->notes.moved_pages = replay->books.moved_pages;
	replay->notes.corrected_pages = replay->books.corrected_pages;
	if (replay->slab) {
		replay->notes.unplaced_pages = replay->slab->unplaced_pages;
		if (replay->kind == SLAB_KIND_SLUB)
			slub_costs(replay);
	}
}

int replay_finish(struct replay *replay, const struct replay_sink *sink,
		  struct replay_result *result, struct err *err)
{
	int ret = 0;

	if (!replay->slab_window.closed)
		window_close(replay, &replay->slab_window);
	if (!replay->page_window.closed)
		window_close(replay, &replay->page_window);
	if (replay->samples.started)
		ret = sample_take(replay, replay->last_ts_ns);
	result_complete(replay);
	if (!ret && sink)
		ret = samples_emit(replay, sink);
	if (!ret && sink && sink->cache)
		ret = caches_emit(replay, sink);
	if (!ret)
		ret = moments_end(&replay->moments);
	if (!ret && sink && sink->zone)
		ret = moments_emit(&replay->moments, sink);
	for (int i = 0;
	     i < WATERFALL_MOMENTS && sink && sink->waterfall && !ret; i++)
		ret = sink->waterfall(sink->context,
				      &replay->waterfall.moments[i]);
	if (ret)
		return err && err->code ? ret
					: err_set(err, ret,
						  "the result of model %s "
						  "could not be stored",
						  replay->config.model);
	*result = replay->result;
	return 0;
}

const struct replay_notes *replay_notes(const struct replay *replay)
{
	return &replay->notes;
}

const struct replay_costs *replay_costs(const struct replay *replay)
{
	return &replay->costs;
}

int replay_check(const struct replay *replay, struct err *err)
{
	int ret = 0;

	if (replay->slab)
		ret = replay->slab->ops->check(replay->slab, err);
	if (!ret && replay->pages)
		ret = replay->pages->ops->check(replay->pages, err);
	if (!ret)
		ret = replay_vmalloc_check(replay, err);
	return ret ? ret : replay_waterfall_check(replay, err);
}

/* ---- Making one ---- */

/* The allocator of a slab model, SLAB_KIND_UNKNOWN if there is none. */
static enum slab_kind model_kind(const char *model)
{
	if (!strcmp(model, "slub"))
		return SLAB_KIND_SLUB;
	if (strcmp(model, "slab") == 0)
		return SLAB_KIND_SLAB;
	return strcmp(model, "slob") == 0 ? SLAB_KIND_SLOB : SLAB_KIND_UNKNOWN;
}

int replay_possible(const struct replay_config *config, struct err *err)
{
	assert(config->trace && config->model);
	if (strcmp(config->model, "recorded") != 0 &&
	    model_kind(config->model) == SLAB_KIND_UNKNOWN)
		return err_set(err, ERR_USAGE,
			       "no model named '%s'; there are %s",
			       config->model, replay_models());
	if (config->samples < 2 || config->samples > SAMPLES_MAX)
		return err_set(err, ERR_USAGE,
			       "%u samples are not between 2 and %d",
			       config->samples, SAMPLES_MAX);
	if (config->settings.page_size != REPLAY_UNSET &&
	    model_kind(config->model) == SLAB_KIND_SLOB)
		return err_set(err, ERR_UNSUPPORTED,
			       "page_size is for models of SLUB and SLAB");
	if (config->trace->info.filtered)
		return err_set(err, ERR_UNSUPPORTED,
			       "a filtered recording can be counted but not "
			       "replayed: record it without --filter");
	return 0;
}

static int basics(struct replay *replay, struct err *err)
{
	struct trace *trace = replay->trace;
	const struct capture_info *info = &trace->info;
	int ret;

	if (!info->page_size || info->page_size & (info->page_size - 1))
		return err_set(err, ERR_FORMAT,
			       "the recording has no valid page size");
	replay->page_shift = (unsigned int)__builtin_ctz(info->page_size);
	replay->address_mask = info->long_size == 4 ? UINT32_MAX : UINT64_MAX;
	replay->one_cache_per_slab = info->slab_kind != SLAB_KIND_SLOB;
	replay->recorded = strcmp(replay->config.model, "recorded") == 0;
	replay->kind = model_kind(replay->config.model);
	replay->own_model =
	    !replay->recorded && info->slab_kind == replay->kind;
	replay->model_page_shift = replay->page_shift;
	if (!replay->recorded &&
	    replay->config.settings.page_size != REPLAY_UNSET)
		replay->model_page_shift = (unsigned int)__builtin_ctz(
		    replay->config.settings.page_size);
	replay->predicts =
	    (replay->own_model &&
	     replay->model_page_shift == replay->page_shift) ||
	    (replay->recorded && info->slab_kind != SLAB_KIND_UNKNOWN);
	replay->slob_sizes = replay->recorded
				 ? info->slab_kind == SLAB_KIND_SLOB
				 : replay->kind == SLAB_KIND_SLOB;
	replay->slob_env = slob_env_of(info);
	replay->cpus = info->cpu_count ? info->cpu_count : 1;
	compaction_init(&replay->compaction, trace);
	slab_pages_init(&replay->slab_pages, &replay->memory);
	start_slabs_init(&replay->starts, &replay->memory);
	ret = samples_init(&replay->samples, replay->config.samples,
			   trace->last_ts_ns - trace->first_ts_ns,
			   &replay->memory);
	if (ret)
		return err_set(err, ret, "samples: out of memory");
	snprintf(replay->result.model, sizeof(replay->result.model), "%s",
		 replay->config.model);
	replay_settings_format(&replay->config.settings,
			       replay->result.settings,
			       sizeof(replay->result.settings));
	return 0;
}

int replay_create(struct replay **out, const struct replay_config *config,
		  struct err *err)
{
	int ret = replay_possible(config, err);
	struct memory memory = memory_libc();
	struct replay *replay;

	if (ret)
		return ret;
	replay = memory_new(&memory, 1, sizeof(*replay));
	if (!replay)
		return err_set(err, ERR_NOMEM, "replay: out of memory");
	replay->config = *config;
	replay->trace = config->trace;
	replay->memory = memory;
	ret = basics(replay, err);
	if (!ret)
		ret = replay_start(replay, err);
	if (!ret)
		ret = replay_vmalloc_make(replay, err);
	if (!ret && replay_orders_make(replay))
		ret = err_set(err, ERR_NOMEM, "replay: out of memory");
	if (ret) {
		replay_destroy(replay);
		return ret;
	}
	replay->slab_pages_last = replay_slab_pages(replay);
	replay->result.slab_pages_start = replay->slab_pages_last;
	replay->result.slab_pages_peak = replay->slab_pages_last;
	replay->costs.held_pages_start = replay_held_pages(replay);
	replay->costs.held_pages_peak = replay->costs.held_pages_start;
	replay_waterfall_take(replay, WATERFALL_PEAK,
			      replay->trace->first_ts_ns);
	replay->result.free_pages_start = free_pages(replay);
	*out = replay;
	return 0;
}

void replay_destroy(struct replay *replay)
{
	struct memory memory;

	if (!replay)
		return;
	memory = replay->memory;
	replay_vmalloc_free(replay);
	replay_orders_free(replay);
	slab_model_destroy(replay->slab);
	page_predict_fini(&replay->predict);
	page_books_fini(&replay->books);
	page_model_destroy(replay->pages);
	compaction_fini(&replay->compaction);
	memory_free(&memory, replay->moved);
	silent_ends_fini(&replay->silent);
	slab_pages_fini(&replay->slab_pages);
	start_slabs_fini(&replay->starts);
	samples_fini(&replay->samples);
	moments_fini(&replay->moments);
	cache_table_fini(&replay->caches);
	memory_free(&memory, replay->live);
	memory_free(&memory, replay->cpu_node);
	memory_free(&memory, replay);
}
