/*
 * Counts and sums of every sample capture against those of another program:
 * trace-cmd and awk (tests/oracle/sums.sh), run here where trace-cmd is
 * installed, and as they were kept in tests/data/golden.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/capture.h"
#include "tests/support/test.h"

enum { LINES_MAX = 512, LINE_MAX_BYTES = 256, CACHES_MAX = 4096 };

/* The sums as "KEY VALUE" lines. */
struct lines {
	char line[LINES_MAX][LINE_MAX_BYTES];
	size_t count;
};

/* What the oracle adds up for one tracepoint. */
struct sums {
	uint64_t events, pids, failed, null, bytes_req, bytes_alloc, pages;
};

struct totals {
	struct sums sums[EV_KIND_COUNT][2]; /* [1]: the _node variants */
	uint64_t frees[CACHES_MAX];	    /* by name id */
};

static void add_event(struct totals *totals, const struct kmem_event *ev)
{
	struct sums *sums =
	    &totals->sums[ev->kind][(ev->flags & EVF_NODE_VARIANT) != 0];

	sums->events++;
	sums->pids += (uint64_t)ev->pid;
	sums->failed += (ev->flags & EVF_FAILED) != 0;
	sums->null += (ev->flags & EVF_NO_OBJECT) != 0;
	if (ev->kind == EV_CACHE_FREE && ev->name < CACHES_MAX)
		totals->frees[ev->name]++;
	if (ev->flags & EVF_FAILED)
		return;
	sums->bytes_req += ev->bytes_req;
	sums->bytes_alloc += ev->bytes_alloc;
	sums->pages += 1ull << ev->order;
}

static void add_line(struct lines *lines, const char *prefix, const char *event,
		     const char *key, uint64_t value)
{
	if (!value)
		return;
	assert_true(lines->count < LINES_MAX);
	snprintf(lines->line[lines->count++], LINE_MAX_BYTES,
		 "%.60s%.60s.%.60s %" PRIu64, prefix, event, key, value);
}

static bool has_pages(unsigned int kind)
{
	return kind == EV_PAGE_ALLOC || kind == EV_PAGE_FREE ||
	       kind == EV_ZONE_LOCKED || kind == EV_PCPU_DRAIN;
}

static void add_lines(struct lines *lines, const char *prefix,
		      const struct totals *totals, bool text)
{
	for (unsigned int kind = 1; kind < EV_KIND_COUNT; kind++)
		for (int node = 0; node < 2; node++) {
			const struct sums *sums = &totals->sums[kind][node];
			char event[64];

			snprintf(event, sizeof(event), "%s%s",
				 event_kind_word(kind), node ? "_node" : "");
			add_line(lines, prefix, event, "events", sums->events);
			add_line(lines, prefix, event, "pids", sums->pids);
			add_line(lines, prefix, event, "bytes_req",
				 sums->bytes_req);
			add_line(lines, prefix, event, "bytes_alloc",
				 sums->bytes_alloc);
			if (text)
				continue;
			add_line(lines, prefix, event, "failed", sums->failed);
			if (kind == EV_KFREE)
				add_line(lines, prefix, event, "null",
					 sums->null);
			if (has_pages(kind))
				add_line(lines, prefix, event, "pages",
					 sums->pages);
		}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void decode_sums(const char *dir, struct lines *lines)
{
	struct totals *totals = calloc(1, sizeof(*totals));
	struct kmem_event events[SOURCE_BATCH];
	struct source *source = NULL;
	struct trace trace = {0};
	struct err err = {0};
	char path[512];
	size_t count;
	FILE *text;

	assert_int_equal(capture_open(dir, &trace, &source, &err), 0);
	do {
		assert_int_equal(
		    source_read(source, events, SOURCE_BATCH, &count, &err), 0);
		for (size_t i = 0; i < count; i++)
			add_event(totals, &events[i]);
	} while (count);
	add_lines(lines, "", totals, false);
	for (uint32_t id = 1; id < CACHES_MAX; id++) {
		char key[96];

		snprintf(key, sizeof(key), "cache.%s",
			 names_get(&trace.names, id));
		add_line(lines, "", "kmem_cache_free", key, totals->frees[id]);
	}
	snprintf(path, sizeof(path), "%s/trace.txt", dir);
	text = fopen(path, "r");
	if (text) {
		add_lines(lines, "text.", totals, true);
		fclose(text);
	}
	qsort(lines->line, lines->count, LINE_MAX_BYTES, by_text);
	source_close(source);
	trace_fini(&trace);
	free(totals);
}

/* Line by line, so that a failure names the sum. */
static void expect_same(const struct lines *lines, FILE *file)
{
	char line[LINE_MAX_BYTES];
	size_t at = 0;

	while (fgets(line, sizeof(line), file)) {
		line[strcspn(line, "\n")] = '\0';
		expect_true(at < lines->count);
		expect_str_eq(lines->line[at], line);
		at++;
	}
	expect_u64_eq(lines->count, at);
	expect_true(at > 0);
}

static void check(const char *name)
{
	const char *dir = test_capture(name);
	struct lines *lines = calloc(1, sizeof(*lines));
	char text[512];
	FILE *file;

	assert_non_null(dir);
	assert_non_null(lines);
	decode_sums(dir, lines);
	snprintf(text, sizeof(text), "tests/data/golden/%s.sums.txt", name);
	file = fopen(text, "r");
	assert_non_null(file);
	expect_same(lines, file);
	fclose(file);
	if (!system("command -v trace-cmd >/dev/null 2>&1")) {
		snprintf(text, sizeof(text), "sh tests/oracle/sums.sh %s", dir);
		file = popen(text, "r");
		assert_non_null(file);
		expect_same(lines, file);
		expect_i64_eq(pclose(file), 0);
	} else {
		print_message("trace-cmd is not installed: golden sums only\n");
	}
	free(lines);
}

static void test_mixed_slub(void **state)
{
	(void)state;
	check("mixed-slub");
}

static void test_mixed_slab(void **state)
{
	(void)state;
	check("mixed-slab");
}

static void test_mixed_slob(void **state)
{
	(void)state;
	check("mixed-slob");
}

static void test_files_slub(void **state)
{
	(void)state;
	check("files-slub");
}

static void test_arm32_partial(void **state)
{
	(void)state;
	check("arm32-partial");
}

static void test_mixed_arm64_64k(void **state)
{
	(void)state;
	check("mixed-arm64-64k");
}

static void test_debian61_boot_kmalloc(void **state)
{
	(void)state;
	check("debian61-boot-kmalloc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mixed_slub),
	    cmocka_unit_test(test_mixed_slab),
	    cmocka_unit_test(test_mixed_slob),
	    cmocka_unit_test(test_files_slub),
	    cmocka_unit_test(test_arm32_partial),
	    cmocka_unit_test(test_mixed_arm64_64k),
	    cmocka_unit_test(test_debian61_boot_kmalloc),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
