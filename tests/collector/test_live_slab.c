#include "collector/live_slab.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/capture_dir.h"
#include "tests/support/test.h"

static char dir[64];

static void put(const char *cache, const char *file, const char *text)
{
	char path[256];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", dir, cache);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/%s", dir, cache, file);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static void put_cache(const char *cache, const char *ctor)
{
	put(cache, "order", "1\n");
	put(cache, "object_size", "184\n");
	put(cache, "slab_size", "192\n");
	put(cache, "ctor", ctor);
	put(cache, "slabs", "3 N0=2 N1=1\n");
	put(cache, "partial", "0\n");
	put(cache, "slabs_cpu_partial", "10(1) C0=10(1)\n");
}

static void link_name(const char *name, const char *target)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(symlink(target, path), 0);
}

static int set_up(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/kmemscope-slab-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	put_cache("dentry", "\n");
	put_cache(":0000192", "\n");
	put_cache("anon_vma", "anon_vma_ctor+0x0/0x40\n");
	link_name("filp", ":0000192");
	link_name("cred_jar", "./:0000192");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	capture_dir_remove(dir);
	return access(dir, F_OK) ? 0 : -1;
}

static void expect_table(int (*make)(const char *, struct bytes *),
			 const char *want)
{
	struct bytes out = {0};

	assert_int_equal(make(dir, &out), 0);
	assert_int_equal(bytes_append(&out, "", 1), 0);
	expect_str_eq(out.data, want);
	bytes_fini(&out);
}

/* Columns that no cache has (objects, cpu_partial ...) are left out. */
static void test_tables(void **state)
{
	(void)state;
	expect_table(live_slab_tsv, "name\tslabs\tpartial\tslabs_cpu_partial\n"
				    ":0000192\t3 N0=2 N1=1\t0\t10(1) C0=10(1)\n"
				    "anon_vma\t3 N0=2 N1=1\t0\t10(1) C0=10(1)\n"
				    "dentry\t3 N0=2 N1=1\t0\t10(1) C0=10(1)\n");
	expect_table(live_slab_parameters,
		     "name order object_size slab_size ctor\n"
		     "anon_vma 1 184 192 anon_vma_ctor+0x0/0x40\n"
		     "cred_jar 1 184 192 \n"
		     "dentry 1 184 192 \n"
		     "filp 1 184 192 \n");
	expect_table(live_slab_aliases, "cred_jar :0000192\nfilp :0000192\n");
}

/* A row with a hole would be read as other numbers than it has. */
static void test_cache_that_vanishes(void **state)
{
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/dentry/slab_size", dir);
	assert_int_equal(unlink(path), 0);
	expect_table(live_slab_parameters,
		     "name order object_size slab_size ctor\n"
		     "anon_vma 1 184 192 anon_vma_ctor+0x0/0x40\n"
		     "cred_jar 1 184 192 \n"
		     "filp 1 184 192 \n");
}

static void test_no_directory(void **state)
{
	struct bytes out = {0};

	(void)state;
	expect_i64_eq(live_slab_tsv("/nonexistent", &out), ERR_IO);
	expect_i64_eq(errno, ENOENT);
	expect_i64_eq(live_slab_aliases("/nonexistent", &out), ERR_IO);
	expect_i64_eq(errno, ENOENT);
	expect_u64_eq(out.len, 0);
	bytes_fini(&out);
}

/* Caches whose files may not be read give an error, not an empty table. */
static void test_nothing_readable(void **state)
{
	char path[256];
	struct bytes out = {0};

	(void)state;
	snprintf(path, sizeof(path), "%s/empty", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/empty/cache", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/empty", dir);
	expect_i64_eq(live_slab_tsv(path, &out), ERR_IO);
	expect_i64_eq(errno, EACCES);
	expect_u64_eq(out.len, 0);
	bytes_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_tables, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_cache_that_vanishes, set_up,
					    tear_down),
	    cmocka_unit_test(test_no_directory),
	    cmocka_unit_test_setup_teardown(test_nothing_readable, set_up,
					    tear_down),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
