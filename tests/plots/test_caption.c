#include "plots/caption.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/test.h"

struct fixture {
	struct trace trace;
	struct cpu_loss cpus[2];
	struct caption caption;
};

static void fixture_make(struct fixture *f)
{
	struct capture_info *info = &f->trace.info;

	memset(f, 0, sizeof(*f));
	snprintf(info->title, sizeof(info->title), "a test");
	snprintf(info->release, sizeof(info->release), "6.1.192");
	snprintf(info->machine, sizeof(info->machine), "armv7l");
	info->page_size = 4096;
	info->cpus = f->cpus;
	info->cpu_count = 2;
	f->cpus[0].decoded = 20000;
	f->cpus[1].decoded = 488;
	f->trace.last_ts_ns = 1500000000;
}

static size_t chars(const char *line)
{
	size_t n = 0;

	for (; *line; line++)
		n += ((unsigned char)*line & 0xc0) != 0x80;
	return n;
}

static void test_nothing_lost(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f);
	caption_write(&f.trace, NULL, &f.caption);
	expect_str_eq(f.caption.line[0],
		      "a test \u00b7 Linux 6.1.192 armv7l \u00b7 pages of 4 "
		      "KiB \u00b7 20,488 events in 1.5 s");
	expect_str_eq(f.caption.line[1], "Nothing lost. No anomalies.");
	expect_str_eq(f.caption.line[2], "");
}

static void test_loss_is_told(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f);
	f.trace.anomalies.count[ANOMALY_UNREAD_EVENTS] = 454665;
	f.trace.anomalies.count[ANOMALY_UNKNOWN_FREE] = 7;
	f.trace.anomalies.count[ANOMALY_NULL_FREE] = 2431;
	f.trace.info.partial = true;
	f.trace.info.filtered = true;
	caption_write(&f.trace, NULL, &f.caption);
	expect_str_eq(f.caption.line[1],
		      "PARTIAL: 454,665 of 475,153 events are missing. "
		      "FILTERED: events were left out on purpose. Anomalies: "
		      "2,431 null free, 7 unknown free.");
}

static void test_start_and_command(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f);
	f.trace.info.title[0] = '\0';
	snprintf(f.trace.info.command, sizeof(f.trace.info.command), "make\n");
	caption_write(&f.trace, "warm", &f.caption);
	expect_true(strstr(f.caption.line[0], "make? \u00b7 Linux") ==
		    f.caption.line[0]);
	expect_str_eq(f.caption.line[1],
		      "Nothing lost. Replay start: warm. No anomalies.");
}

/* Partial for a reason that no count tells. */
static void test_partial_without_count(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f);
	f.trace.info.partial = true;
	snprintf(f.trace.info.partial_reason,
		 sizeof(f.trace.info.partial_reason), "cpu/1.raw is missing");
	caption_write(&f.trace, NULL, &f.caption);
	expect_str_eq(f.caption.line[1],
		      "PARTIAL: cpu/1.raw is missing. No anomalies.");
}

/* Everything at once, and long: lines stay within bounds and say so. */
static void test_bounds(void **state)
{
	struct fixture f;

	(void)state;
	fixture_make(&f);
	memset(f.trace.info.title, '\xe9', sizeof(f.trace.info.title) - 1);
	memset(f.trace.info.release, 'x', sizeof(f.trace.info.release) - 1);
	for (int i = 0; i < ANOMALY_COUNT; i++)
		f.trace.anomalies.count[i] = UINT64_MAX / 64;
	caption_write(&f.trace, NULL, &f.caption);
	for (int i = 0; i < CAPTION_LINES; i++) {
		expect_true(f.caption.line[i][0]);
		expect_true(chars(f.caption.line[i]) <= CAPTION_CHARS);
	}
	expect_true(strstr(f.caption.line[CAPTION_LINES - 1], "\u2026"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nothing_lost),
	    cmocka_unit_test(test_loss_is_told),
	    cmocka_unit_test(test_start_and_command),
	    cmocka_unit_test(test_partial_without_count),
	    cmocka_unit_test(test_bounds),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
