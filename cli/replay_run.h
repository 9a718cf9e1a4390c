/*
 * replay_run: one pass over an input through several replays, with all their
 * rows kept in memory: for the tables, and for a database.
 */
#ifndef CLI_REPLAY_RUN_H
#define CLI_REPLAY_RUN_H

#include <stddef.h>

#include "core/err.h"
#include "core/result.h"
#include "core/source.h"
#include "core/trace.h"
#include "cli/replay_spread.h"
#include "replay/fidelity.h"
#include "replay/order_watch.h"
#include "replay/replay.h"

enum { REPLAY_RUNS_MAX = 8, REPLAY_SAMPLES = 500 };

/* What one replay gave. */
struct replay_run {
	struct replay_result result;
	struct replay_notes notes;
	struct replay_costs costs;
	struct replay_sample *samples; /* by time */
	size_t sample_count;
	struct replay_cache_sample *cache_samples; /* by time */
	size_t cache_sample_count;
	struct replay_cache_result *caches;
	size_t cache_count;
	struct replay_zone *zones; /* by file of the "after" snapshot */
	size_t zone_count;
	struct replay_waterfall waterfall[WATERFALL_MOMENTS];
	struct start_spread bar;     /* where it was asked for */
	struct replay_orders orders; /* order_count 0: not watched */
	/* Private */
	char *model;
	struct replay_settings settings;
	struct replay *replay;
	struct replay_spread spread;
	size_t sample_cap, cache_sample_cap, cache_cap, zone_cap;
};

/* What the models start from (--start). */
enum replay_start_from {
	REPLAY_START_TRACE,    /* the snapshot, and what the trace reveals */
	REPLAY_START_SNAPSHOT, /* the snapshot alone */
};

/* One model with settings of its own. */
struct replay_variant {
	const char *model;
	struct replay_settings settings;
};

struct replay_request {
	/* Comma-separated; NULL: recorded, and the allocator that was. */
	const char *models;
	struct replay_settings settings;
	enum replay_start_from start;
	bool spread; /* with an error bar: ten times the work */
	bool watch_orders;
	bool verify; /* they will be held against the snapshot after */
	/* In place of models and settings, unless there are none. */
	const struct replay_variant *variants;
	size_t variant_count;
};

struct replay_runs {
	struct replay_run runs[REPLAY_RUNS_MAX];
	size_t count;
};

/*
 * Opens input and replays it as replay_runs_make() does. trace must be zeroed;
 * trace_fini() frees it, after a failure too. ERR_MISSING or ERR_FORMAT as
 * fidelity_possible() has them, before anything is replayed.
 */
MUST_CHECK int replay_input(const char *input,
			    const struct replay_request *request,
			    struct trace *trace, struct replay_runs *runs,
			    struct err *err);

/*
 * Replays source, which is at its first event, through the models. runs must be
 * zeroed; replay_runs_fini() frees it, after a failure too. ERR_INTERRUPTED
 * after a signal.
 */
MUST_CHECK int replay_runs_make(struct replay_runs *runs, struct trace *trace,
				struct source *source,
				const struct replay_request *request,
				struct err *err);
void replay_runs_fini(struct replay_runs *runs);

/* How far the replay ends from the snapshot after; as fidelity_compute(). */
MUST_CHECK int replay_run_fidelity(const struct replay_run *run,
				   const struct trace *trace,
				   struct fidelity *fidelity, struct err *err);

#endif
