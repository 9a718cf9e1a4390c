/*
 * test: cmocka with typed comparisons.
 *
 * cmocka 1.1.5 compares through one integer type, so that (int32_t)-1 equals
 * UINT64_MAX, and prints hex. These compare in the type that is named.
 */
#ifndef TESTS_SUPPORT_TEST_H
#define TESTS_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

void test_u64_eq(uint64_t got, uint64_t want, const char *what,
		 const char *file, int line);
void test_i64_eq(int64_t got, int64_t want, const char *what, const char *file,
		 int line);
void test_str_eq(const char *got, const char *want, const char *what,
		 const char *file, int line);

#define expect_u64_eq(got, want)                                               \
	test_u64_eq(got, want, #got, __FILE__, __LINE__)
#define expect_i64_eq(got, want)                                               \
	test_i64_eq(got, want, #got, __FILE__, __LINE__)
#define expect_str_eq(got, want)                                               \
	test_str_eq(got, want, #got, __FILE__, __LINE__)
#define expect_true(condition) assert_true(condition)

/*
 * Directory tests/data/NAME as a path from the source tree, where every test
 * runs. Unpacks NAME.tar.zst into a temporary directory of this process the
 * first time; NULL if there is no such capture. Removed at exit.
 */
const char *test_capture(const char *name);

/*
 * From now on this process can have so many bytes more of address space and no
 * others, so that a claim which is believed fails. Nothing under a sanitizer,
 * whose own memory it would be.
 */
void test_limit_memory(size_t more_bytes);

/* Exit status for main: failures capped, so that 256 failures are no success.
 */
int test_exit(int failures);

#endif
