#include "collector/cpu_stats.h"

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
	uint64_t left;

	(void)state;
	assert_int_equal(cpu_stats_parse(stats, &loss, &left), 0);
	expect_u64_eq(left, 17);
	expect_u64_eq(loss.entries, 18446744073700000017u);
	expect_u64_eq(loss.overrun, 5);
	expect_u64_eq(loss.commit_overrun, 3);
	expect_u64_eq(loss.dropped_events, 2);
}

static void test_stats_need_every_line(void **state)
{
	struct cpu_loss loss = {.entries = 99};

	(void)state;
	expect_i64_eq(cpu_stats_parse("", &loss, NULL), ERR_FORMAT);
	expect_i64_eq(
	    cpu_stats_parse("entries: 17\nread events: 1\n", &loss, NULL),
	    ERR_FORMAT);
	expect_i64_eq(cpu_stats_parse("entries: x\noverrun: 0\n"
				      "commit overrun: 0\ndropped events: 0\n"
				      "read events: 0\n",
				      &loss, NULL),
		      ERR_FORMAT);
	/* "commit overrun" is no "overrun". */
	expect_i64_eq(cpu_stats_parse("entries: 1\ncommit overrun: 0\n"
				      "dropped events: 0\nread events: 0\n",
				      &loss, NULL),
		      ERR_FORMAT);
	expect_u64_eq(loss.entries, 99);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_stats_add_what_was_read),
	    cmocka_unit_test(test_stats_need_every_line),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
