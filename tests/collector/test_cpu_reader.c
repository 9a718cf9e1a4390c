/*
 * A pipe stands for trace_pipe_raw: it can be spliced from and polled too.
 */
#include "collector/cpu_reader.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/support/test.h"

enum { PAGE = 4096, PAGES = 300 };

struct bench {
	int in, raw, stop, alarm;
	char path[64];
};

static void open_bench(struct bench *bench)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
	bench->raw = ends[0];
	bench->in = ends[1];
	bench->stop = eventfd(0, EFD_CLOEXEC);
	bench->alarm = eventfd(0, EFD_CLOEXEC);
	strcpy(bench->path, "/tmp/kmemscope-raw-XXXXXX");
	close(mkstemp(bench->path));
}

static void close_bench(struct bench *bench)
{
	close(bench->in);
	close(bench->stop);
	close(bench->alarm);
	unlink(bench->path);
}

/* Every page is full of its own number. */
static void feed(struct bench *bench)
{
	char page[PAGE];

	for (int i = 0; i < PAGES; i++) {
		memset(page, i, sizeof(page));
		assert_int_equal(write(bench->in, page, PAGE), PAGE);
	}
}

static void stop(struct bench *bench)
{
	uint64_t one = 1;

	assert_int_equal(write(bench->stop, &one, 8), 8);
}

static void expect_all_pages(const char *path)
{
	unsigned char page[PAGE];
	FILE *in = fopen(path, "r");

	assert_non_null(in);
	for (int i = 0; i < PAGES; i++) {
		assert_int_equal(fread(page, PAGE, 1, in), 1);
		expect_u64_eq(page[0], (unsigned char)i);
		expect_u64_eq(page[PAGE - 1], (unsigned char)i);
	}
	expect_true(fgetc(in) == EOF);
	fclose(in);
}

/* flags O_APPEND: a file that takes no splice. */
static void move_all(int flags)
{
	struct cpu_reader reader;
	struct bench bench;

	open_bench(&bench);
	assert_int_equal(cpu_reader_start(&reader, 5, bench.raw,
					  open(bench.path, O_WRONLY | flags),
					  PAGE, bench.stop, bench.alarm, NULL),
			 0);
	feed(&bench);
	stop(&bench);
	assert_int_equal(cpu_reader_join(&reader, NULL), 0);
	assert_int_equal(cpu_reader_join(&reader, NULL), 0);
	expect_u64_eq(reader.bytes, PAGE * PAGES);
	expect_true(reader.tid > 0 && reader.tid != getpid());
	expect_all_pages(bench.path);
	close_bench(&bench);
}

static void test_moves_pages(void **state)
{
	(void)state;
	move_all(0);
}

static void test_moves_pages_without_splice(void **state)
{
	(void)state;
	move_all(O_APPEND);
}

/* /dev/full fails every write as a full disk does. */
static void test_full_disk(void **state)
{
	struct cpu_reader reader;
	struct err err = {0};
	struct bench bench;
	struct pollfd alarmed;

	(void)state;
	open_bench(&bench);
	assert_int_equal(cpu_reader_start(&reader, 5, bench.raw,
					  open("/dev/full", O_WRONLY), PAGE,
					  bench.stop, bench.alarm, NULL),
			 0);
	assert_int_equal(write(bench.in, "x", 1), 1);
	alarmed = (struct pollfd){.fd = bench.alarm, .events = POLLIN};
	expect_i64_eq(poll(&alarmed, 1, 10000), 1);
	expect_i64_eq(cpu_reader_join(&reader, &err), ERR_IO);
	expect_true(strstr(err.text, "cpu/5.raw: no space left"));
	close_bench(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_moves_pages),
	    cmocka_unit_test(test_moves_pages_without_splice),
	    cmocka_unit_test(test_full_disk),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
