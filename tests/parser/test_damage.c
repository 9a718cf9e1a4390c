/*
 * Captures cut short, damaged or incomplete: a clear error or a counted
 * anomaly and a partial trace, never a crash, never a silent wrong number.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parser/capture.h"
#include "parser/cpu_stream.h"
#include "tests/parser/made_capture.h"
#include "tests/support/test.h"

enum { PAGES = 2, RECORDS = 40 };

/* Two pages of kmallocs of i bytes in classes of i + 1. */
struct two_pages {
	uint8_t bytes[PAGES * PAGE_BUILDER_BYTES];
	size_t end[PAGES * RECORDS]; /* file offset behind each record */
};

static void make_pages(const struct made_capture *capture,
		       struct two_pages *pages)
{
	for (uint32_t p = 0; p < PAGES; p++) {
		struct page_builder page;

		page_builder_init(&page, 8, false, 1000 + p * 100000);
		for (uint32_t i = 0; i < RECORDS; i++) {
			uint32_t size = p * RECORDS + i;
			struct made_record record = made_kmalloc(
			    capture, 1, 0xc00a1198, 0xde239600, size, size + 1);

			page_put_record(&page, 10, record.bytes, record.len);
			pages->end[size] = p * PAGE_BUILDER_BYTES +
					   page.data_offset + page.used;
		}
		page_builder_end(&page, 0);
		memcpy(pages->bytes + p * PAGE_BUILDER_BYTES, page.bytes,
		       PAGE_BUILDER_BYTES);
	}
}

struct sums {
	uint64_t events, bytes_req, last_ts;
};

/* Reads all; every event must have its place in time. */
static void read_all(const struct made_capture *capture, struct trace *trace,
		     struct sums *sums)
{
	struct kmem_event events[7];
	struct source *source = NULL;
	struct err err = {0};
	size_t count;

	*sums = (struct sums){0};
	*trace = (struct trace){0};
	expect_i64_eq(capture_open(capture->dir, trace, &source, &err), 0);
	do {
		expect_i64_eq(source_read(source, events, 7, &count, &err), 0);
		for (size_t i = 0; i < count; i++) {
			expect_true(events[i].ts_ns >= sums->last_ts);
			sums->last_ts = events[i].ts_ns;
			sums->bytes_req += events[i].bytes_req;
			sums->events++;
		}
	} while (count);
	source_close(source);
}

/* How many records lie wholly within the first len bytes. */
static uint64_t whole_records(const struct two_pages *pages, size_t len)
{
	uint64_t records = 0;

	while (records < PAGES * RECORDS && pages->end[records] <= len)
		records++;
	return records;
}

static void test_cut_at_every_byte(void **state)
{
	struct anomalies anomalies = {.count = {0}};
	struct page_builder builder = {.data_offset = 16, .long_size = 8};
	struct page_layout layout = page_builder_layout(&builder);
	struct made_capture capture;
	struct two_pages pages;
	char path[128];

	(void)state;
	made_capture_init(&capture, 8, false, 1);
	make_pages(&capture, &pages);
	made_capture_file(&capture, "cpu/0.raw", pages.bytes,
			  sizeof(pages.bytes));
	snprintf(path, sizeof(path), "%s/cpu/0.raw", capture.dir);
	for (size_t len = sizeof(pages.bytes); len > 0; len--) {
		struct cpu_stream stream;
		struct err err = {0};
		size_t records;

		assert_int_equal(truncate(path, (off_t)len), 0);
		anomalies.count[ANOMALY_TRUNCATED_PAGE] = 0;
		expect_i64_eq(cpu_stream_open(&stream, path, 0, &layout,
					      &anomalies, &err),
			      0);
		for (records = 0; !stream.done; records++)
			expect_i64_eq(cpu_stream_next(&stream, &err), 0);
		expect_u64_eq(records, whole_records(&pages, len));
		expect_u64_eq(anomalies.count[ANOMALY_TRUNCATED_PAGE],
			      len % PAGE_BUILDER_BYTES != 0);
		cpu_stream_close(&stream);
	}
	expect_u64_eq(anomalies.count[ANOMALY_CORRUPT_PAGE], 0);
	made_capture_fini(&capture);
}

