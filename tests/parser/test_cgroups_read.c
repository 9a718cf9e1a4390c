#include "parser/cgroups_read.h"

#include <string.h>

#include "tests/parser/made_capture.h"
#include "tests/support/test.h"

static int read_made(const char *text, struct trace *trace)
{
	struct made_capture capture;
	struct err err = {0};
	int ret;

	*trace = (struct trace){0};
	made_capture_init(&capture, 8, false, 1);
	if (text)
		made_capture_text(&capture, "kernel/cgroups", text);
	ret = cgroups_read(capture.dir, trace, &err);
	if (ret)
		expect_true(strstr(err.text, "kernel/cgroups: line ") != NULL);
	made_capture_fini(&capture);
	return ret;
}

static const char *group_of(const struct trace *trace, uint32_t pid)
{
	const uint64_t *name = map_find(&trace->cgroups, pid);

	return name ? names_get(&trace->names, (uint32_t)*name) : "none";
}

static void test_file(void **state)
{
	struct trace trace;

	(void)state;
	assert_int_equal(
	    read_made("1 /init.scope\n7 /a b:c\n8 /init.scope\n", &trace), 0);
	expect_str_eq(group_of(&trace, 1), "/init.scope");
	expect_str_eq(group_of(&trace, 7), "/a b:c");
	expect_str_eq(group_of(&trace, 8), "/init.scope");
	expect_str_eq(group_of(&trace, 9), "none");
	trace_fini(&trace);
}

/* An older capture has no such file. */
static void test_absent(void **state)
{
	struct trace trace;

	(void)state;
	assert_int_equal(read_made(NULL, &trace), 0);
	expect_u64_eq(map_count(&trace.cgroups), 0);
	trace_fini(&trace);
}

static void test_bad_lines(void **state)
{
	static const char *const bad[] = {
	    "init /x\n",
	    "1\n",
	    "1 \n",
	    "-1 /x\n",
	    "2147483648 /x\n",
	    "99999999999999999999 /x\n",
	    "1 /x\n\n2 /y\n",
	};
	char longest[5000];
	struct trace trace;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		assert_int_equal(read_made(bad[i], &trace), ERR_FORMAT);
		trace_fini(&trace);
	}
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "1 ", 2);
	longest[2 + 4097] = '\0';
	assert_int_equal(read_made(longest, &trace), ERR_FORMAT);
	trace_fini(&trace);
	longest[2 + 4096] = '\0';
	assert_int_equal(read_made(longest, &trace), 0);
	trace_fini(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_file),
	    cmocka_unit_test(test_absent),
	    cmocka_unit_test(test_bad_lines),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
