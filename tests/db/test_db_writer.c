/* A database is made whole or not at all. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/db/db_support.h"
#include "tests/support/test.h"

/* count events that differ, so that the file grows. */
static int write_events(struct db_writer *writer, uint64_t count,
			struct err *err)
{
	int ret = 0;

	for (uint64_t i = 1; i <= count && !ret; i++) {
		struct kmem_event ev = {.ts_ns = i * 1000,
					.call_site = 0xffffffff81000000 + i % 7,
					.addr = 0xffff888000000000 + i * 64,
					.bytes_req = 50,
					.bytes_alloc = 64,
					.object = i,
					.slot = (uint32_t)i - 1,
					.node = -1,
					.kind = EV_KMALLOC};

		ret = db_write_events(writer, &ev, 1, err);
	}
	return ret;
}

static void make_trace(struct trace *trace)
{
	trace->info.page_size = 4096;
	trace->info.long_size = 8;
	trace->info.cpu_count = 1;
	trace->info.cpus = calloc(1, sizeof(*trace->info.cpus));
	expect_true(trace->info.cpus != NULL);
}

static void make_database(const char *path, bool overwrite, uint64_t events)
{
	struct trace trace = {0};
	struct db_writer *writer;
	struct err err = {0};

	make_trace(&trace);
	assert_int_equal(db_create(path, overwrite, &writer, &err), 0);
	assert_int_equal(write_events(writer, events, &err), 0);
	assert_int_equal(db_commit(writer, &trace, &err), 0);
	trace_fini(&trace);
}

static void test_only_the_file_is_left(void **state)
{
	const char *path = db_path("whole.db");
	struct stat st;

	(void)state;
	make_database(path, false, 5000);
	expect_u64_eq(db_files("whole.db"), 1);
	assert_int_equal(stat(path, &st), 0);
	expect_u64_eq(st.st_mode & 0777, 0600);
	expect_i64_eq(query_integer(path, "SELECT count(*) FROM event"), 5000);
	expect_true(db_is_database(path));
}

static void test_abort_leaves_nothing(void **state)
{
	const char *path = db_path("aborted.db");
	struct db_writer *writer;
	struct err err = {0};

	(void)state;
	assert_int_equal(db_create(path, false, &writer, &err), 0);
	expect_u64_eq(db_files("aborted.db.partial-"), 1);
	assert_int_equal(write_events(writer, 30000, &err), 0);
	db_abort(writer);
	expect_u64_eq(db_files("aborted.db"), 0);
}

static void test_existing_file_is_kept(void **state)
{
	const char *path = db_path("kept.db");
	struct db_writer *writer;
	struct err err = {0};

	(void)state;
	make_database(path, false, 10);
	assert_int_equal(db_create(path, false, &writer, &err), ERR_EXISTS);
	expect_true(strstr(err.text, "already exists") != NULL);
	expect_i64_eq(query_integer(path, "SELECT count(*) FROM event"), 10);
	make_database(path, true, 20);
	expect_i64_eq(query_integer(path, "SELECT count(*) FROM event"), 20);
	expect_u64_eq(db_files("kept.db"), 1);
}

/* A file that appears while ours is built is nobody's to replace. */
static void test_file_that_appears_is_kept(void **state)
{
	const char *path = db_path("raced.db");
	struct trace trace = {0};
	struct db_writer *writer;
	struct err err = {0};
	int fd;

	(void)state;
	make_trace(&trace);
	assert_int_equal(db_create(path, false, &writer, &err), 0);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	expect_true(fd >= 0 && write(fd, "theirs", 6) == 6);
	close(fd);
	assert_int_equal(db_commit(writer, &trace, &err), ERR_EXISTS);
	expect_u64_eq(db_files("raced.db"), 1);
	trace_fini(&trace);
}

static void test_no_directory(void **state)
{
	struct db_writer *writer;
	struct err err = {0};

	(void)state;
	assert_int_equal(db_create(db_path("none/x.db"), false, &writer, &err),
			 ERR_MISSING);
	expect_true(strstr(err.text, "No such file") != NULL);
}

static unsigned int count_entries(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	unsigned int count = 0;

	if (!dir) {
		fail();
		return 0;
	}
	while ((entry = readdir(dir)))
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

/* A file system too small for the file: nothing is left, and the word is. */
static void test_disk_full(void **state)
{
	const char *mountpoint = db_path("tiny");
	const char *path = db_path("tiny/full.db");
	struct trace trace = {0};
	struct db_writer *writer;
	struct err err = {0};
	unsigned int entries;
	int ret;

	(void)state;
	assert_int_equal(mkdir(mountpoint, 0700), 0);
	if (mount("none", mountpoint, "tmpfs", 0, "size=1m")) {
		print_message("not run: no tmpfs may be mounted (%s)\n",
			      strerror(errno));
		skip();
	}
	make_trace(&trace);
	ret = db_create(path, false, &writer, &err);
	if (!ret)
		ret = write_events(writer, 200000, &err);
	/* What the cache of 8 MiB held back fails at the end. */
	if (!ret)
		ret = db_commit(writer, &trace, &err);
	else
		db_abort(writer);
	entries = count_entries(mountpoint);
	assert_int_equal(umount(mountpoint), 0);
	expect_u64_eq(entries, 0);
	assert_int_equal(ret, ERR_IO);
	expect_true(strstr(err.text, "no space left") != NULL);
	trace_fini(&trace);
}

static void test_empty_trace(void **state)
{
	const char *path = db_path("empty.db");
	struct trace trace = {0};
	struct source *source;
	struct kmem_event ev;
	struct err err = {0};
	size_t count;

	(void)state;
	make_database(path, false, 0);
	assert_int_equal(db_source_open(path, &trace, &source, &err), 0);
	assert_int_equal(source_read(source, &ev, 1, &count, &err), 0);
	expect_u64_eq(count, 0);
	source_close(source);
	trace_fini(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_only_the_file_is_left),
	    cmocka_unit_test(test_abort_leaves_nothing),
	    cmocka_unit_test(test_existing_file_is_kept),
	    cmocka_unit_test(test_file_that_appears_is_kept),
	    cmocka_unit_test(test_no_directory),
	    cmocka_unit_test(test_disk_full),
	    cmocka_unit_test(test_empty_trace),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
