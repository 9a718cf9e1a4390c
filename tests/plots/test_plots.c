/*
 * Pictures from made-up input. What they look like nobody but a person can
 * judge: TEST_PLOTS_DIR=DIR keeps them there, one directory per input.
 */
#include "plots/plots.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/event.h"
#include "tests/support/test.h"

enum { SAMPLES_MAX = 300, CACHES_MAX = 64, SITES_MAX = 40, ORDERS = 11 };

/* How an input differs from the ordinary one. */
struct shape {
	const char *name;
	size_t samples, caches, series, sites;
	bool wasteless, hostile, lossy, figures;
	uint64_t span_ns;
	uint32_t page_size;
	uint32_t orders;
};

struct fixture {
	struct trace trace;
	struct cpu_loss loss;
	struct replay_result results[PLOT_SERIES_MAX + 1];
	struct plot_series series[PLOT_SERIES_MAX + 1];
	struct replay_sample samples[PLOT_SERIES_MAX + 1][SAMPLES_MAX];
	struct replay_cache_sample caches[PLOT_SERIES_MAX + 1]
					 [SAMPLES_MAX * CACHES_MAX];
	struct replay_waterfall waterfall[PLOT_SERIES_MAX + 1]
					 [WATERFALL_MOMENTS];
	struct site_summary sites[SITES_MAX];
	struct memory_cell cells[20 * 30];
	struct memory_map map;
	struct plot_input input;
	uint32_t cache_names[CACHES_MAX];
};

/* Absolute: what gnuplot leaves in its own directory is removed. */
#define PWNED "/tmp/kmem-test-plots-pwned"

static const char *const hostile_names[] = {
    "\"; system(\"touch /tmp/kmem-test-plots-pwned\") #",
    "`touch /tmp/kmem-test-plots-pwned`",
    "<img src=x onerror=alert(1)>",
    "a_b^c{d}@e&f",
    "back\\slash \\n \\U+1F600 \\\"",
    "line\nbreak\ttab\033[31m",
    "%s%n%d 100%",
    "@plot $0 'x'.\"y\"",
    "\xff\xfe broken \xc3(",
    "caf\u00e9 \u6f22\u5b57 \u202egnitfel",
    "",
    "a_name_that_is_much_longer_than_any_kernel_would_ever_take_for_a_cache",
};

static void make_trace(struct fixture *f, const struct shape *shape)
{
	struct capture_info *info = &f->trace.info;
	uint64_t *count = f->trace.anomalies.count;

	snprintf(info->title, sizeof(info->title), "%s",
		 shape->hostile ? hostile_names[0] : "synthetic input");
	snprintf(info->release, sizeof(info->release), "6.1.192");
	snprintf(info->machine, sizeof(info->machine), "x86_64");
	info->page_size = shape->page_size;
	info->linked = true;
	info->cpu_count = 1;
	info->cpus = &f->loss;
	f->loss.decoded = 20464;
	f->trace.first_ts_ns = 1000000000;
	f->trace.last_ts_ns = 1000000000 + shape->span_ns;
	count[ANOMALY_UNKNOWN_FREE] = 2431;
	if (shape->lossy) {
		count[ANOMALY_UNREAD_EVENTS] = 454639;
		for (int i = 0; i < ANOMALY_COUNT; i++)
			count[i] += (uint64_t)(i * i * i * 1000);
		info->partial = true;
		snprintf(info->partial_reason, sizeof(info->partial_reason),
			 "only the first pages were read");
	}
}

static void make_names(struct fixture *f, const struct shape *shape)
{
	uint32_t id;

	assert_int_equal(names_intern(&f->trace.names, "", 0, &id), 0);
	for (size_t i = 0; i < shape->caches; i++) {
		char name[128];

		snprintf(name, sizeof(name), "cache_%zu", i);
		if (shape->hostile &&
		    i < sizeof(hostile_names) / sizeof(hostile_names[0]))
			snprintf(name, sizeof(name), "%s", hostile_names[i]);
		assert_int_equal(names_intern(&f->trace.names, name,
					      strlen(name), &f->cache_names[i]),
				 0);
	}
}

