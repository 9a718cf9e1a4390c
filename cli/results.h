/*
 * results: what the pictures and the summary need of a database, in memory.
 */
#ifndef CLI_RESULTS_H
#define CLI_RESULTS_H

#include "core/err.h"
#include "core/result.h"
#include "core/trace.h"

/* One replay that the database keeps. */
struct results_run {
	struct replay_result result;
	struct replay_sample *samples; /* by time */
	size_t sample_count;
	struct replay_cache_sample *caches; /* by time */
	size_t cache_count;
	struct replay_waterfall waterfall[WATERFALL_MOMENTS];
};

struct results {
	struct trace trace;
	struct site_summary *sites;
	size_t site_count;
	struct results_run *runs; /* the recorded one first, if there is one */
	size_t run_count;
	struct memory_map map; /* rows 0: not known */
};

/* results must be zeroed; results_fini() frees it, after a failure too. */
MUST_CHECK int results_load(const char *path, struct results *results,
			    struct err *err);
void results_fini(struct results *results);

#endif