/* A tar of the shell collector ends in them (docs/collect.md). */
static void test_pages_of_zeros_hold_nothing(void **state)
{
	struct made_capture capture;
	struct two_pages pages;
	struct trace plain, padded;
	struct sums want, sums;
	char path[128];

	(void)state;
	made_capture_init(&capture, 8, false, 1);
	make_pages(&capture, &pages);
	made_capture_file(&capture, "cpu/0.raw", pages.bytes,
			  sizeof(pages.bytes));
	read_all(&capture, &plain, &want);
	snprintf(path, sizeof(path), "%s/cpu/0.raw", capture.dir);
	assert_int_equal(
	    truncate(path, sizeof(pages.bytes) + 3 * PAGE_BUILDER_BYTES), 0);
	read_all(&capture, &padded, &sums);
	expect_u64_eq(want.events, PAGES * RECORDS);
	expect_u64_eq(sums.events, want.events);
	expect_u64_eq(sums.bytes_req, want.bytes_req);
	for (unsigned int i = 0; i < ANOMALY_COUNT; i++)
		expect_u64_eq(padded.anomalies.count[i],
			      plain.anomalies.count[i]);
	trace_fini(&plain);
	trace_fini(&padded);
	made_capture_fini(&capture);
}

/* The same through the whole capture, around each record's end. */
static void test_cut_capture_is_partial(void **state)
{
	struct made_capture capture;
	struct two_pages pages;

	(void)state;
	made_capture_init(&capture, 8, false, 1);
	make_pages(&capture, &pages);
	for (size_t i = 0; i < PAGES * RECORDS; i += 3) {
		size_t len = pages.end[i] - i % 2;
		uint64_t events = whole_records(&pages, len);
		struct trace trace;
		struct sums sums;

		made_capture_file(&capture, "cpu/0.raw", pages.bytes, len);
		read_all(&capture, &trace, &sums);
		expect_u64_eq(sums.events, events);
		expect_u64_eq(sums.bytes_req, events * (events - 1) / 2);
		expect_u64_eq(trace.anomalies.count[ANOMALY_TRUNCATED_PAGE], 1);
		expect_true(trace.info.partial);
		trace_fini(&trace);
	}
	made_capture_fini(&capture);
}

static void test_flipped_bits(void **state)
{
	struct made_capture capture;
	struct two_pages pages, damaged;
	unsigned int seed = 4711;

	(void)state;
	made_capture_init(&capture, 8, false, 1);
	make_pages(&capture, &pages);
	for (int round = 0; round < 100; round++) {
		struct trace trace;
		struct sums sums;

		damaged = pages;
		for (int flip = 0; flip < 1 + round % 30; flip++) {
			size_t at = (size_t)rand_r(&seed) % sizeof(pages.bytes);

			damaged.bytes[at] ^= (uint8_t)(1u << rand_r(&seed) % 8);
		}
		made_capture_file(&capture, "cpu/0.raw", damaged.bytes,
				  sizeof(damaged.bytes));
		read_all(&capture, &trace, &sums);
		trace_fini(&trace);
	}
	made_capture_fini(&capture);
}

/* The damage is in the first page: the second is read all the same. */
static void test_corrupt_page_is_skipped(void **state)
{
	struct made_capture capture;
	struct two_pages pages;
	struct trace trace;
	struct sums sums;

	(void)state;
	made_capture_init(&capture, 8, false, 1);
	make_pages(&capture, &pages);
	/* The third record claims to be of type 0 and 0xffffffff bytes. */
	memset(pages.bytes + pages.end[1], 0, 4);
	memset(pages.bytes + pages.end[1] + 4, 0xff, 4);
	made_capture_file(&capture, "cpu/0.raw", pages.bytes,
			  sizeof(pages.bytes));
	read_all(&capture, &trace, &sums);
	expect_u64_eq(sums.events, 2 + RECORDS);
	expect_u64_eq(trace.anomalies.count[ANOMALY_CORRUPT_PAGE], 1);
	expect_true(trace.info.partial);
	assert_non_null(strstr(trace.info.partial_reason, "ring-buffer pages"));
	trace_fini(&trace);
	made_capture_fini(&capture);
}

/* A time stamp far in the future spoils the times of its own page only. */
static void test_wild_time_is_bounded(void **state)
{
	struct made_capture capture;
	struct two_pages pages;
	struct trace trace;
	struct sums sums;

	(void)state;
	made_capture_init(&capture, 8, false, 1);
	make_pages(&capture, &pages);
	pages.bytes[7] = 0x7f;
	made_capture_file(&capture, "cpu/0.raw", pages.bytes,
			  sizeof(pages.bytes));
	read_all(&capture, &trace, &sums);
	expect_u64_eq(sums.events, PAGES * RECORDS);
	expect_u64_eq(sums.last_ts, 101000 + 10 * RECORDS);
	expect_u64_eq(trace.anomalies.count[ANOMALY_TIME_BACKWARDS], RECORDS);
	trace_fini(&trace);
	made_capture_fini(&capture);
}