static void make_sample(const struct shape *shape, size_t model, size_t j,
			struct replay_sample *at)
{
	double t =
	    (double)j / (shape->samples > 1 ? (double)shape->samples : 1);
	double grow = 2500 + 3500 * t + 400 * sin(20 * t);

	*at = (struct replay_sample){
	    .ts_ns = 1000000000 + (uint64_t)((double)shape->span_ns * t),
	    .bytes_req = (uint64_t)(grow * 3000),
	    .bytes_alloc =
		(uint64_t)(grow * 3000 * (shape->wasteless ? 1 : 1.13)),
	    .slab_pages = (uint64_t)(grow * (1 + 0.03 * (double)model * t)),
	    .large_pages = (uint64_t)(100 * t),
	    .free_pages =
		(uint64_t)(200000 - grow * (1 + 0.03 * (double)model)),
	};
	for (uint32_t o = 0; o < shape->orders; o++) {
		double wave = sin(6 * t + o + (double)model * 0.2);

		at->free_blocks[o] =
		    (uint64_t)((1.1 + wave) * 4000 / (double)(1u << o));
		at->unusable[o] = (uint16_t)(1000 * t * o / shape->orders);
	}
}

static void make_series(struct fixture *f, const struct shape *shape, size_t m)
{
	static const char *const models[] = {"recorded", "slub", "slab", "slob",
					     "slub"};
	struct plot_series *s = &f->series[m];
	size_t n = 0;

	snprintf(f->results[m].model, sizeof(f->results[m].model), "%s",
		 models[m]);
	f->results[m].order_count = shape->orders;
	for (size_t j = 0; j < shape->samples; j++) {
		struct replay_sample *at = &f->samples[m][j];

		make_sample(shape, m, j, at);
		for (size_t c = 0; c < shape->caches; c++) {
			uint64_t pages =
			    (uint64_t)((double)at->slab_pages /
				       (double)(2 + c * 2) *
				       (1 +
					0.3 * sin((double)j / 30 + (double)c)));

			f->caches[m][n++] = (struct replay_cache_sample){
			    .ts_ns = at->ts_ns,
			    .cache = f->cache_names[c],
			    .pages = pages,
			};
		}
	}
	for (uint64_t i = 0; i < WATERFALL_MOMENTS; i++)
		f->waterfall[m][i] =
		    (struct replay_waterfall){.requested = (20 - 2 * i) << 20,
					      .rounding = 3 << 20,
					      .padding = 1 << 18,
					      .old_objects = 9 << 20,
					      .free_slots = (2 + m) << 20,
					      .slab_tail = 3 << 19,
					      .unknown = -(1 << 20),
					      .per_cpu = 5 << 19};
	*s = (struct plot_series){
	    &f->results[m], f->samples[m], shape->samples, f->caches[m], n,
	    f->waterfall[m]};
}

static void make_sites(struct fixture *f, const struct shape *shape)
{
	for (size_t i = 0; i < shape->sites; i++) {
		uint64_t site = 0xffffffff81000000u + i * 4096;
		uint64_t alloc = 5000000 / (i + 1);
		uint64_t waste = shape->wasteless ? 0 : alloc / (2 + i % 5);
		char name[128];

		snprintf(name, sizeof(name), "some_function_%zu", i);
		if (shape->hostile &&
		    i < sizeof(hostile_names) / sizeof(hostile_names[0]))
			snprintf(name, sizeof(name), "%s", hostile_names[i]);
		assert_int_equal(
		    symbols_add(&f->trace.symbols, site - 16, name, NULL), 0);
		f->sites[i] = (struct site_summary){
		    .call_site = site,
		    .kind = i % 2 ? EV_KMALLOC : EV_CACHE_ALLOC,
		    .name = i % 2 ? 0 : f->cache_names[i / 2 % shape->caches],
		    .bytes_each = 8ull << (i / 2 % 12),
		    .large = i % 12 == 11,
		    .allocs = 100,
		    .bytes_req = alloc - waste,
		    .bytes_alloc = alloc,
		    .bytes_req_freed = (alloc - waste) / (1 + i % 4),
		    .bytes_alloc_freed = alloc / (1 + i % 4),
		};
	}
	symbols_sort(&f->trace.symbols);
}

