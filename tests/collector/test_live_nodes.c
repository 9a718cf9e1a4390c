#include "collector/live_nodes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/capture_dir.h"
#include "tests/support/test.h"

static char dir[64];

static void put(const char *name, const char *cpulist)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(mkdir(path, 0700), 0);
	if (!cpulist)
		return;
	snprintf(path, sizeof(path), "%s/%s/cpulist", dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(cpulist, file);
	fclose(file);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/kmemscope-nodes-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	capture_dir_remove(dir);
	return 0;
}

static void test_nodes(void **state)
{
	struct bytes text = {0};

	(void)state;
	put("node10", "4,6-7\n");
	put("node2", "\n"); /* memory only */
	put("node0", "0-3\n");
	put("power", NULL);
	put("nodes", NULL);
	assert_int_equal(live_nodes(dir, &text), 0);
	assert_int_equal(bytes_append(&text, "", 1), 0);
	expect_str_eq(text.data, "0 0-3\n2\n10 4,6-7\n");
	bytes_fini(&text);
}

static void test_unreadable(void **state)
{
	struct bytes text = {0};

	(void)state;
	put("node0", NULL);
	assert_int_equal(live_nodes(dir, &text), ERR_IO);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(live_nodes("/nonexistent", &text), ERR_IO);
	assert_int_equal(errno, ENOENT);
	expect_u64_eq(text.len, 0);
	bytes_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_nodes, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_unreadable, set_up, tear_down),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
