/*
 * A folder that looks like tracefs stands for it.
 */
#include "collector/boot_events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "collector/capture_dir.h"
#include "tests/support/test.h"

static char top[64];

/* Makes the folders on the way, too. */
static void put(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", top, name);
	for (char *slash = strchr(path + strlen(top) + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void put_event(const char *name, const char *filter)
{
	char path[128];

	snprintf(path, sizeof(path), "events/%s/format", name);
	put(path, "name: x\n");
	snprintf(path, sizeof(path), "events/%s/filter", name);
	put(path, filter);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(top, "/tmp/kmemscope-boot-XXXXXX");
	return mkdtemp(top) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	capture_dir_remove(top);
	return 0;
}

static void test_enabled_and_known(void **state)
{
	struct boot_events events;

	(void)state;
	put_event("kmem/kmalloc", "none\n");
	put_event("kmem/kfree", "none\n");
	put_event("kmem/mm_page_alloc", "none\n");
	put_event("irq/kmalloc", "none\n");
	/* The last has no format: a module that has gone. */
	put("set_event", "kmem:kfree\nirq:kmalloc\nkmem:kmalloc\ngone:gone\n");
	assert_int_equal(boot_events_read(top, &events, NULL), 0);
	assert_int_equal(events.enabled_count, 3);
	expect_str_eq(events.enabled[0]->name, "kfree");
	expect_str_eq(events.enabled[1]->system, "irq");
	expect_str_eq(events.enabled[2]->system, "kmem");
	/* Three that a recording would turn on, and the other one. */
	assert_int_equal(events.known_count, 4);
	expect_str_eq(events.known[3]->system, "irq");
	expect_u64_eq(events.filter_count, 0);
	boot_events_fini(&events);
}

static void test_filters_are_told(void **state)
{
	struct boot_events events;

	(void)state;
	put_event("kmem/kmalloc", "bytes_req >= 4096\n");
	put_event("kmem/kfree", "none\n");
	put("set_event", "kmem:kmalloc\nkmem:kfree\n");
	assert_int_equal(boot_events_read(top, &events, NULL), 0);
	assert_int_equal(events.filter_count, 1);
	expect_str_eq(events.filters[0].event->name, "kmalloc");
	expect_str_eq(events.filters[0].expression, "bytes_req >= 4096");
	boot_events_fini(&events);
}

static void test_nothing_enabled(void **state)
{
	struct boot_events events;

	(void)state;
	put_event("kmem/kmalloc", "none\n");
	put("set_event", "");
	assert_int_equal(boot_events_read(top, &events, NULL), 0);
	expect_u64_eq(events.enabled_count, 0);
	expect_u64_eq(events.known_count, 1);
	boot_events_fini(&events);
}

static void test_no_tracefs(void **state)
{
	struct boot_events events;
	struct err err = {0};

	(void)state;
	expect_i64_eq(boot_events_read(top, &events, &err), ERR_IO);
	expect_true(strstr(err.text, "set_event: No such file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_enabled_and_known, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(test_filters_are_told, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(test_nothing_enabled, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(test_no_tracefs, set_up, tear_down),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