static struct fixture *fixture_make(const struct shape *shape)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	make_trace(f, shape);
	make_names(f, shape);
	for (size_t m = 0; m < shape->series; m++)
		make_series(f, shape, m);
	make_sites(f, shape);
	for (size_t i = 0; i < sizeof(f->cells) / sizeof(*f->cells); i++) {
		f->cells[i].uses[i % MAP_USES] = 1000;
		f->cells[i].states[i / 20 % MAP_STATES] = 1000;
	}
	f->map = (struct memory_map){.step_ns = shape->span_ns / 20 + 1,
				     .block_bytes = 2 << 20,
				     .blocks = 30,
				     .blocks_per_row = 1,
				     .rows = 30,
				     .columns = 20,
				     .cells = f->cells};
	f->input = (struct plot_input){
	    .map = &f->map,
	    .trace = &f->trace,
	    .series = f->series,
	    .series_count = shape->series,
	    .sites = f->sites,
	    .site_count = shape->sites,
	};
	return f;
}

static void fixture_free(struct fixture *f)
{
	f->trace.info.cpus = NULL; /* part of the fixture */
	trace_fini(&f->trace);
	free(f);
}

/* The whole text of a small file; the caller frees it. */
static char *read_all(const char *dir, const char *name, const char *suffix)
{
	char path[600];
	char *text = calloc(1, 1 << 20);
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s%s", dir, name, suffix);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
	assert_int_equal(fclose(file), 0);
	return text;
}

/* Figures of the ordinary input, computed by hand from make_sample() and all.
 */
static void expect_figures(const char *dir)
{
	static const struct {
		enum plot plot;
		const char *text;
	} want[] = {
	    {PLOT_WASTE_TIME, "18.1 MiB requested"},
	    {PLOT_WASTE_TIME, "2.4 MiB lost to rounding"},
	    {PLOT_WASTE_TIME, "15.4 MiB more held: recorded"},
	    {PLOT_WASTE_TIME, "16.1 MiB more held: slub"},
	    {PLOT_WASTE_TIME, "Nothing lost."},
	    {PLOT_WASTE_TIME, "2,431 unknown free"},
	    {PLOT_WASTE_CLASSES, "8.6 MiB, of which 2.6 MiB (30.1 %)"},
	    {PLOT_WASTE_CLASSES, "11.8 MiB, of which 4.3 MiB (36.1 %)"},
	    {PLOT_WASTE_SITES, "The 20 of 40 call sites that waste most: "
			       "6.0 MiB of the 6.9 MiB"},
	    {PLOT_WASTE_SITES, ">2.4 MiB, 50 % of what it got<"},
	    {PLOT_SLAB_CACHES, ">4 other caches<"},
	    {PLOT_FREE_BLOCKS, ">order 10: blocks of 4 MiB<"},
	    {PLOT_UNUSABLE_INDEX, ">0.905<"},
	    {PLOT_COMPARE, ">recorded: 193,663 at the end<"},
	    {PLOT_COMPARE, ">slub: 193,472 (-191, -0.1 %)<"},
	    {PLOT_COMPARE, ">slub: 6,526 (+190, +3.0 %)<"},
	    {PLOT_MAP, "Pageblocks of 2 MiB by address"},
	    {PLOT_MAP, "data:image/png;base64,"},
	    {PLOT_WATERFALL, ">38.2<"},
	    {PLOT_WATERFALL, ">36.2<"},
	    {PLOT_WATERFALL, ">20.0<"},
	    {PLOT_WATERFALL, ">free slots in slabs<"},
	};

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		char *svg = read_all(dir, plot_name(want[i].plot), ".svg");

		if (!strstr(svg, want[i].text))
			fail_msg("%s lacks '%s'", plot_name(want[i].plot),
				 want[i].text);
		free(svg);
	}
}

