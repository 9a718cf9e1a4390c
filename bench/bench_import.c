/*
 * bench_import CAPTURE [REPEATS [ROUNDS]]: import beside a bare SQLite loop.
 *
 * The same rows, in turn, ROUNDS times; the best of each counts. Import is all
 * of it: opening the capture, decoding, linking, counting, inserting, fsync and
 * rename. Files are made in TMPDIR, else /tmp.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/bare_insert.h"
#include "bench/bench_clock.h"
#include "bench/repeat_source.h"
#include "cli/import.h"
#include "parser/capture.h"
#include "parser/link.h"

static int import_capture(const char *dir, unsigned int repeats,
			  const char *output, struct import_counts *counts,
			  struct err *err)
{
	struct import_options options = {.overwrite = true};
	struct trace trace = {0};
	struct source *source = NULL;
	int ret = capture_open(dir, &trace, &source, err);

	if (!ret)
		ret = repeat_open(source, &trace, repeats, &source, err);
	if (!ret)
		ret = link_open(source, &trace, &source, err);
	if (!ret) {
		ret = import_source(source, &trace, output, &options, counts,
				    err);
		source_close(source);
	}
	trace_fini(&trace);
	return ret;
}

struct best {
	struct bench_time import, bare;
};

static int measure(const char *dir, unsigned int repeats, const char *output,
		   struct import_counts *counts, struct best *best,
		   struct err *err)
{
	struct bench_time start, bare = {0};
	char loop_output[256];
	int ret;

	snprintf(loop_output, sizeof(loop_output), "%s.bare", output);
	start = bench_now();
	ret = import_capture(dir, repeats, output, counts, err);
	bench_keep_best(&best->import, bench_since(start));
	if (!ret)
		ret = bare_insert(output, loop_output, &bare, err);
	unlink(loop_output);
	bench_keep_best(&best->bare, bare);
	return ret;
}

int main(int argc, char **argv)
{
	unsigned int repeats = argc > 2 ? (unsigned int)atoi(argv[2]) : 1;
	int rounds = argc > 3 ? atoi(argv[3]) : 3;
	const char *tmp = getenv("TMPDIR");
	struct import_counts counts = {0};
	struct best best = {0};
	struct err err = {0};
	struct stat st = {0};
	char output[200];
	int ret = 0;

	if (argc < 2 || !repeats || rounds < 1) {
		fputs("bench_import CAPTURE [REPEATS [ROUNDS]]\n", stderr);
		return 2;
	}
	snprintf(output, sizeof(output), "%.100s/bench-import-%ld.db",
		 tmp ? tmp : "/tmp", (long)getpid());
	for (int round = 0; round < rounds && !ret; round++)
		ret = measure(argv[1], repeats, output, &counts, &best, &err);
	if (ret || stat(output, &st)) {
		fprintf(stderr, "bench_import: %s\n", err.text);
		unlink(output);
		return 2;
	}
	unlink(output);
	printf("rows %" PRIu64 " events\n", counts.events + counts.synthetic);
	printf("database %jd bytes\n", (intmax_t)st.st_size);
	bench_print("import", best.import);
	bench_print("bare", best.bare);
	return 0;
}
