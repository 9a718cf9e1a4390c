/*
 * bench_replay CAPTURE: events per second of decoding and linking alone, and of
 * each replay model on top of it, by CPU time of this thread.
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "parser/capture.h"
#include "parser/link.h"
#include "replay/replay.h"

enum { ROUNDS = 3 };

static double cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* One pass over the capture; model NULL: nothing is done with the events. */
static int pass(const char *dir, const char *model, uint64_t *events,
		double *seconds, double *model_seconds, struct err *err)
{
	struct kmem_event batch[SOURCE_BATCH];
	struct trace trace = {0};
	struct source *source = NULL, *raw;
	struct replay *replay = NULL;
	struct replay_config config = {.trace = &trace,
				       .model = model,
				       .settings = replay_settings_none(),
				       .samples = 500};
	struct replay_result result;
	double start = cpu_seconds(), inside = 0;
	size_t count = 1;
	int ret = capture_open(dir, &trace, &raw, err);

	if (!ret)
		ret = link_open(raw, &trace, &source, err);
	if (!ret && model)
		ret = replay_create(&replay, &config, err);
	*events = 0;
	while (!ret && count) {
		double fed;

		ret = source_read(source, batch, SOURCE_BATCH, &count, err);
		*events += count;
		fed = cpu_seconds();
		if (!ret && replay)
			ret = replay_feed(replay, batch, count, err);
		inside += cpu_seconds() - fed;
	}
	if (!ret && replay)
		ret = replay_finish(replay, NULL, &result, err);
	*seconds = cpu_seconds() - start;
	*model_seconds = inside;
	replay_destroy(replay);
	source_close(source);
	trace_fini(&trace);
	return ret;
}

/* The best of some rounds: what the machine can, not what else it does. */
static int measure(const char *dir, const char *model)
{
	double best = 1e9, best_inside = 1e9;
	uint64_t events = 0;

	for (int round = 0; round < ROUNDS; round++) {
		struct err err = {0};
		double seconds, inside;

		if (pass(dir, model, &events, &seconds, &inside, &err)) {
			fprintf(stderr, "bench_replay: %s\n", err.text);
			return 1;
		}
		if (seconds < best)
			best = seconds;
		if (inside < best_inside)
			best_inside = inside;
	}
	printf("%-16s %10" PRIu64 " events %8.2f M/s %8.1f ns/event",
	       model ? model : "decode and link", events,
	       (double)events / best / 1e6, best * 1e9 / (double)events);
	if (model)
		printf(", model alone %6.1f",
		       best_inside * 1e9 / (double)events);
	puts("");
	return 0;
}

int main(int argc, char **argv)
{
	static const char *const models[] = {NULL, "recorded", "slub", "slab"};

	if (argc != 2) {
		fprintf(stderr, "usage: bench_replay CAPTURE\n");
		return 2;
	}
	for (size_t i = 0; i < sizeof(models) / sizeof(*models); i++)
		if (measure(argv[1], models[i]))
			return 1;
	return 0;
}
