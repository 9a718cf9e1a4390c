/*
 * bench_decode INPUT [ROUNDS]: decoding alone, of a capture or a trace as text
 * opened once: pages read, records decoded, CPUs merged by time, or lines taken
 * apart; nothing linked. One thread. Opening (formats, symbols, snapshots) is
 * printed apart.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench_clock.h"
#include "parser/capture.h"
#include "parser/text_trace.h"

static int read_all(struct source *source, uint64_t *events, struct err *err)
{
	struct kmem_event batch[SOURCE_BATCH];
	size_t count = 1;
	int ret = 0;

	*events = 0;
	while (!ret && count) {
		ret = source_read(source, batch, SOURCE_BATCH, &count, err);
		if (!ret)
			*events += count;
	}
	return ret;
}

static int measure(struct source *source, int rounds, struct err *err)
{
	struct bench_time best = {0};
	uint64_t events = 0;
	int ret = 0;

	for (int round = 0; round < rounds && !ret; round++) {
		struct bench_time start = bench_now();

		ret = read_all(source, &events, err);
		bench_keep_best(&best, bench_since(start));
		if (!ret)
			ret = source_rewind(source, err);
	}
	if (ret)
		return ret;
	printf("events %" PRIu64 " events\n", events);
	bench_print("decode", best);
	return 0;
}

int main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[2]) : 5;
	struct source *source = NULL;
	struct trace trace = {0};
	struct err err = {0};
	struct bench_time start;
	int ret;

	if (argc < 2 || rounds < 1) {
		fputs("bench_decode INPUT [ROUNDS]\n", stderr);
		return 2;
	}
	start = bench_now();
	ret = text_trace_is(argv[1])
		  ? text_trace_open(argv[1], &trace, &source, &err)
		  : capture_open(argv[1], &trace, &source, &err);
	if (!ret) {
		bench_print("open", bench_since(start));
		ret = measure(source, rounds, &err);
	}
	source_close(source);
	trace_fini(&trace);
	if (ret)
		fprintf(stderr, "bench_decode: %s\n", err.text);
	return ret ? 2 : 0;
}
