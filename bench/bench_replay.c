/*
 * bench_replay CAPTURE MODEL [REPEATS [ROUNDS]]: one pass over a capture, from
 * opening it to the result: decoding, linking and one replay model, in one
 * thread. MODEL "none": decoding and linking alone.
 *
 * REPEATS takes the capture so many times over, one after the other, as one long
 * recording in which the same objects live and die: memory must not grow with
 * it. peak_rss is this process's, live_peak the most objects alive at once: a
 * pass of its own counts them, so that no time of a replay is for counting.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench_clock.h"
#include "bench/repeat_source.h"
#include "parser/capture.h"
#include "parser/link.h"
#include "replay/replay.h"

struct pass {
	const char *dir, *model;
	unsigned int repeats;
	bool counts_live;
	/* Results */
	uint64_t events, live, live_peak;
};

static int open_linked(const struct pass *pass, struct trace *trace,
		       struct source **source, struct err *err)
{
	int ret = capture_open(pass->dir, trace, source, err);

	if (!ret && pass->repeats > 1)
		ret = repeat_open(*source, trace, pass->repeats, source, err);
	return ret ? ret : link_open(*source, trace, source, err);
}

static void count_live(struct pass *pass, const struct kmem_event *events,
		       size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!events[i].object)
			continue;
		if (event_creates(&events[i]))
			pass->live++;
		else if (event_ends(&events[i]))
			pass->live--;
		if (pass->live > pass->live_peak)
			pass->live_peak = pass->live;
	}
}

static int play(struct pass *pass, struct source *source, struct replay *replay,
		struct err *err)
{
	struct kmem_event batch[SOURCE_BATCH];
	struct replay_result result;
	size_t count = 1;
	int ret = 0;

	while (!ret && count) {
		ret = source_read(source, batch, SOURCE_BATCH, &count, err);
		pass->events += ret ? 0 : count;
		if (!ret && pass->counts_live)
			count_live(pass, batch, count);
		if (!ret && replay)
			ret = replay_feed(replay, batch, count, err);
	}
	return ret || !replay ? ret : replay_finish(replay, NULL, &result, err);
}

/* best: NULL for a pass that is not timed. */
static int run(struct pass *pass, struct bench_time *best, struct err *err)
{
	struct trace trace = {.unwanted = TRACE_AFTER_PAGES};
	struct source *source = NULL;
	struct replay *replay = NULL;
	struct replay_config config = {.trace = &trace,
				       .model = pass->model,
				       .settings = replay_settings_none(),
				       .samples = 500};
	struct bench_time start = bench_now();
	int ret = open_linked(pass, &trace, &source, err);

	pass->events = 0;
	if (!ret && strcmp(pass->model, "none") != 0)
		ret = replay_create(&replay, &config, err);
	if (!ret)
		ret = play(pass, source, replay, err);
	if (best)
		bench_keep_best(best, bench_since(start));
	replay_destroy(replay);
	source_close(source);
	trace_fini(&trace);
	return ret;
}

int main(int argc, char **argv)
{
	int repeats = argc > 3 ? atoi(argv[3]) : 1;
	int rounds = argc > 4 ? atoi(argv[4]) : 5;
	struct bench_time best = {0};
	int ret = 0;
	struct pass pass, counting;
	struct err err = {0};

	if (argc < 3 || repeats < 1 || rounds < 1) {
		fputs("bench_replay CAPTURE MODEL [REPEATS [ROUNDS]]\n",
		      stderr);
		return 2;
	}
	pass = (struct pass){
	    .dir = argv[1], .model = argv[2], .repeats = (unsigned int)repeats};
	counting = pass;
	counting.model = "none";
	counting.counts_live = true;
	for (int round = 0; round < rounds && !ret; round++)
		ret = run(&pass, &best, &err);
	if (!ret)
		ret = run(&counting, NULL, &err);
	if (ret) {
		fprintf(stderr, "bench_replay: %s\n", err.text);
		return 2;
	}
	printf("events %" PRIu64 " events\n", pass.events);
	bench_print("replay", best);
	printf("peak_rss %ld KiB\nlive_peak %" PRIu64 " objects\n",
	       bench_peak_kib(), counting.live_peak);
	return 0;
}
