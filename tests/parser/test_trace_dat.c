/*
 * trace.dat: small files of both versions, whole, cut and lying. What is in
 * them beyond that tests/cli/import_trace_dat.sh compares with a capture.
 */
#include <stdio.h>
#include <string.h>

#include "parser/dat_file.h"
#include "parser/trace_dat.h"
#include "tests/parser/cut_file.h"
#include "tests/support/test.h"

static int open_all(const char *path, struct trace *trace,
		    struct source **source, struct err *err)
{
	return trace_dat_open(path, NULL, trace, source, err);
}

static const char *const names[] = {"fuzz/corpus/trace_dat/v6",
				    "fuzz/corpus/trace_dat/v7",
				    "fuzz/corpus/trace_dat/v7-zstd"};

static void test_facts(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		struct trace trace = {0};
		struct source *source = NULL;
		struct err err = {0};
		struct capture_info *info = &trace.info;

		expect_true(dat_file_is(names[i]));
		expect_i64_eq(
		    trace_dat_open(names[i], "", &trace, &source, &err), 0);
		expect_u64_eq(info->page_size, 4096);
		expect_u64_eq(info->long_size, 8);
		expect_u64_eq(info->cpu_count, 2);
		expect_str_eq(info->clock, "mono");
		expect_str_eq(info->release, "6.1.192");
		expect_str_eq(info->machine, "x86_64");
		expect_str_eq(trace_comm(&trace, 99), "sh");
		expect_u64_eq(info->cpus[0].overrun, 3);
		expect_u64_eq(trace.anomalies.count[ANOMALY_LOST_EVENTS], 3);
		expect_i64_eq(info->slab_kind, SLAB_KIND_SLUB);
		source_close(source);
		trace_fini(&trace);
	}
}

static void test_cut_everywhere(void **state)
{
	struct cut_file file;

	(void)state;
	for (int i = 0; i < 3; i++) {
		size_t partial;

		cut_file_init(&file, names[i], open_all);
		partial = cut_file_everywhere(&file, NULL, 0);
		/* Version 6 has its pages last, 7 its options. */
		if (i == 0)
			expect_true(partial > 4096);
		cut_file_fini(&file);
	}
}

/* Each number as large as it can be: refused by size, never by malloc(). */
static void test_lies(void **state)
{
	static const struct {
		const char *behind;
		size_t len, skip, bytes;
	} lies[] = {
	    {"tracing6", 9, 2, 4},	      /* page size */
	    {"header_page", 12, 0, 8},	      /* its size */
	    {"header_event", 13, 0, 8},	      /* its size */
	    {"kmem", 5, 0, 4},		      /* events of the system */
	    {"kmem", 5, 4, 8},		      /* size of a format */
	    {"print fmt: \"x\"\n", 15, 0, 4}, /* number of systems */
	};
	struct cut_file file;

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++) {
		struct cut_result result;
		size_t at;

		cut_file_init(&file, names[0], open_all);
		at = cut_file_find(&file, lies[i].behind, lies[i].len) +
		     lies[i].skip;
		memset(file.bytes + at, 0xff, lies[i].bytes);
		/* 2^60 and the like, not only -1. */
		if (lies[i].bytes == 8)
			file.bytes[at + 7] = 0x10;
		cut_file_read(&file, file.len, &result);
		expect_true(result.code == ERR_FORMAT ||
			    result.code == ERR_LIMIT);
		cut_file_fini(&file);
	}
}

/* The list of symbols claims 4 GiB; the CPUs claim 2^60 bytes of pages. */
static void test_lies_behind(void **state)
{
	static const char symbols[] = "ffffffff81000000 T _text\n";
	struct cut_result result;
	struct cut_file file;
	size_t at;

	(void)state;
	cut_file_init(&file, names[0], open_all);
	at = cut_file_find(&file, symbols, strlen(symbols)) - strlen(symbols);
	memset(file.bytes + at - 4, 0xff, 4);
	cut_file_read(&file, file.len, &result);
	expect_i64_eq(result.code, ERR_LIMIT);
	cut_file_fini(&file);

	cut_file_init(&file, names[0], open_all);
	at = cut_file_find(&file, "flyrecord", 10);
	file.bytes[at + 15] = 0x10;
	cut_file_read(&file, file.len, &result);
	expect_i64_eq(result.code, 0);
	expect_true(result.partial);
	cut_file_fini(&file);
}

static int open_top(const char *path, struct trace *trace,
		    struct source **source, struct err *err)
{
	return trace_dat_open(path, "", trace, source, err);
}

static int open_foo(const char *path, struct trace *trace,
		    struct source **source, struct err *err)
{
	return trace_dat_open(path, "foo", trace, source, err);
}

static int open_bar(const char *path, struct trace *trace,
		    struct source **source, struct err *err)
{
	return trace_dat_open(path, "bar", trace, source, err);
}

static void put(struct cut_file *file, size_t *at, const void *bytes,
		size_t len)
{
	memcpy(file->bytes + *at, bytes, len);
	*at += len;
}