/* Opening must fail with that code and a text that names that thing. */
static void expect_open_fails(const struct made_capture *capture, int code,
			      const char *names)
{
	struct source *source = NULL;
	struct trace trace = {0};
	struct err err = {0};

	expect_i64_eq(capture_open(capture->dir, &trace, &source, &err), code);
	if (!strstr(err.text, names))
		fail_msg("\"%s\" does not name %s", err.text, names);
	trace_fini(&trace);
}

static void test_missing_files(void **state)
{
	static const struct {
		const char *name;
		int code;
		const char *named;
	} files[] = {
	    {"tracefs/events/kmem/kmalloc/format", ERR_MISSING,
	     "tracefs/events/kmem/kmalloc/format"},
	    {"tracefs/events/header_page", ERR_MISSING, "header_page"},
	    {"capture.json", ERR_MISSING, "capture.json"},
	    {"tracefs", ERR_MISSING, "header_page"},
	    {"cpu", ERR_MISSING, "0.raw"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		struct made_capture capture;

		made_capture_init(&capture, 8, false, 1);
		made_capture_text(&capture, "cpu/0.raw", "");
		made_capture_remove(&capture, files[i].name);
		expect_open_fails(&capture, files[i].code, files[i].named);
		made_capture_fini(&capture);
	}
}

static void test_no_capture_at_all(void **state)
{
	struct made_capture none = {.dir = "/nonexistent"};
	struct made_capture file = {.dir = "/etc/passwd"};

	(void)state;
	expect_open_fails(&none, ERR_MISSING, "/nonexistent");
	expect_open_fails(&file, ERR_FORMAT, "/etc/passwd");
}

static void test_unknown_event_set(void **state)
{
	struct made_capture capture;

	(void)state;
	made_capture_init(&capture, 8, false, 1);
	made_capture_text(&capture, "cpu/0.raw", "");
	made_capture_remove(&capture, "tracefs/events/kmem");
	expect_open_fails(&capture, ERR_FORMAT, "memory events");
	made_capture_fini(&capture);
}

static void test_missing_field(void **state)
{
	static const char format[] =
	    "name: kfree\nID: 102\nformat:\n"
	    "\tfield:unsigned short common_type;\toffset:0;\tsize:2;"
	    "\tsigned:0;\n"
	    "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
	    "\tfield:const void * object;\toffset:8;\tsize:8;\tsigned:0;\n";
	struct made_capture capture;

	(void)state;
	made_capture_init(&capture, 8, false, 1);
	made_capture_text(&capture, "cpu/0.raw", "");
	made_capture_text(&capture, "tracefs/events/kmem/kfree/format", format);
	expect_open_fails(&capture, ERR_FORMAT,
			  "event kfree has no field 'call_site'");
	made_capture_fini(&capture);
}

/* The text of a capture's file. */
static size_t read_text(const struct made_capture *capture, const char *name,
			char *text, size_t size)
{
	char path[256];
	FILE *file;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", capture->dir, name);
	file = fopen(path, "r");
	assert_non_null(file);
	len = fread(text, 1, size, file);
	fclose(file);
	assert_true(len > 100 && len < size);
	return len;
}

/*
 * The descriptions that everything rests on, cut at every byte: an error that
 * names the file, a partial trace, or all numbers as they were.
 */
static void cut_description(const char *name, const char *named)
{
	struct made_capture capture;
	struct two_pages pages;
	char text[4096];
	size_t len, failed = 0;

	made_capture_init(&capture, 8, false, 1);
	make_pages(&capture, &pages);
	made_capture_file(&capture, "cpu/0.raw", pages.bytes,
			  sizeof(pages.bytes));
	len = read_text(&capture, name, text, sizeof(text));
	for (size_t cut = 0; cut <= len; cut++) {
		struct source *source = NULL;
		struct trace trace = {0};
		struct err err = {0};
		struct sums sums;

		made_capture_file(&capture, name, text, cut);
		if (capture_open(capture.dir, &trace, &source, &err)) {
			if (!strstr(err.text, named))
				fail_msg("%zu bytes: \"%s\" does not name %s",
					 cut, err.text, named);
			failed++;
			trace_fini(&trace);
			continue;
		}
		source_close(source);
		trace_fini(&trace);
		read_all(&capture, &trace, &sums);
		if (!trace.info.partial && (sums.events != PAGES * RECORDS ||
					    sums.bytes_req != 79 * 80 / 2))
			fail_msg("%zu bytes of %s: other numbers", cut, name);
		trace_fini(&trace);
	}
	expect_true(failed > len / 2 && failed <= len);
	made_capture_fini(&capture);
}

static void test_cut_descriptions(void **state)
{
	(void)state;
	cut_description("tracefs/events/header_page", "header_page");
	cut_description("tracefs/events/kmem/kmalloc/format", "kmalloc");
}

/* Numbers of 2^60 and of 4 GiB in the text of a description. */
static void test_huge_descriptions(void **state)
{
	static const struct {
		const char *name, *text, *named;
		int code;
	} lies[] = {
	    {"tracefs/events/header_page",
	     "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
	     "\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
	     "\tfield: char data;\toffset:16;\tsize:1152921504606846976;"
	     "\tsigned:1;\n",
	     "header_page", ERR_FORMAT},
	    {"tracefs/events/header_page",
	     "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
	     "\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
	     "\tfield: char data;\toffset:16;\tsize:4294967280;"
	     "\tsigned:1;\n",
	     "header_page", ERR_FORMAT},
	    {"tracefs/events/kmem/kfree/format",
	     "name: kfree\nID: 102\nformat:\n"
	     "\tfield:unsigned short common_type;\toffset:0;\tsize:2;"
	     "\tsigned:0;\n"
	     "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
	     "\tfield:unsigned long call_site;\toffset:8;"
	     "\tsize:1152921504606846976;\tsigned:0;\n"
	     "\tfield:const void * ptr;\toffset:1152921504606846976;"
	     "\tsize:8;\tsigned:0;\n",
	     "kfree", ERR_FORMAT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		struct made_capture capture;

		made_capture_init(&capture, 8, false, 1);
		made_capture_text(&capture, "cpu/0.raw", "");
		made_capture_text(&capture, lies[i].name, lies[i].text);
		expect_open_fails(&capture, lies[i].code, lies[i].named);
		made_capture_fini(&capture);
	}
}

/* A CPU's file is missing although the statistics count its events. */
static void test_missing_cpu(void **state)
{
	static const char json[] =
	    "{\"format\": 1, \"release\": \"6.1.1\", \"machine\": \"made\", "
	    "\"page_size\": 4096, \"long_size\": 8, \"endian\": \"little\", "
	    "\"cpus\": 2, \"clock\": \"mono\", \"loss\": {\"0\": {\"entries\": "
	    "80, \"overrun\": 0}, \"1\": {\"entries\": 1000, \"overrun\": 3, "
	    "\"dropped_events\": 4}}}";
	struct made_capture capture;
	struct two_pages pages;
	struct trace trace;
	struct sums sums;

	(void)state;
	made_capture_init(&capture, 8, false, 1);
	made_capture_text(&capture, "capture.json", json);
	make_pages(&capture, &pages);
	made_capture_file(&capture, "cpu/0.raw", pages.bytes,
			  sizeof(pages.bytes));
	read_all(&capture, &trace, &sums);
	expect_u64_eq(sums.events, 80);
	expect_u64_eq(trace.anomalies.count[ANOMALY_UNREAD_EVENTS], 1000);
	expect_u64_eq(trace.anomalies.count[ANOMALY_LOST_EVENTS], 7);
	expect_true(trace.info.partial);
	expect_str_eq(trace.info.partial_reason,
		      "cpu/1.raw is missing; 1,000 of 1,080 events are not in "
		      "the pages");
	trace_fini(&trace);
	made_capture_fini(&capture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_cut_at_every_byte),
	    cmocka_unit_test(test_pages_of_zeros_hold_nothing),
	    cmocka_unit_test(test_cut_capture_is_partial),
	    cmocka_unit_test(test_flipped_bits),
	    cmocka_unit_test(test_corrupt_page_is_skipped),
	    cmocka_unit_test(test_wild_time_is_bounded),
	    cmocka_unit_test(test_missing_files),
	    cmocka_unit_test(test_no_capture_at_all),
	    cmocka_unit_test(test_unknown_event_set),
	    cmocka_unit_test(test_missing_field),
	    cmocka_unit_test(test_missing_cpu),
	    cmocka_unit_test(test_cut_descriptions),
	    cmocka_unit_test(test_huge_descriptions),
	};

	test_limit_memory(64 << 20);
	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
