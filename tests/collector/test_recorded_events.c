#include "collector/recorded_events.h"

#include <string.h>

#include "tests/support/test.h"

static void test_filter(void **state)
{
	struct event_filter filter;
	struct err err = {0};

	(void)state;
	assert_int_equal(
	    event_filter_parse("kmalloc:bytes_req>=4096", &filter, &err), 0);
	expect_str_eq(filter.event->name, "kmalloc");
	expect_str_eq(filter.event->system, "kmem");
	expect_str_eq(filter.expression, "bytes_req>=4096");
	/* Only the first colon parts. */
	assert_int_equal(event_filter_parse("kmem_cache_free:name == \"a:b\"",
					    &filter, &err),
			 0);
	expect_str_eq(filter.expression, "name == \"a:b\"");
}

static void test_bad_filters(void **state)
{
	static const char *const bad[] = {
	    "",
	    "kmalloc",
	    ":bytes_req>1",
	    "kmalloc:",
	    "kmalloc: ",
	    "kmallo:a>1",
	    "kmalloc_:a>1",
	    "sched_switch:prev_pid==1",
	};
	struct event_filter filter;

	(void)state;
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = {0};

		expect_i64_eq(event_filter_parse(bad[i], &filter, &err),
			      ERR_USAGE);
		expect_true(strstr(err.text, "filter '"));
	}
}

static void test_table(void **state)
{
	unsigned int required = 0, on_request = 0;

	(void)state;
	for (const struct recorded_event *e = recorded_events(); e->name; e++) {
		expect_true(recorded_event_find(e->name, strlen(e->name)) == e);
		required += e->when == EVENT_REQUIRED;
		on_request += e->when == EVENT_ON_REQUEST;
	}
	expect_u64_eq(required, 6);
	expect_u64_eq(on_request, 2);
	expect_true(!recorded_event_find("mm_page_free_batched", 20));
	expect_true(!recorded_event_find("kmallocs", 8));
	expect_true(!recorded_event_find("kmalloc", 6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_filter),
	    cmocka_unit_test(test_bad_filters),
	    cmocka_unit_test(test_table),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
