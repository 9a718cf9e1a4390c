#include "parser/info_read.h"

#include <stdio.h>
#include <string.h>

#include "tests/support/test.h"

/* Enough for everything but what a file claims. */
enum { MEMORY_MORE = 16 << 20 };

static const char good[] =
    "{\"format\": 1, \"title\": \"t\", \"release\": \"6.18.44-x\", "
    "\"machine\": \"x86_64\", \"page_size\": 4096, \"long_size\": 8, "
    "\"endian\": \"little\", \"cpus\": 4, \"clock\": \"mono\", "
    "\"loss\": {\"3\": {\"entries\": 10, \"overrun\": 2, "
    "\"commit_overrun\": 3, \"dropped_events\": 4}}, "
    "\"command\": [\"make\", \"-j2\"], \"command_status\": 2, "
    "\"filters\": {\"kmem/kmalloc\": \"bytes_req>=4096\"}, "
    "\"self_pids\": [41, 42], \"markers\": true}";

static int parse(const char *text, struct trace *trace, struct err *err)
{
	*trace = (struct trace){0};
	return info_parse(text, strlen(text), trace, err);
}

static void test_all_members(void **state)
{
	struct trace trace;
	struct err err = {0};

	(void)state;
	assert_int_equal(parse(good, &trace, &err), 0);
	expect_i64_eq(trace.info.version_major, 6);
	expect_i64_eq(trace.info.version_minor, 18);
	expect_u64_eq(trace.info.page_size, 4096);
	expect_u64_eq(trace.info.cpu_count, 4);
	expect_u64_eq(trace.info.cpus[3].commit_overrun, 3);
	expect_u64_eq(trace.anomalies.count[ANOMALY_LOST_EVENTS], 9);
	expect_u64_eq(trace.anomalies.count[ANOMALY_FILTERED], 1);
	expect_true(trace.info.filtered);
	expect_true(trace.info.markers);
	expect_str_eq(trace.info.command, "make -j2");
	expect_i64_eq(trace.info.command_status, 2);
	expect_true(trace_is_self(&trace, 42));
	expect_true(!trace_is_self(&trace, 43));
	trace_fini(&trace);
}

/* Each change of a good file must fail and name the member. */
static void test_wrong_members(void **state)
{
	static const struct {
		const char *from, *to, *named;
	} cases[] = {
	    {"\"format\": 1", "\"format\": 2", "format 2"},
	    {"\"format\": 1,", "", "format"},
	    {"6.18.44-x", "linux", "release"},
	    {"\"page_size\": 4096", "\"page_size\": 4095", "page_size"},
	    {"\"page_size\": 4096", "\"page_size\": -4096", "page_size"},
	    {"\"page_size\": 4096", "\"page_size\": 1e300", "page_size"},
	    {"\"page_size\": 4096", "\"page_size\": \"4096\"", "page_size"},
	    {"\"long_size\": 8", "\"long_size\": 6", "long_size"},
	    {"little", "middle", "endian"},
	    {"\"cpus\": 4", "\"cpus\": 0", "cpus"},
	    {"\"cpus\": 4", "\"cpus\": 5000", "cpus"},
	    {"\"cpus\": 4", "\"cpus\": 1.5", "cpus"},
	    {"\"cpus\": 4", "\"cpus\": 1152921504606846976", "cpus"},
	    {"\"entries\": 10", "\"entries\": 1152921504606846976", "entries"},
	    {"\"3\": {", "\"4\": {", "CPU \"4\""},
	    {"\"3\": {", "\"x\": {", "CPU \"x\""},
	    {"\"entries\": 10", "\"entries\": -1", "entries"},
	    {"\"clock\": \"mono\"", "\"clock\": 5", "clock"},
	    {"[41, 42]", "[41, \"42\"]", "self_pids"},
	    {"\"markers\": true}", "", "JSON"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *at = strstr(good, cases[i].from);
		char text[1024];
		struct trace trace;
		struct err err = {0};

		assert_non_null(at);
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - good), good,
			 cases[i].to, at + strlen(cases[i].from));
		expect_true(parse(text, &trace, &err) < 0);
		if (!strstr(err.text, cases[i].named))
			fail_msg("\"%s\" does not name %s", err.text,
				 cases[i].named);
		trace_fini(&trace);
	}
}

/* Up to its last brace it is no JSON. */
static void test_cut_everywhere(void **state)
{
	char text[sizeof(good)];
	struct trace trace;
	struct err err = {0};

	(void)state;
	for (size_t len = 0; len < strlen(good); len++) {
		snprintf(text, sizeof(text), "%.*s", (int)len, good);
		assert_int_equal(parse(text, &trace, &err), ERR_FORMAT);
		expect_true(strstr(err.text, "JSON") != NULL);
		trace_fini(&trace);
	}
}

/* A real boot whose buffer was too small. */
static void test_lost_of_a_boot(void **state)
{
	FILE *file =
	    fopen("tests/data/machines/debian61-boot/capture.json", "r");
	char text[8192];
	struct trace trace;
	struct err err = {0};
	size_t len;

	(void)state;
	assert_non_null(file);
	len = fread(text, 1, sizeof(text) - 1, file);
	text[len] = '\0';
	fclose(file);
	assert_int_equal(parse(text, &trace, &err), 0);
	expect_u64_eq(trace.anomalies.count[ANOMALY_LOST_EVENTS], 1287299);
	trace_fini(&trace);
}

static void test_not_an_object(void **state)
{
	static const char *const texts[] = {"", "[]", "5", "null", "{", "{}"};
	struct trace trace;
	struct err err = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		expect_true(parse(texts[i], &trace, &err) < 0);
		trace_fini(&trace);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_all_members),
	    cmocka_unit_test(test_wrong_members),
	    cmocka_unit_test(test_cut_everywhere),
	    cmocka_unit_test(test_lost_of_a_boot),
	    cmocka_unit_test(test_not_an_object),
	};

	test_limit_memory(MEMORY_MORE);
	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
