#include "cli/summary.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/event.h"
#include "tests/support/test.h"

enum { SITES = 8 };

struct fixture {
	struct results results;
	struct cpu_loss loss;
	struct site_summary sites[SITES];
	struct results_run runs[2];
	struct replay_sample samples[2][2];
};

static void make_run(struct fixture *f, int i, const char *model)
{
	struct results_run *run = &f->runs[i];

	snprintf(run->result.model, sizeof(run->result.model), "%s", model);
	snprintf(run->result.start, sizeof(run->result.start), "warm");
	run->result.order_count = 11;
	run->result.slab_pages_start = 2534;
	run->result.slab_pages_end = 6050 + 17 * (uint64_t)i;
	run->result.free_pages_start = 201234;
	run->result.free_pages_end = 190000 - 19 * (uint64_t)i;
	f->samples[i][0].unusable[4] = 12;
	f->samples[i][1].unusable[4] = 345;
	f->samples[i][0].unusable[9] = 100;
	f->samples[i][1].unusable[9] = 1000;
	run->samples = f->samples[i];
	run->sample_count = 2;
}

static struct fixture *fixture_make(void)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct trace *trace;

	assert_non_null(f);
	trace = &f->results.trace;
	snprintf(trace->info.title, sizeof(trace->info.title), "a test");
	snprintf(trace->info.release, sizeof(trace->info.release), "6.1.192");
	snprintf(trace->info.machine, sizeof(trace->info.machine), "x86_64");
	trace->info.cpus = &f->loss;
	trace->info.cpu_count = 1;
	f->loss.decoded = 408766;
	trace->last_ts_ns = 3630000000;
	for (unsigned int i = 0; i < SITES; i++) {
		uint64_t site = 0xffffffff81000000u + 4096 * (i / 2);
		char name[32];

		snprintf(name, sizeof(name), "function_%u", i / 2);
		if (i % 2 == 0)
			assert_int_equal(
			    symbols_add(&trace->symbols, site, name, NULL), 0);
		/* Two rows per site: 3 KiB of waste in 12 KiB and so on. */
		f->sites[i] = (struct site_summary){
		    .call_site = site,
		    .kind = i < 4 ? EV_KMALLOC : EV_CACHE_ALLOC,
		    .allocs = 1,
		    .bytes_req = 4608 * (i + 1),
		    .bytes_alloc = 6144 * (i + 1),
		    .self = i == 7,
		};
	}
	symbols_sort(&trace->symbols);
	f->results.sites = f->sites;
	f->results.site_count = SITES;
	make_run(f, 0, "recorded");
	make_run(f, 1, "slub");
	f->results.runs = f->runs;
	f->results.run_count = 2;
	return f;
}

static void fixture_free(struct fixture *f)
{
	f->results.trace.info.cpus = NULL;
	trace_fini(&f->results.trace);
	free(f);
}

static const struct summary_files files = {"x.kmem", "x.db", "x.plots",
					   "x.html", 7};

static char *print(const struct results *results)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	summary_print(out, results, &files);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* Also that it fits the screen. */
static void expect_fits(const char *text)
{
	unsigned int lines = 0, columns = 0;

	for (; *text; text++) {
		if (*text == '\n') {
			lines++;
			columns = 0;
		} else if (((unsigned char)*text & 0xc0) != 0x80) {
			columns++;
			expect_true(columns <= SUMMARY_COLUMNS);
			expect_true((unsigned char)*text >= ' ');
		}
	}
	expect_true(lines <= SUMMARY_LINES);
}

/* tests/cli/summary.txt; UPDATE_GOLDEN=1 rewrites it. */
static void expect_golden(const char *text)
{
	static const char path[] = "tests/cli/summary.txt";
	bool update = getenv("UPDATE_GOLDEN") != NULL;
	FILE *file = fopen(path, update ? "w" : "r");
	char want[4096] = "";

	assert_non_null(file);
	if (update)
		assert_true(fputs(text, file) >= 0);
	else
		want[fread(want, 1, sizeof(want) - 1, file)] = '\0';
	assert_int_equal(fclose(file), 0);
	if (!update)
		expect_str_eq(text, want);
}

static void test_text(void **state)
{
	struct fixture *f = fixture_make();
	char *text = print(&f->results);

	(void)state;
	expect_golden(text);
	expect_fits(text);
	free(text);
	fixture_free(f);
}

/* Long and hostile names, loss, no replay: still one screen of text. */
static void test_bounds(void **state)
{
	struct fixture *f = fixture_make();
	struct trace *trace = &f->results.trace;
	char *text;

	(void)state;
	memset(trace->info.title, '\033', sizeof(trace->info.title) - 1);
	memset(f->runs[0].result.start, 'w',
	       sizeof(f->runs[0].result.start) - 1);
	f->runs[0].result.slab_pages_end = UINT64_MAX;
	snprintf(f->runs[1].result.start, sizeof(f->runs[1].result.start),
		 "cold");
	f->runs[1].result.order_count = 5;
	f->runs[1].sample_count = 0;
	trace->info.partial = true;
	trace->anomalies.count[ANOMALY_LOST_EVENTS] = 1000000;
	text = print(&f->results);
	expect_true(strstr(text, "PARTIAL: 1,000,000 of 1,408,766 events"));
	expect_true(!strstr(text, "Nothing lost"));
	expect_fits(text);
	free(text);

	f->results.run_count = 0;
	f->results.site_count = 0;
	text = print(&f->results);
	expect_true(strstr(text, "no replay"));
	expect_fits(text);
	free(text);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_text),
	    cmocka_unit_test(test_bounds),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
