/*
 * bench_decode INPUT [ROUNDS]: decoding alone, of a capture, trace.dat,
 * perf.data or text opened once: bytes read and unpacked, records decoded, CPUs
 * merged by time, or lines taken apart; nothing linked. One thread. Opening
 * (formats, symbols, snapshots) is printed apart.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench_clock.h"
#include "parser/capture.h"
#include "parser/dat_file.h"
#include "parser/perf_data.h"
#include "parser/perf_file.h"
#include "parser/text_trace.h"
#include "parser/trace_dat.h"

static int open_input(const char *path, struct trace *trace,
		      struct source **source, struct err *err)
{
	if (dat_file_is(path))
		return trace_dat_open(path, NULL, trace, source, err);
	if (perf_file_is(path))
		return perf_data_open(path, trace, source, err);
	if (text_trace_is(path))
		return text_trace_open(path, trace, source, err);
	return capture_open(path, trace, source, err);
}

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
	ret = open_input(argv[1], &trace, &source, &err);
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
