/*
 * The baseline is replayed here; the what-ifs in children, a few in each, for
 * these share the reading of the input, which takes longer than a model does.
 */
#include "cli/advise_replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "cli/input.h"
#include "cli/feed.h"
#include "cli/jobs.h"
#include "cli/replay_run.h"
#include "replay/fidelity.h"
#include "replay/kmalloc.h"
#include "replay/slab_merge.h"

enum { BATCH_MAX = 4 };
_Static_assert((int)BATCH_MAX < (int)REPLAY_RUNS_MAX,
	       "one run learns the start");

/* What one child hands back. */
struct batch {
	struct advice_outcome outcomes[BATCH_MAX];
};

/* Some of the what-ifs, each of them in a job with its neighbours. */
struct round {
	const char *input;
	struct advice *advice;
	const size_t *rows; /* numbers of advice->rows */
	size_t count, each; /* rows in all, and in one job */
};

/* ---- One replay ---- */

static void outcome_of(const struct replay_run *run, const struct trace *trace,
		       struct advice_outcome *out)
{
	const struct replay_costs *costs = &run->costs;
	uint32_t order = trace->before.pageblock_order;

	*out = (struct advice_outcome){
	    .held_peak = costs->held_pages_peak,
	    .held_end = costs->held_pages_end,
	    .free_end = run->result.free_pages_end,
	    .has_free = run->result.order_count > 0,
	    .slab_grows = costs->slab_grows,
	    .slab_shrinks = costs->slab_shrinks,
	    .slow_allocs = costs->slow_allocs,
	    .slow_frees = costs->slow_frees,
	    .has_slow = !strcmp(run->result.model, "slub"),
	    .failed = run->result.failed,
	    .fallbacks = run->result.fallbacks,
	    .order_fallbacks = costs->order_fallbacks,
	    .user_pages = costs->user_pages_end,
	    .list_visits = costs->pcp_refills + costs->pcp_drains,
	};
	if (!run->sample_count)
		return;
	out->pcp_end = run->samples[run->sample_count - 1].pcp_pages;
	if (order < run->result.order_count)
		out->unusable =
		    run->samples[run->sample_count - 1].unusable[order];
}

static int variant_of_row(const struct what_if *what,
			  struct replay_variant *variant, struct err *err)
{
	*variant = (struct replay_variant){.model = what->model,
					   .settings = replay_settings_none()};
	return what->setting[0] ? replay_settings_parse(&variant->settings,
							what->setting, err)
				: 0;
}

/* ---- The baseline ---- */

static int error_measure(struct advice *advice, const struct trace *trace,
			 const struct replay_run *run, struct err *err)
{
	struct fidelity fidelity;
	int ret;

	if (fidelity_possible(trace, NULL))
		return 0;
	ret = replay_run_fidelity(run, trace, &fidelity, err);
	if (ret)
		return ret;
	advice->has_error = fidelity.has_slabs;
	advice->error =
	    fidelity.slab_pages_delta - fidelity.slab_pages_recorded_delta;
	fidelity_fini(&fidelity);
	return 0;
}

static int baseline_replay(struct advice *advice, struct trace *trace,
			   struct source *source, uint64_t *events,
			   struct err *err)
{
	struct replay_runs runs = {0};
	struct replay_variant variant;
	struct replay_request request = {.variants = &variant,
					 .variant_count = 1};
	int ret = variant_of_row(&advice->baseline.what, &variant, err);

	if (!ret)
		ret = replay_runs_make(&runs, trace, source, &request, err);
	if (!ret)
		ret = error_measure(advice, trace, &runs.runs[0], err);
	if (!ret) {
		outcome_of(&runs.runs[0], trace, &advice->baseline.outcome);
		*events = runs.runs[0].result.events;
	}
	replay_runs_fini(&runs);
	return ret;
}

/* What the first reading finds out. */
struct findings {
	struct live_sizes sizes;
	struct user_pages *users;
};

static int findings_take(void *sink, const struct kmem_event *events,
			 size_t count, struct err *err)
{
	struct findings *findings = sink;
	int ret = live_sizes_feed(&findings->sizes, events, count, err);

	return ret ? ret : user_pages_feed(findings->users, events, count, err);
}

/* Of SLOB, which has no classes, there are none. */
static int plan(struct advice *advice, const struct trace *trace,
		const struct live_sizes *sizes, struct err *err)
{
	uint32_t classes[KMALLOC_CLASSES_MAX];
	struct kmalloc_rules rules;
	struct advice_facts facts = {
	    .info = &trace->info,
	    .snapshot =
		trace->before.cache_count ? &trace->before : &trace->after,
	    .classes = classes,
	    .sizes = sizes,
	    .symbols = &trace->symbols,
	};
	int ret = kmalloc_rules_init(&rules, &trace->info, facts.snapshot);

	if (ret)
		return err_set(err, ret, "no kmalloc classes for page size %u",
			       trace->info.page_size);
	facts.class_align = rules.align;
	if (!rules.header)
		facts.class_count = rules.count[KMALLOC_NORMAL];
	for (size_t i = 0; i < facts.class_count; i++)
		classes[i] = rules.classes[KMALLOC_NORMAL][i].bytes;
	facts.merged = slab_merge_recorded(facts.snapshot);
	return advice_plan(advice, &facts, err);
}

