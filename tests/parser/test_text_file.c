#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "parser/text_file.h"

/* A file in memory with that content; its path in path. */
static int make(const char *text, size_t len, char path[64])
{
	int fd = memfd_create("text", MFD_CLOEXEC);

	snprintf(path, 64, "/proc/self/fd/%d", fd);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	return fd;
}

static const char *next(struct text_file *file)
{
	static char line[128];
	const char *start, *end;

	assert_int_equal(text_file_line(file, &start, &end, NULL), 0);
	if (!start)
		return NULL;
	snprintf(line, sizeof(line), "%.*s", (int)(end - start), start);
	return line;
}

static void test_lines(void **state)
{
	static const char text[] = "one\n\ntwo\r\nthree";
	struct text_file file;
	char path[64];
	int fd = make(text, strlen(text), path);

	(void)state;
	assert_int_equal(text_file_open(&file, path, NULL), 0);
	for (int i = 0; i < 2; i++) {
		expect_str_eq(next(&file), "one");
		expect_str_eq(next(&file), "");
		expect_str_eq(next(&file), "two");
		expect_true(!file.cut);
		/* It may go on: it is not given. */
		assert_null(next(&file));
		expect_true(file.cut);
		assert_null(next(&file));
		expect_true(file.cut);
		text_file_rewind(&file);
	}
	text_file_close(&file);
	close(fd);
}

/* Lines of any length in any place, against the buffer's border. */
static void test_long(void **state)
{
	size_t sizes[] = {TEXT_LINE_MAX - 1, TEXT_LINE_MAX, TEXT_LINE_MAX + 1,
			  3 * TEXT_LINE_MAX};

	(void)state;
	for (int i = 0; i < 4; i++) {
		size_t len = sizes[i] + 12;
		char *text = malloc(len + 1), path[64];
		struct text_file file;
		int fd;

		memset(text, 'x', len);
		memcpy(text, "before\n", 7);
		strcpy(text + len - 5, "\nend\n");
		fd = make(text, len, path);
		assert_int_equal(text_file_open(&file, path, NULL), 0);
		expect_str_eq(next(&file), "before");
		if (sizes[i] <= TEXT_LINE_MAX)
			expect_u64_eq(strlen(next(&file)), 127);
		expect_str_eq(next(&file), "end");
		assert_null(next(&file));
		expect_true(!file.cut);
		text_file_close(&file);
		close(fd);
		free(text);
	}
}

static void test_errors(void **state)
{
	struct text_file file;
	struct err err = {0};

	(void)state;
	expect_i64_eq(text_file_open(&file, "/nowhere/x", &err), ERR_IO);
	text_file_close(&file);
	expect_i64_eq(text_file_open(&file, "/dev/null", &err), ERR_FORMAT);
	text_file_close(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_long),
	    cmocka_unit_test(test_errors),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
