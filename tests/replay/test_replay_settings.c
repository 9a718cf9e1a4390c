/*
 * KEY=VALUE settings: what is parsed, what is refused, and how they print.
 */
#include <string.h>

#include "tests/replay/replay_bed.h"

static void test_settings(void **state)
{
	struct replay_settings settings = replay_settings_none();
	struct err err = {0};
	char text[128];

	(void)state;
	expect_str_eq(replay_settings_format(&settings, text, sizeof(text)),
		      "");
	must(replay_settings_parse(&settings, "slub.min_partial=0", &err),
	     &err);
	must(replay_settings_parse(&settings, "slub.max_order=2", &err), &err);
	expect_str_eq(replay_settings_format(&settings, text, sizeof(text)),
		      "slub.max_order=2 slub.min_partial=0");
	must(replay_settings_parse(&settings, "slub.debug=UZ", &err), &err);
	expect_str_eq(replay_settings_format(&settings, text, sizeof(text)),
		      "slub.max_order=2 slub.min_partial=0 slub.debug=ZU");
	assert_int_equal(replay_settings_parse(&settings, "slub.debug=", &err),
			 ERR_USAGE);
	assert_int_equal(replay_settings_parse(&settings, "slub.debug=A", &err),
			 ERR_USAGE);
	expect_true(strstr(err.text, "FZPUO") != NULL);
	assert_int_equal(replay_settings_parse(&settings, "slub.x=1", &err),
			 ERR_USAGE);
	expect_true(strstr(err.text, "slub.cpu_partial") != NULL);
	assert_int_equal(replay_settings_parse(&settings, "pcp.batch=0", &err),
			 ERR_USAGE);
	assert_int_equal(
	    replay_settings_parse(&settings, "slub.max_order", &err),
	    ERR_USAGE);
	assert_int_equal(
	    replay_settings_parse(&settings, "slub.max_order=16", &err),
	    ERR_USAGE);
	assert_int_equal(
	    replay_settings_parse(&settings, "slub.max_order=-1", &err),
	    ERR_USAGE);
	assert_int_equal(
	    replay_settings_parse(&settings, "slub.max_order=1x", &err),
	    ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_settings),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
