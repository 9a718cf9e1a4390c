#include "cli/replay_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/input.h"
#include "cli/progress.h"
#include "cli/signals.h"
#include "core/array.h"

static int keep_sample(void *context, const struct replay_sample *sample)
{
	struct replay_run *run = context;

	if (array_reserve(&run->samples, &run->sample_cap,
			  run->sample_count + 1, sizeof(*sample)))
		return ERR_NOMEM;
	run->samples[run->sample_count++] = *sample;
	return 0;
}

static int keep_cache_sample(void *context,
			     const struct replay_cache_sample *sample)
{
	struct replay_run *run = context;

	if (array_reserve(&run->cache_samples, &run->cache_sample_cap,
			  run->cache_sample_count + 1, sizeof(*sample)))
		return ERR_NOMEM;
	run->cache_samples[run->cache_sample_count++] = *sample;
	return 0;
}

static int keep_cache(void *context, const struct replay_cache_result *cache)
{
	struct replay_run *run = context;

	if (array_reserve(&run->caches, &run->cache_cap, run->cache_count + 1,
			  sizeof(*cache)))
		return ERR_NOMEM;
	run->caches[run->cache_count++] = *cache;
	return 0;
}

static int keep_zone(void *context, const struct replay_zone *zone)
{
	struct replay_run *run = context;

	if (array_reserve(&run->zones, &run->zone_cap, run->zone_count + 1,
			  sizeof(*zone)))
		return ERR_NOMEM;
	run->zones[run->zone_count++] = *zone;
	return 0;
}

static int keep_waterfall(void *context,
			  const struct replay_waterfall *waterfall)
{
	struct replay_run *run = context;

	run->waterfall[waterfall->moment] = *waterfall;
	return 0;
}

static int run_add(struct replay_runs *runs, const char *model,
		   const struct replay_settings *settings, struct err *err)
{
	struct replay_run *run;

	if (runs->count == REPLAY_RUNS_MAX)
		return err_set(err, ERR_LIMIT,
			       "at most %d models in one replay",
			       REPLAY_RUNS_MAX);
	run = &runs->runs[runs->count++];
	run->settings = *settings;
	run->model = strdup(model);
	return run->model ? 0 : err_set(err, ERR_NOMEM, "out of memory");
}

static int runs_add(struct replay_runs *runs,
		    const struct replay_request *request, struct err *err)
{
	char *list, *rest, *model;
	int ret = 0;

	for (size_t i = 0; i < request->variant_count && !ret; i++)
		ret = run_add(runs, request->variants[i].model,
			      &request->variants[i].settings, err);
	if (request->variant_count)
		return ret;
	list = rest = strdup(request->models);
	if (!list)
		return err_set(err, ERR_NOMEM, "out of memory");
	while (!ret && (model = strsep(&rest, ",")))
		ret = run_add(runs, model, &request->settings, err);
	free(list);
	return ret;
}

static uint64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Gives all events to every run. */
static int feed(struct replay_runs *runs, struct source *source,
		struct err *err)
{
	struct kmem_event events[SOURCE_BATCH];
	struct progress progress;
	uint64_t done = 0;
	size_t count;
	int ret;

	progress_start(&progress, "replay");
	do {
		ret = source_read(source, events, SOURCE_BATCH, &count, err);
		for (size_t i = 0; i < runs->count && !ret; i++) {
			struct replay_run *run = &runs->runs[i];
			uint64_t start = cpu_ns();

			ret = replay_feed(run->replay, events, count, err);
			run->result.wall_ns += cpu_ns() - start;
			if (!ret)
				ret = replay_spread_feed(&run->spread, events,
							 count, err);
		}
		done += count;
		progress_draw(&progress, source_position(source), done);
		if (!ret && signals_seen())
			ret = err_set(err, ERR_INTERRUPTED, "interrupted");
	} while (!ret && count);
	progress_end(&progress);
	return ret;
}

static int spread_finish(struct replay_run *run, struct err *err)
{
	const struct replay_sample *last =
	    run->sample_count ? &run->samples[run->sample_count - 1] : NULL;
	struct start_end usual = start_end_of(NULL, &run->result, last);

	return replay_spread_finish(&run->spread, &usual, &run->bar, err);
}

