/*
 * perf.data: small files of each form, whole, cut and lying. What is in them
 * beyond that tests/cli/import_perf_data.sh compares with perf.
 */
#include <stdio.h>
#include <string.h>

#include "parser/perf_data.h"
#include "parser/perf_file.h"
#include "tests/parser/cut_file.h"
#include "tests/support/test.h"

enum { HEADER_ATTRS = 24, HEADER_DATA = 40 };

static const char *const names[] = {"fuzz/corpus/perf_data/file",
				    "fuzz/corpus/perf_data/compressed",
				    "fuzz/corpus/perf_data/pipe"};

static void test_facts(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct trace trace = {0};
		struct source *source = NULL;
		struct err err = {0};
		struct kmem_event events[128];
		size_t count, lost = 0;

		expect_true(perf_file_is(names[i]));
		expect_i64_eq(perf_data_open(names[i], &trace, &source, &err),
			      0);
		expect_u64_eq(trace.info.page_size, 4096);
		expect_u64_eq(trace.info.cpu_count, 2);
		expect_str_eq(trace.info.machine, "x86_64");
		expect_str_eq(trace.info.clock, "perf");
		expect_str_eq(trace.info.command, "perf");
		expect_i64_eq(trace.info.version_major, 6);
		expect_i64_eq(source_read(source, events, 128, &count, &err),
			      0);
		/* 60 samples, and the place where seven were lost. */
		expect_u64_eq(count, 61);
		while (events[lost].kind != EV_LOST)
			lost++;
		expect_u64_eq(events[lost].addr, 7);
		for (size_t e = 0; e + 1 < count; e++)
			expect_true(events[e].ts_ns <= events[e + 1].ts_ns);
		expect_i64_eq(source_read(source, events, 128, &count, &err),
			      0);
		expect_u64_eq(count, 0);
		expect_u64_eq(trace.anomalies.count[ANOMALY_LOST_EVENTS], 7);
		source_close(source);
		trace_fini(&trace);
	}
}

static void test_cut_everywhere(void **state)
{
	/* PERF_RECORD_FINISHED_ROUND of 8 bytes */
	static const uint8_t round_end[] = {68, 0, 0, 0, 0, 0, 8, 0};
	struct cut_file file;

	(void)state;
	for (int i = 0; i < 3; i++) {
		size_t partial;

		cut_file_init(&file, names[i], perf_data_open);
		partial =
		    cut_file_everywhere(&file, round_end, sizeof(round_end));
		/* Only a pipe's file has its formats in front. */
		if (i == 2)
			expect_true(partial > 1000);
		else
			expect_u64_eq(partial, 0);
		cut_file_fini(&file);
	}
}

/* 2^60 attributes, ids, bytes of records: refused by size. */
static void test_lies(void **state)
{
	static const size_t places[] = {
	    16,				    /* bytes of an attribute */
	    HEADER_ATTRS, HEADER_ATTRS + 8, /* attributes */
	    HEADER_DATA,  HEADER_DATA + 8,  /* records */
	};
	struct cut_file file;

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		struct cut_result result;

		cut_file_init(&file, names[0], perf_data_open);
		file.bytes[places[i] + 7] = 0x10;
		cut_file_read(&file, file.len, &result);
		expect_true(result.code == ERR_FORMAT ||
			    result.code == ERR_LIMIT);
		cut_file_fini(&file);
	}
}

/* Numbers in the tracing data, which the feature's own size does not bound. */
static void test_lies_of_formats(void **state)
{
	static const struct {
		const char *behind;
		size_t len;
	} lies[] = {{"header_page", 12}, {"header_event", 13}, {"kmem", 5}};
	struct cut_file file;

	(void)state;
	for (int form = 0; form < 3; form++)
		for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
			struct cut_result result;
			size_t at;

			cut_file_init(&file, names[form], perf_data_open);
			at = cut_file_find(&file, lies[i].behind, lies[i].len);
			memset(file.bytes + at, 0xff, 4);
			cut_file_read(&file, file.len, &result);
			expect_true(result.code == ERR_FORMAT ||
				    result.code == ERR_LIMIT);
			cut_file_fini(&file);
		}
}

/* A record of no size would be read forever. */
static void test_record_without_size(void **state)
{
	struct cut_result result;
	struct cut_file file;
	uint64_t at;

	(void)state;
	cut_file_init(&file, names[0], perf_data_open);
	memcpy(&at, file.bytes + HEADER_DATA, 8);
	memset(file.bytes + at + 6, 0, 2);
	cut_file_read(&file, file.len, &result);
	expect_i64_eq(result.code, 0);
	expect_true(result.partial);
	expect_u64_eq(result.events, 0);
	cut_file_fini(&file);
}

static void test_foreign(void **state)
{
	(void)state;
	expect_true(!perf_file_is("README.md"));
	expect_true(!perf_file_is("/nonexistent"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_facts),
	    cmocka_unit_test(test_cut_everywhere),
	    cmocka_unit_test(test_lies),
	    cmocka_unit_test(test_lies_of_formats),
	    cmocka_unit_test(test_record_without_size),
	    cmocka_unit_test(test_foreign),
	};

	/* Claims of 2^60 bytes and of 4 GiB must not be believed. */
	test_limit_memory(64 << 20);
	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
