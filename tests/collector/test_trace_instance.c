#include "collector/trace_instance.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/test.h"

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
	    cmocka_unit_test(test_header_page),
	    cmocka_unit_test(test_remove_path),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
