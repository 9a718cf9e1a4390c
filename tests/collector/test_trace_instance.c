#include "collector/trace_instance.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/test.h"

static const char stats[] = "entries: 17\n"
			    "overrun: 5\n"
			    "commit overrun: 3\n"
			    "bytes: 4000\n"
			    "oldest event ts:    10.878904\n"
			    "now ts:    14.542124\n"
			    "dropped events: 2\n"
			    "read events: 18446744073700000000\n";

static void test_stats_add_what_was_read(void **state)
{
	struct cpu_loss loss;

	(void)state;
	assert_int_equal(cpu_stats_parse(stats, &loss), 0);
	expect_u64_eq(loss.entries, 18446744073700000017u);
	expect_u64_eq(loss.overrun, 5);
	expect_u64_eq(loss.commit_overrun, 3);
	expect_u64_eq(loss.dropped_events, 2);
}

static void test_stats_need_every_line(void **state)
{
	struct cpu_loss loss = {.entries = 99};

	(void)state;
	expect_i64_eq(cpu_stats_parse("", &loss), ERR_FORMAT);
	expect_i64_eq(cpu_stats_parse("entries: 17\nread events: 1\n", &loss),
		      ERR_FORMAT);
	expect_i64_eq(cpu_stats_parse("entries: x\noverrun: 0\n"
				      "commit overrun: 0\ndropped events: 0\n"
				      "read events: 0\n",
				      &loss),
		      ERR_FORMAT);
	/* "commit overrun" is no "overrun". */
	expect_i64_eq(cpu_stats_parse("entries: 1\ncommit overrun: 0\n"
				      "dropped events: 0\nread events: 0\n",
				      &loss),
		      ERR_FORMAT);
	expect_u64_eq(loss.entries, 99);
}

static void test_header_page(void **state)
{
	uint32_t page_size = 1;
	uint8_t long_size = 1;

	(void)state;
	assert_int_equal(
	    header_page_parse(
		"\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
		"\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
		"\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;\n"
		"\tfield: char data;\toffset:16;\tsize:65520;\tsigned:1;\n",
		&page_size, &long_size),
	    0);
	expect_u64_eq(page_size, 65536);
	expect_u64_eq(long_size, 8);
	assert_int_equal(
	    header_page_parse(
		"\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
		"\tfield: local_t commit;\toffset:8;\tsize:4;\tsigned:1;\n"
		"\tfield: char data;\toffset:12;\tsize:4084;\tsigned:0;\n",
		&page_size, &long_size),
	    0);
	expect_u64_eq(page_size, 4096);
	expect_u64_eq(long_size, 4);
	expect_i64_eq(header_page_parse("", &page_size, &long_size),
		      ERR_FORMAT);
	expect_i64_eq(header_page_parse(" commit; offset:8; size:3;"
					" data; offset:16; size:4080;",
					&page_size, &long_size),
		      ERR_FORMAT);
	expect_u64_eq(page_size, 4096);
}

static void test_remove_path(void **state)
{
	char dir[] = "/tmp/kmemscope-instance-XXXXXX", inner[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(inner, sizeof(inner), "%s/open", dir);
	assert_int_equal(mkdir(inner, 0700), 0);
	/* Busy, as an instance whose files are open. */
	expect_true(!trace_instance_remove_path(dir, 50));
	assert_int_equal(rmdir(inner), 0);
	expect_true(trace_instance_remove_path(dir, 50));
	expect_true(trace_instance_remove_path(dir, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_stats_add_what_was_read),
	    cmocka_unit_test(test_stats_need_every_line),
	    cmocka_unit_test(test_header_page),
	    cmocka_unit_test(test_remove_path),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