static int run_finish(struct replay_run *run, struct err *err)
{
	struct replay_sink sink = {.sample = keep_sample,
				   .cache_sample = keep_cache_sample,
				   .cache = keep_cache,
				   .zone = keep_zone,
				   .waterfall = keep_waterfall,
				   .context = run};
	uint64_t wall_ns = run->result.wall_ns, start = cpu_ns();
	int ret = replay_finish(run->replay, &sink, &run->result, err);

	run->result.wall_ns = wall_ns + cpu_ns() - start;
	run->notes = *replay_notes(run->replay);
	if (replay_orders(run->replay))
		run->orders = *replay_orders(run->replay);
	run->costs = *replay_costs(run->replay);
	replay_destroy(run->replay);
	run->replay = NULL;
	if (!ret)
		ret = spread_finish(run, err);
	replay_spread_fini(&run->spread);
	return ret;
}

/* Makes the replays, and those of their error bars. */
static int runs_create(struct replay_runs *runs, struct replay_config config,
		       bool spread, struct err *err)
{
	int ret = 0;

	for (size_t i = 0; i < runs->count && !ret; i++) {
		struct replay_run *run = &runs->runs[i];

		config.model = run->model;
		config.settings = run->settings;
		ret = replay_create(&run->replay, &config, err);
		if (!ret && spread)
			ret = replay_spread_create(&run->spread, &config, err);
	}
	return ret;
}

static void run_fini(struct replay_run *run)
{
	replay_destroy(run->replay);
	replay_spread_fini(&run->spread);
	free(run->model);
	free(run->samples);
	free(run->cache_samples);
	free(run->caches);
	free(run->zones);
	*run = (struct replay_run){0};
}

int replay_runs_make(struct replay_runs *runs, struct trace *trace,
		     struct source *source,
		     const struct replay_request *request, struct err *err)
{
	struct replay_config config = {.trace = trace,
				       .settings = replay_settings_none(),
				       .samples = REPLAY_SAMPLES,
				       .watch_orders = request->watch_orders,
				       .snapshot_only = request->start ==
							REPLAY_START_SNAPSHOT};
	int ret = runs_add(runs, request, err);

	for (size_t i = 0; i < runs->count && !ret; i++) {
		config.model = runs->runs[i].model;
		config.settings = runs->runs[i].settings;
		ret = replay_possible(&config, err);
	}
	if (!ret)
		ret = runs_create(runs, config, request->spread, err);
	if (!ret)
		ret = feed(runs, source, err);
	for (size_t i = 0; i < runs->count && !ret; i++)
		ret = run_finish(&runs->runs[i], err);
	return ret;
}

void replay_runs_fini(struct replay_runs *runs)
{
	for (size_t i = 0; i < runs->count; i++)
		run_fini(&runs->runs[i]);
	*runs = (struct replay_runs){0};
}

int replay_run_fidelity(const struct replay_run *run, const struct trace *trace,
			struct fidelity *fidelity, struct err *err)
{
	struct fidelity_input input = {
	    .trace = trace,
	    .result = &run->result,
	    .notes = &run->notes,
	    .caches = run->caches,
	    .cache_count = run->cache_count,
	    .zones = run->zones,
	    .zone_count = run->zone_count,
	};

	return fidelity_compute(fidelity, &input, err);
}

/* enum trace_part: what the replays of a request do not need of a capture. */
static uint32_t unwanted_parts(const struct replay_request *request)
{
	bool models = request->variant_count || !request->models ||
		      strcmp(request->models, "recorded") != 0;
	uint32_t unwanted = request->verify ? 0 : TRACE_AFTER_PAGES;

	if (!models || request->start == REPLAY_START_SNAPSHOT)
		unwanted |= TRACE_REVEALS;
	return unwanted;
}

int replay_input(const char *input, const struct replay_request *request,
		 struct trace *trace, struct replay_runs *runs, struct err *err)
{
	struct replay_request asked = *request;
	struct source *source = NULL;
	char own[32];
	int ret;

	trace->unwanted = unwanted_parts(request);
	ret = input_open(input, trace, &source, err);
	if (!ret && request->verify)
		ret = fidelity_possible(trace, err);
	if (!asked.models) {
		snprintf(own, sizeof(own), "recorded,%s",
			 slab_kind_model(trace->info.slab_kind));
		asked.models = own;
	}
	if (!ret)
		ret = replay_runs_make(runs, trace, source, &asked, err);
	source_close(source);
	return ret;
}
