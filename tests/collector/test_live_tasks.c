#include "collector/live_tasks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/capture_dir.h"
#include "tests/support/test.h"

static char dir[64];

static void make(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

/* A process with one task of that number, whose file says text. */
static void put_file(int tid, const char *which, const char *text)
{
	char name[64], path[256];
	FILE *file;

	snprintf(name, sizeof(name), "%d", tid);
	make(name);
	snprintf(name, sizeof(name), "%d/task", tid);
	make(name);
	snprintf(name, sizeof(name), "%d/task/%d", tid, tid);
	make(name);
	if (!text)
		return;
	snprintf(path, sizeof(path), "%s/%s/%s", dir, name, which);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void put(int tid, const char *text)
{
	put_file(tid, "cgroup", text);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/kmemscope-tasks-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	capture_dir_remove(dir);
	return 0;
}

/* The line of a task, "" if there is none. */
static const char *line_of(const struct bytes *text, const char *tid)
{
	static char line[256];
	const char *at = text->data;
	size_t len = strlen(tid);

	line[0] = '\0';
	for (; *at; at = strchr(at, '\n') + 1)
		if (!strncmp(at, tid, len) && at[len] == ' ')
			snprintf(line, sizeof(line), "%.*s",
				 (int)strcspn(at, "\n"), at);
	return line;
}

static void test_groups(void **state)
{
	struct bytes text = {0};

	(void)state;
	put(1, "0::/init.scope\n");
	/* cgroup 1: the memory controller's, wherever it stands. */
	put(20, "5:cpu,cpuacct:/c\n4:memory:/a b:c\n0::/unified\n");
	put(21, "0::/unified\n4:hugetlb,memory:/m\n");
	put(22, "4:memory_x:/no\n0::/unified");
	put(23, "4:cpu:/no\n");	  /* in no group of memory */
	put(24, "no colons\n\n"); /* not what a kernel writes */
	put(25, "4:memory:\n");
	put(26, NULL); /* gone */
	make("self");
	assert_int_equal(live_cgroups(dir, &text), 0);
	assert_int_equal(bytes_append(&text, "", 1), 0);
	expect_str_eq(line_of(&text, "1"), "1 /init.scope");
	expect_str_eq(line_of(&text, "20"), "20 /a b:c");
	expect_str_eq(line_of(&text, "21"), "21 /m");
	expect_str_eq(line_of(&text, "22"), "22 /unified");
	expect_u64_eq(text.len, strlen("1 /init.scope\n20 /a b:c\n21 /m\n"
				       "22 /unified\n") +
				    1);
	bytes_fini(&text);
}

static void test_names(void **state)
{
	struct bytes text = {0};

	(void)state;
	put_file(1, "comm", "init\n");
	put_file(2, "comm", "a b) 9\n");
	put_file(3, "comm", "two\nlines\n");
	put_file(4, "comm", "\n"); /* prctl(PR_SET_NAME, "") */
	put_file(5, "comm", NULL); /* gone */
	assert_int_equal(live_comms(dir, &text), 0);
	assert_int_equal(bytes_append(&text, "", 1), 0);
	expect_str_eq(line_of(&text, "1"), "1 init");
	expect_str_eq(line_of(&text, "2"), "2 a b) 9");
	expect_str_eq(line_of(&text, "3"), "3 two?lines");
	expect_u64_eq(text.len, strlen("1 init\n2 a b) 9\n3 two?lines\n") + 1);
	bytes_fini(&text);
}

static void test_unreadable(void **state)
{
	struct bytes text = {0};

	(void)state;
	assert_int_equal(live_cgroups("/nonexistent", &text), ERR_IO);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(live_comms("/nonexistent", &text), ERR_IO);
	expect_u64_eq(text.len, 0);
	bytes_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_groups, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_names, set_up, tear_down),
	    cmocka_unit_test(test_unreadable),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
