#include "core/new_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/test.h"

/* Works in a directory of its own. */
static char dir[64];

static int set_up(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/new_file.XXXXXX");
	return mkdtemp(dir) && !chdir(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	unlink("out");
	return rmdir(dir);
}

/* How many files there are. */
static size_t files(void)
{
	DIR *list = opendir(".");
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(list);
	while ((entry = readdir(list)))
		count += entry->d_name[0] != '.';
	closedir(list);
	return count;
}

static void write_out(const char *text, bool overwrite)
{
	struct new_file file;
	uint64_t bytes = 0;

	expect_i64_eq(new_file_open(&file, "out", overwrite, NULL), 0);
	fputs(text, file.file);
	expect_i64_eq(new_file_finish(&file, 0, &bytes, NULL), 0);
	expect_u64_eq(bytes, strlen(text));
}

static void test_appears_whole(void **state)
{
	struct new_file file;
	struct stat st;
	uint64_t bytes;

	(void)state;
	expect_i64_eq(new_file_open(&file, "out", false, NULL), 0);
	fputs("hello", file.file);
	expect_true(access("out", F_OK) != 0);
	expect_i64_eq(new_file_finish(&file, 0, &bytes, NULL), 0);
	expect_i64_eq(stat("out", &st), 0);
	expect_u64_eq(st.st_mode & 0777, 0600);
	expect_u64_eq((uint64_t)st.st_size, 5);
	expect_u64_eq(files(), 1);
}

static void test_failure_leaves_nothing(void **state)
{
	struct new_file file;
	uint64_t bytes;

	(void)state;
	expect_i64_eq(new_file_open(&file, "out", false, NULL), 0);
	expect_i64_eq(new_file_finish(&file, ERR_FORMAT, &bytes, NULL),
		      ERR_FORMAT);
	expect_i64_eq(new_file_make(&file, "out", false, NULL), 0);
	expect_u64_eq(files(), 1);
	new_file_drop(&file);
	new_file_drop(&file);
	expect_u64_eq(files(), 0);
}

static void test_exists(void **state)
{
	struct new_file file;
	struct err err = {0};

	(void)state;
	write_out("one", false);
	expect_i64_eq(new_file_make(&file, "out", false, &err), ERR_EXISTS);
	expect_true(strstr(err.text, "-f") != NULL);
	write_out("three", true);
	expect_u64_eq(files(), 1);
}

/* A file that came meanwhile is not replaced. */
static void test_race(void **state)
{
	struct new_file file;
	int fd;

	(void)state;
	expect_i64_eq(new_file_make(&file, "out", false, NULL), 0);
	fd = open("out", O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	close(fd);
	expect_i64_eq(new_file_place(&file, NULL), ERR_EXISTS);
	expect_u64_eq(files(), 1);
}

static void test_bad_names(void **state)
{
	static char longest[NEW_FILE_PATH_MAX + 1];
	struct new_file file;
	struct err err = {0};

	(void)state;
	expect_i64_eq(new_file_make(&file, "no/such/out", false, &err),
		      ERR_MISSING);
	expect_true(strstr(err.text, "folder") != NULL);
	expect_i64_eq(new_file_make(&file, dir, true, &err), ERR_EXISTS);
	expect_true(strstr(err.text, "is a directory") != NULL);
	memset(longest, 'x', sizeof(longest) - 1);
	expect_i64_eq(new_file_make(&file, longest, false, NULL), ERR_LIMIT);
	expect_u64_eq(files(), 0);
}

#define file_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    file_test(test_appears_whole),
	    file_test(test_failure_leaves_nothing),
	    file_test(test_exists),
	    file_test(test_race),
	    file_test(test_bad_names),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