/* A fresh directory for the pictures of one input. */
static void output_make(const char *name, char *dir, size_t cap)
{
	const char *keep = getenv("TEST_PLOTS_DIR");

	if (keep) {
		snprintf(dir, cap, "%s/%s", keep, name);
		assert_true(mkdir(dir, 0777) == 0 || errno == EEXIST);
		return;
	}
	snprintf(dir, cap, "/tmp/kmem-test-plots-XXXXXX");
	assert_non_null(mkdtemp(dir));
}

/* No name opened a tag of its own. */
static void check_markup(int dir, const char *name)
{
	FILE *file = fdopen(openat(dir, name, O_RDONLY), "r");
	char line[4096];

	assert_non_null(file);
	while (fgets(line, sizeof(line), file))
		expect_true(!strstr(line, "<img"));
	fclose(file);
}

/* Removes the pictures; nothing else may be there. */
static void output_check(const char *dir, unsigned int pictures)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	unsigned int files = 0;

	assert_non_null(d);
	while ((entry = readdir(d))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		expect_true(strstr(entry->d_name, ".svg") ||
			    strstr(entry->d_name, ".png"));
		files++;
		if (strstr(entry->d_name, ".svg"))
			check_markup(dirfd(d), entry->d_name);
		if (!getenv("TEST_PLOTS_DIR"))
			unlinkat(dirfd(d), entry->d_name, 0);
	}
	closedir(d);
	expect_u64_eq(files, 2 * pictures);
	if (!getenv("TEST_PLOTS_DIR"))
		rmdir(dir);
}

static void draw_all(const struct shape *shape)
{
	struct fixture *f = fixture_make(shape);
	unsigned int drawn = 0;
	char dir[512];

	output_make(shape->name, dir, sizeof(dir));
	for (int i = 0; i < PLOT_COUNT; i++) {
		char warnings[512] = "";
		struct err err = {0};
		const char *missing = plot_missing(&f->input, (enum plot)i);

		if (missing)
			continue;
		drawn++;
		if (plot_draw(&f->input, (enum plot)i, dir, PLOT_SVG_AND_PNG,
			      warnings, sizeof(warnings), &err))
			fail_msg("%s of %s: %s", plot_name((enum plot)i),
				 shape->name, err.text);
		expect_str_eq(warnings, "");
	}
	expect_u64_eq(drawn, shape->series > 1 ? PLOT_COUNT : PLOT_COUNT - 1);
	if (shape->figures)
		expect_figures(dir);
	output_check(dir, drawn);
	fixture_free(f);
}

static const struct shape ordinary = {
    .name = "ordinary",
    .samples = 250,
    .caches = 14,
    .series = 2,
    .sites = 40,
    .span_ns = 12300000000,
    .page_size = 4096,
    .orders = ORDERS,
};

static void test_ordinary(void **state)
{
	struct shape shape = ordinary;

	(void)state;
	shape.figures = true;
	draw_all(&shape);
}

static void test_hostile_names(void **state)
{
	struct shape shape = ordinary;

	(void)state;
	shape.name = "hostile";
	shape.hostile = true;
	shape.samples = 40;
	unlink(PWNED);
	draw_all(&shape);
	expect_true(access(PWNED, F_OK) != 0);
}

static void test_one_sample(void **state)
{
	struct shape shape = ordinary;

	(void)state;
	shape.name = "one-sample";
	shape.samples = 1;
	shape.caches = 1;
	shape.sites = 1;
	shape.span_ns = 0;
	draw_all(&shape);
}

static void test_zero_waste(void **state)
{
	struct shape shape = ordinary;

	(void)state;
	shape.name = "zero-waste";
	shape.wasteless = true;
	shape.series = 1;
	shape.span_ns = 30000000;
	draw_all(&shape);
}

static void test_many(void **state)
{
	struct shape shape = ordinary;

	(void)state;
	shape.name = "many";
	shape.lossy = true;
	shape.caches = 64;
	shape.series = 5; /* one more than there is room for */
	shape.samples = SAMPLES_MAX;
	shape.page_size = 65536;
	shape.orders = SNAPSHOT_ORDERS_MAX;
	draw_all(&shape);
}

