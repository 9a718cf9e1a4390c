#include "tests/support/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

void test_u64_eq(uint64_t got, uint64_t want, const char *what,
		 const char *file, int line)
{
	if (got == want)
		return;
	print_error("%s is %" PRIu64 ", wanted %" PRIu64 "\n", what, got, want);
	_fail(file, line);
}

void test_i64_eq(int64_t got, int64_t want, const char *what, const char *file,
		 int line)
{
	if (got == want)
		return;
	print_error("%s is %" PRId64 ", wanted %" PRId64 "\n", what, got, want);
	_fail(file, line);
}

void test_str_eq(const char *got, const char *want, const char *what,
		 const char *file, int line)
{
	if (!strcmp(got, want))
		return;
	print_error("%s is \"%s\", wanted \"%s\"\n", what, got, want);
	_fail(file, line);
}

static char unpack_dir[64];

static void remove_unpacked(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", unpack_dir);
	if (system(command))
		fprintf(stderr, "could not remove %s\n", unpack_dir);
}

const char *test_capture(const char *name)
{
	static char path[256];
	char command[512];

	if (!unpack_dir[0]) {
		strcpy(unpack_dir, "/tmp/kmemscope-test-XXXXXX");
		if (!mkdtemp(unpack_dir))
			return NULL;
		atexit(remove_unpacked);
	}
	snprintf(path, sizeof(path), "%s/%s", unpack_dir, name);
	if (!access(path, R_OK))
		return path;
	snprintf(command, sizeof(command),
		 "tar --zstd -xf tests/data/%s.tar.zst -C %s", name,
		 unpack_dir);
	return system(command) ? NULL : path;
}

void test_limit_memory(size_t more_bytes)
{
#if !defined(__SANITIZE_ADDRESS__)
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long pages;
	struct rlimit limit;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%20lu", &pages), 1);
	fclose(file);
	limit.rlim_cur = limit.rlim_max =
	    pages * (rlim_t)sysconf(_SC_PAGESIZE) + more_bytes;
	assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
#else
	(void)more_bytes;
#endif
}

int test_exit(int failures)
{
	return failures > 100 ? 100 : failures;
}
