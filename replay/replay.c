/*
 * Opens and closes a replay, keeps time, and hands each event to the mode.
 */
#include "replay/replay.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/rare.h"
#include "replay/replay_model.h"
#include "replay/replay_orders.h"
#include "replay/replay_recorded.h"
#include "replay/replay_result.h"
#include "replay/replay_samples.h"
#include "replay/replay_slab_model.h"
#include "replay/replay_start.h"
#include "replay/replay_state.h"
#include "replay/replay_vmalloc.h"

enum { SAMPLES_MAX = 10000, PREFETCH_AHEAD = 8, TICK_NS = 1000000000 };

const char *replay_models(void)
{
#define X(name, kind, make) ", " name
	return "recorded" SLAB_MODEL_TABLE(X);
#undef X
}

enum slab_kind replay_model_kind(const char *model)
{
#define X(name, kind, make)                                                    \
	if (!strcmp(model, name))                                              \
		return kind;
	SLAB_MODEL_TABLE(X)
#undef X
	return SLAB_KIND_UNKNOWN;
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

/* Samples and ticks that are due before an event of that time. */
static RARE int time_pass(struct replay *replay, uint64_t ts_ns)
{
	int ret = replay_samples_before(replay, ts_ns);

	if (ret)
		return ret;
	tick(replay, ts_ns);
	replay->due_ns = samples_due_ns(&replay->samples);
	if (replay->next_tick_ns < replay->due_ns)
		replay->due_ns = replay->next_tick_ns;
	if (replay->slab_tick_ns < replay->due_ns)
		replay->due_ns = replay->slab_tick_ns;
	return 0;
}

/* The flags that most events do not have. */
static RARE void coverage_flags(struct replay_coverage *coverage,
				const struct kmem_event *ev)
{
	bool ends = event_ends(ev);

	coverage->duplicates += (ev->flags & EVF_DUPLICATE) != 0;
	coverage->frees_unknown += ends && ev->flags & EVF_UNKNOWN_OBJECT;
	coverage->frees_hidden += ends && ev->flags & EVF_HIDDEN_OBJECT;
	coverage->frees_implicit += ends && ev->flags & EVF_SYNTHETIC;
}

static int object_alloc(struct replay *replay, const struct kmem_event *ev)
{
	struct replay_coverage *coverage = &replay->notes.coverage;
	bool counts = event_alloc_counts(ev);

	if (replay->slab_window.open) {
		coverage->allocs += counts;
		coverage->allocs_known +=
		    counts && (ev->kind == EV_KMALLOC || ev->name);
		if (ev->flags & EVF_DUPLICATE)
			coverage_flags(coverage, ev);
	}
	return counts && !replay->slab_window.closed
		   ? replay->mode->object_alloc(replay, ev)
		   : 0;
}

static int object_free(struct replay *replay, const struct kmem_event *ev)
{
	const uint32_t rare = EVF_DUPLICATE | EVF_UNKNOWN_OBJECT |
			      EVF_HIDDEN_OBJECT | EVF_SYNTHETIC;
	struct replay_coverage *coverage = &replay->notes.coverage;

	if (replay->slab_window.open) {
		coverage->frees += event_free_counts(ev);
		if (ev->flags & rare)
			coverage_flags(coverage, ev);
	}
	return replay->mode->object_free(replay, ev);
}

static int other_event(struct replay *replay, const struct kmem_event *ev)
{
	int ret = moves_feed(&replay->moves, ev);

	return ret ? ret : replay->mode->other(replay, ev);
}

static int event_play(struct replay *replay, const struct kmem_event *ev)
{
	int ret;

	switch (ev->kind) {
	case EV_KMALLOC:
	case EV_CACHE_ALLOC:
		ret = object_alloc(replay, ev);
		break;
	case EV_KFREE:
	case EV_CACHE_FREE:
		ret = object_free(replay, ev);
		break;
	case EV_VMAP_ALLOC:
	case EV_VMAP_FREE:
	case EV_VMAP_PURGE:
		return replay->page_window.open ? replay_vmap_event(replay, ev)
						: 0;
	default:
		ret = other_event(replay, ev);
	}
	if (!ret && replay->orders && replay->page_window.open)
		ret = replay_orders_event(replay, ev);
	if (replay->held_more ||
	    replay_slab_pages(replay) != replay->slab_pages_last)
		replay_peak_watch(replay, ev->ts_ns);
	return ret;
}

/* An event in its time: in a window, before both or behind both. */
static int event_pass(struct replay *replay, const struct kmem_event *ev)
{
	if (ev->kind == EV_MARKER)
		return replay_window_marker(replay, ev->name);
	if (replay->page_window.open || replay->slab_window.open) {
		int ret = ev->ts_ns >= replay->due_ns
			      ? time_pass(replay, ev->ts_ns)
			      : 0;

		if (ret)
			return ret;
		replay->last_ts_ns = ev->ts_ns;
		replay->result.events++;
	} else {
		replay->notes.events_outside++;
		if (replay->page_window.closed && replay->slab_window.closed)
			return 0;
	}
	return event_play(replay, ev);
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
	if (ev->slot > replay->events_fed && ev->object)
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
		ret = event_pass(replay, &events[i]);
		if (ret)
			return err_set(
			    err, ret, "replay with model %s stopped: %s",
			    replay->config.model, err_code_text(ret));
	}
	return 0;
}

int replay_finish(struct replay *replay, const struct replay_sink *sink,
		  struct replay_result *result, struct err *err)
{
	int ret;

	replay_window_end(replay);
	ret = replay_samples_end(replay);
	replay_result_complete(replay);
	if (!ret && sink)
		ret = replay_samples_emit(replay, sink);
	if (!ret && sink && sink->cache)
		ret = replay_caches_emit(replay, sink);
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

int replay_possible(const struct replay_config *config, struct err *err)
{
	assert(config->trace && config->model);
	if (strcmp(config->model, "recorded") != 0 &&
	    replay_model_kind(config->model) == SLAB_KIND_UNKNOWN)
		return err_set(err, ERR_USAGE,
			       "no model named '%s'; there are %s",
			       config->model, replay_models());
	if (config->samples < 2 || config->samples > SAMPLES_MAX)
		return err_set(err, ERR_USAGE,
			       "%u samples are not between 2 and %d",
			       config->samples, SAMPLES_MAX);
	if (config->settings.page_size != REPLAY_UNSET &&
	    replay_model_kind(config->model) == SLAB_KIND_SLOB)
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
	replay->mode =
	    replay->recorded ? &replay_recorded_mode : &replay_model_mode;
	replay->kind = replay_model_kind(replay->config.model);
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
	moves_init(&replay->moves, trace);
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
	replay->result.free_pages_start = replay_free_pages(replay);
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
	moves_fini(&replay->moves);
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