/* Draws one picture with nothing but dir in PATH. */
static int draw_with_path(const char *path, const char *dir, struct err *err)
{
	struct fixture *f = fixture_make(&ordinary);
	const char *current = getenv("PATH");
	char saved[4096], warnings[64];
	int rc;

	snprintf(saved, sizeof(saved), "%s", current ? current : "");
	setenv("PATH", path, 1);
	rc = plot_draw(&f->input, PLOT_WASTE_TIME, dir, PLOT_SVG_AND_PNG,
		       warnings, sizeof(warnings), err);
	setenv("PATH", saved, 1);
	fixture_free(f);
	return rc;
}

static void make_script(const char *dir, const char *text)
{
	char path[600];
	FILE *file;

	snprintf(path, sizeof(path), "%s/gnuplot", dir);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0700), 0);
}

static void test_gnuplot_missing(void **state)
{
	char dir[] = "/tmp/kmem-test-plots-XXXXXX";
	struct err err = {0};

	(void)state;
	assert_non_null(mkdtemp(dir));
	expect_i64_eq(draw_with_path(dir, dir, &err), ERR_MISSING);
	expect_true(strstr(err.text, "apt-get install gnuplot-nox"));
	/* Nothing is left, so that the directory can go. */
	assert_int_equal(rmdir(dir), 0);
}

/* Its words are told, and no picture is left, not even the one it made. */
static void test_gnuplot_fails(void **state)
{
	char dir[] = "/tmp/kmem-test-plots-XXXXXX";
	char script[64];
	struct err err = {0};

	(void)state;
	assert_non_null(mkdtemp(dir));
	make_script(dir, "#!/bin/sh\necho x >out.svg\n"
			 "echo 'line 7: no such terminal' >&2\nexit 1\n");
	expect_i64_eq(draw_with_path(dir, dir, &err), ERR_CHILD);
	expect_true(strstr(err.text, "no such terminal"));

	make_script(dir, "#!/bin/sh\necho x >out.svg\nexit 0\n");
	expect_i64_eq(draw_with_path(dir, dir, &err), ERR_CHILD);
	expect_true(strstr(err.text, "made no png"));

	make_script(dir, "#!/bin/sh\nkill -9 $$\n");
	expect_i64_eq(draw_with_path(dir, dir, &err), ERR_CHILD);
	expect_true(strstr(err.text, "killed"));

	snprintf(script, sizeof(script), "%s/gnuplot", dir);
	assert_int_equal(unlink(script), 0);
	assert_int_equal(rmdir(dir), 0);
}

static void test_no_directory(void **state)
{
	struct err err = {0};

	(void)state;
	expect_i64_eq(
	    draw_with_path("/usr/bin:/bin", "/tmp/kmem-no-such-dir", &err),
	    ERR_IO);
	expect_true(strstr(err.text, "/tmp/kmem-no-such-dir"));
}

static void test_what_is_missing_is_named(void **state)
{
	struct fixture *f = fixture_make(&ordinary);

	(void)state;
	f->input.series_count = 1;
	expect_true(!plot_missing(&f->input, PLOT_WASTE_TIME));
	expect_true(plot_missing(&f->input, PLOT_COMPARE));
	f->input.series_count = 0;
	expect_true(plot_missing(&f->input, PLOT_WASTE_TIME));
	expect_true(!plot_missing(&f->input, PLOT_WASTE_SITES));
	f->input.site_count = 0;
	expect_true(plot_missing(&f->input, PLOT_WASTE_SITES));
	expect_true(plot_missing(&f->input, PLOT_WASTE_CLASSES));
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ordinary),
	    cmocka_unit_test(test_hostile_names),
	    cmocka_unit_test(test_one_sample),
	    cmocka_unit_test(test_zero_waste),
	    cmocka_unit_test(test_many),
	    cmocka_unit_test(test_gnuplot_missing),
	    cmocka_unit_test(test_gnuplot_fails),
	    cmocka_unit_test(test_no_directory),
	    cmocka_unit_test(test_what_is_missing_is_named),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