/* The places and sizes of the pages of CPUs 0 and 1, behind their tag. */
static void put_records(struct cut_file *file, size_t *at, uint64_t first,
			uint64_t second)
{
	uint64_t cpus[] = {8192, first, 12288, second};

	put(file, at, "flyrecord", 10);
	put(file, at, cpus, sizeof(cpus));
}

/*
 * The version 6 file with an instance "foo" (trace.dat(5): option BUFFER), to
 * which the second CPU's pages belong; the top one has "top" bytes of the
 * first's.
 */
static void init_instances(struct cut_file *file, uint64_t top, cut_open *open)
{
	static const uint8_t option[] = {3, 0, 12, 0, 0, 0};
	static const uint8_t no_option[] = {0, 0};
	uint64_t foo;
	size_t at;

	cut_file_init(file, names[0], open);
	at = cut_file_find(file, "flyrecord", 10) - 10 - sizeof(no_option);
	foo = at + sizeof(option) + 12 + sizeof(no_option) + 10 + 32;
	put(file, &at, option, sizeof(option));
	put(file, &at, &foo, sizeof(foo));
	put(file, &at, "foo", 4);
	put(file, &at, no_option, sizeof(no_option));
	put_records(file, &at, top, 0);
	assert_int_equal(at, foo);
	put_records(file, &at, 0, 4096);
	assert_true(at <= 8192);
}

/* Both have kmalloc events: a choice is asked for. */
static void test_instances(void **state)
{
	struct cut_result result;
	struct cut_file file;

	(void)state;
	init_instances(&file, 4096, open_all);
	cut_file_read(&file, file.len, &result);
	expect_i64_eq(result.code, ERR_USAGE);
	expect_true(strstr(result.text, "the top instance and foo both hold "
					"kfree events") != NULL);
	expect_true(strstr(result.text, "--instance") != NULL);
	file.open = open_top;
	cut_file_read(&file, file.len, &result);
	expect_i64_eq(result.code, 0);
	expect_u64_eq(result.events, 83);
	file.open = open_foo;
	cut_file_read(&file, file.len, &result);
	expect_i64_eq(result.code, 0);
	expect_u64_eq(result.events, 83);
	file.open = open_bar;
	cut_file_read(&file, file.len, &result);
	expect_i64_eq(result.code, ERR_MISSING);
	expect_true(strstr(result.text, "no instance \"bar\"; it has the top "
					"instance, foo") != NULL);
	cut_file_fini(&file);
}

/* An instance alone needs no choice; nor does a file without instances. */
static void test_one_instance_recorded(void **state)
{
	struct cut_result result;
	struct cut_file file;

	(void)state;
	init_instances(&file, 0, open_all);
	cut_file_read(&file, file.len, &result);
	expect_i64_eq(result.code, 0);
	expect_u64_eq(result.events, 83);
	cut_file_fini(&file);
	for (int i = 0; i < 3; i++) {
		cut_file_init(&file, names[i], open_foo);
		cut_file_read(&file, file.len, &result);
		expect_i64_eq(result.code, ERR_MISSING);
		expect_true(strstr(result.text, "it has the top instance"));
		cut_file_fini(&file);
	}
}

/* Sections that lead back to themselves have an end. */
static void test_circle_of_sections(void **state)
{
	struct cut_result result;
	struct cut_file file;
	uint64_t options;
	size_t at;

	(void)state;
	cut_file_init(&file, names[1], open_all);
	at = cut_file_find(&file, "none\0", 6);
	memcpy(&options, file.bytes + at, 8);
	/* Its first option becomes "the next section is this one". */
	memset(file.bytes + options + 16, 0, 2);
	memcpy(file.bytes + options + 22, &options, 8);
	cut_file_read(&file, file.len, &result);
	expect_i64_eq(result.code, ERR_LIMIT);
	cut_file_fini(&file);
}

static void test_foreign(void **state)
{
	struct cut_result result;
	struct cut_file file;

	(void)state;
	cut_file_init(&file, names[0], open_all);
	file.bytes[10] = '5';
	cut_file_read(&file, file.len, &result);
	expect_i64_eq(result.code, ERR_UNSUPPORTED);
	expect_true(strstr(result.text, "trace-cmd convert") != NULL);
	cut_file_fini(&file);

	cut_file_init(&file, names[2], open_all);
	memcpy(file.bytes + cut_file_find(&file, "zst", 3), "x", 1);
	cut_file_read(&file, file.len, &result);
	expect_i64_eq(result.code, ERR_UNSUPPORTED);
	cut_file_fini(&file);
	expect_true(!dat_file_is("README.md"));
	expect_true(!dat_file_is("/nonexistent"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_facts),
	    cmocka_unit_test(test_cut_everywhere),
	    cmocka_unit_test(test_lies),
	    cmocka_unit_test(test_lies_behind),
	    cmocka_unit_test(test_instances),
	    cmocka_unit_test(test_one_instance_recorded),
	    cmocka_unit_test(test_circle_of_sections),
	    cmocka_unit_test(test_foreign),
	};

	/* Claims of 2^60 bytes and of 4 GiB must not be believed. */
	test_limit_memory(64 << 20);
	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