/* ---- The what-ifs ---- */

/* In a child: the rows of one job, in one pass over the input. */
static int batch_replay(void *context, size_t number, void *result,
			struct err *err)
{
	const struct round *round = context;
	size_t first = number * round->each;
	size_t count = round->count - first < round->each ? round->count - first
							  : round->each;
	struct replay_variant variants[BATCH_MAX];
	struct replay_request request = {.variants = variants,
					 .variant_count = count};
	struct trace trace = {0};
	struct replay_runs runs = {0};
	struct batch *batch = result;
	int ret = 0;

	for (size_t i = 0; i < count && !ret; i++)
		ret = variant_of_row(
		    &round->advice->rows[round->rows[first + i]].what,
		    &variants[i], err);
	if (!ret)
		ret = replay_input(round->input, &request, &trace, &runs, err);
	for (size_t i = 0; i < count && !ret; i++)
		outcome_of(&runs.runs[i], &trace, &batch->outcomes[i]);
	replay_runs_fini(&runs);
	trace_fini(&trace);
	return ret;
}

/* Most memory that this process had: that of one replay, about. */
static uint64_t memory_of_replay(void)
{
	struct rusage usage;

	return getrusage(RUSAGE_SELF, &usage)
		   ? 0
		   : (uint64_t)usage.ru_maxrss * 1024;
}

/*
 * Replays the rows of a round, each rows to a job. Those of jobs that failed
 * are left in failed, which has room for all of them.
 */
static int round_run(const struct round *round, uint64_t events, size_t *failed,
		     size_t *failed_count, struct err *err)
{
	size_t count = (round->count + round->each - 1) / round->each;
	struct jobs jobs = {
	    .what = "what-ifs",
	    .count = count,
	    .at_once = jobs_at_once(memory_of_replay() * round->each),
	    .result_size = sizeof(struct batch),
	    .work = batch_replay,
	    .context = (void *)round,
	    .events = events * round->each,
	};
	struct batch *results = calloc(count + 1, sizeof(*results));
	struct err *errs = calloc(count + 1, sizeof(*errs));
	int ret;

	*failed_count = 0;
	if (!results || !errs) {
		free(results);
		free(errs);
		return err_set(err, ERR_NOMEM, "advise: out of memory");
	}
	ret = jobs_run(&jobs, results, errs, err);
	for (size_t i = 0; i < round->count && !ret; i++) {
		size_t job = i / round->each, row = round->rows[i];
		struct advice_outcome *out = &round->advice->rows[row].outcome;

		if (!errs[job].code) {
			*out = results[job].outcomes[i % round->each];
			continue;
		}
		failed[(*failed_count)++] = row;
		snprintf(out->why_not, sizeof(out->why_not), "%s",
			 errs[job].text);
	}
	free(results);
	free(errs);
	return ret;
}

/*
 * All of them; where one cannot be replayed, its job ends and the others of it
 * are done once more, each alone.
 */
static int what_ifs_replay(struct advice *advice, const char *input,
			   uint64_t events, struct err *err)
{
	size_t *rows = calloc(advice->count + 1, sizeof(*rows));
	size_t *failed = calloc(advice->count + 1, sizeof(*failed));
	size_t cpus = jobs_at_once(0), left = 0;
	struct round round = {.input = input,
			      .advice = advice,
			      .rows = rows,
			      .count = advice->count,
			      .each = (advice->count + cpus - 1) / cpus};
	int ret = 0;

	if (round.each > BATCH_MAX)
		round.each = BATCH_MAX;
	if (!rows || !failed) {
		free(rows);
		free(failed);
		return err_set(err, ERR_NOMEM, "advise: out of memory");
	}
	for (size_t i = 0; i < advice->count; i++)
		rows[i] = i;
	if (round.count)
		ret = round_run(&round, events, failed, &left, err);
	if (!ret && left && round.each > 1) {
		memcpy(rows, failed, left * sizeof(*rows));
		round.count = left;
		round.each = 1;
		ret = round_run(&round, events, failed, &left, err);
	}
	free(rows);
	free(failed);
	return ret;
}

int advise_replay(const char *input, struct trace *trace, struct advice *advice,
		  struct user_pages *users, struct err *err)
{
	struct findings findings = {.users = users};
	struct source *source = NULL;
	uint64_t events = 0;
	int ret = input_open(input, trace, &source, err);

	if (!ret) {
		user_pages_init(users, trace);
		ret = feed_all(source, "sizes", findings_take, &findings, err);
	}
	if (!ret) {
		user_pages_finish(users);
		ret = plan(advice, trace, &findings.sizes, err);
	}
	live_sizes_fini(&findings.sizes);
	if (!ret)
		ret = source_rewind(source, err);
	if (!ret)
		ret = baseline_replay(advice, trace, source, &events, err);
	source_close(source);
	if (!ret)
		ret = what_ifs_replay(advice, input, events, err);
	if (!ret) {
		advice_count_users(advice, users);
		advice_rank(advice);
	}
	return ret;
}
