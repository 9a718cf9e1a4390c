#include "collector/capture_dir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/test.h"

static char top[64];

static int set_up(void **state)
{
	(void)state;
	strcpy(top, "/tmp/kmemscope-dir-XXXXXX");
	return mkdtemp(top) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	capture_dir_remove(top);
	return access(top, F_OK) ? 0 : -1;
}

static void expect_mode(const char *path, unsigned int want)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	expect_u64_eq(st.st_mode & 07777, want);
}

static void plan(struct capture_dir *dir, const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", top, name);
	assert_int_equal(capture_dir_plan(dir, path, NULL), 0);
}

static void test_whole_or_nothing(void **state)
{
	struct capture_dir dir;
	char path[PATH_MAX + 32];

	(void)state;
	plan(&dir, "a.kmem//");
	assert_int_equal(capture_dir_create(&dir, NULL), 0);
	assert_int_equal(
	    capture_dir_write(&dir, "one/two/file", "hello", 5, NULL), 0);
	/* A name is written once. */
	expect_i64_eq(capture_dir_write(&dir, "one/two/file", "x", 1, NULL),
		      ERR_IO);
	expect_true(access(dir.path, F_OK));
	assert_int_equal(capture_dir_commit(&dir, NULL), 0);
	expect_true(access(dir.partial, F_OK));
	expect_mode(dir.path, 0700);
	snprintf(path, sizeof(path), "%s/one/two", dir.path);
	expect_mode(path, 0700);
	snprintf(path, sizeof(path), "%s/one/two/file", dir.path);
	expect_mode(path, 0600);
	capture_dir_discard(&dir);
	expect_true(!access(path, F_OK));
}

static void test_discard(void **state)
{
	struct capture_dir dir;

	(void)state;
	plan(&dir, "a.kmem");
	assert_int_equal(capture_dir_create(&dir, NULL), 0);
	assert_int_equal(capture_dir_write(&dir, "a/b", "x", 1, NULL), 0);
	capture_dir_discard(&dir);
	expect_true(access(dir.partial, F_OK));
	expect_true(access(dir.path, F_OK));
}

static void test_taken(void **state)
{
	struct capture_dir dir;
	char other[PATH_MAX];
	struct err err = {0};

	(void)state;
	expect_i64_eq(capture_dir_plan(&dir, top, &err), ERR_EXISTS);
	expect_true(strstr(err.text, top));
	expect_i64_eq(capture_dir_plan(&dir, ".", NULL), ERR_EXISTS);
	expect_i64_eq(capture_dir_plan(&dir, "/", NULL), ERR_EXISTS);
	expect_i64_eq(capture_dir_plan(&dir, "", NULL), ERR_USAGE);
	snprintf(other, sizeof(other), "%s/no/where", top);
	expect_i64_eq(capture_dir_plan(&dir, other, NULL), ERR_MISSING);
	/* Taken between the plan and the end: what is there stays. */
	plan(&dir, "a.kmem");
	assert_int_equal(capture_dir_create(&dir, NULL), 0);
	assert_int_equal(mkdir(dir.path, 0755), 0);
	expect_i64_eq(capture_dir_commit(&dir, NULL), ERR_EXISTS);
	expect_mode(dir.path, 0755);
	capture_dir_discard(&dir);
	expect_true(access(dir.partial, F_OK));
}

/* What a link points to is not ours to remove. */
static void test_remove_follows_no_link(void **state)
{
	char path[PATH_MAX];
	struct capture_dir dir;

	(void)state;
	plan(&dir, "a.kmem");
	assert_int_equal(capture_dir_create(&dir, NULL), 0);
	snprintf(path, sizeof(path), "%s/kept", top);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(symlinkat(path, dir.fd, "link"), 0);
	capture_dir_discard(&dir);
	expect_true(!access(path, F_OK));
	expect_true(access(dir.partial, F_OK));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_whole_or_nothing, set_up,
					    tear_down),
	    cmocka_unit_test_setup_teardown(test_discard, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_taken, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_remove_follows_no_link, set_up,
					    tear_down),
	};

	umask(0);
	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
