/*
 * The formulas against every row of slab/parameters.txt: of the captures in
 * tests/data, and of the others in KMEMSCOPE_CAPTURES where that is set.
 */
#include "replay/slab_params.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

/* Finds "key": number or key=number in a small file; fallback if absent. */
static uint32_t number_in(const char *dir, const char *file, const char *key,
			  uint32_t fallback)
{
	char path[512], text[8192];
	size_t len;
	FILE *in;
	const char *at;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	in = fopen(path, "r");
	if (!in)
		return fallback;
	len = fread(text, 1, sizeof(text) - 1, in);
	text[len] = 0;
	fclose(in);
	at = strstr(text, key);
	if (!at)
		return fallback;
	at += strlen(key);
	at += strspn(at, "\": =");
	return (uint32_t)strtoul(at, NULL, 10);
}

struct row {
	uint32_t order, object_size, slab_size, objs_per_slab;
	uint32_t cpu_partial, min_partial;
};

/* Rows with debug options (red zone, poison, tracking) differ by design. */
static bool row_read(const char *line, char name[128], struct row *row)
{
	return sscanf(line, "%127s %u %u %u %u %u %u", name, &row->order,
		      &row->object_size, &row->slab_size, &row->objs_per_slab,
		      &row->cpu_partial, &row->min_partial) == 7;
}

static uint32_t rows_check(const char *dir)
{
	struct slub_env env = slub_env_default(
	    VARIANT_6_1, number_in(dir, "capture.json", "\"page_size\"", 4096),
	    number_in(dir, "capture.json", "\"cpus\"", 1));
	char path[512], line[512], name[128];
	uint32_t rows = 0;
	FILE *in;

	env.slub_max_order = number_in(dir, "kernel/cmdline", "slub_max_order",
				       env.slub_max_order);
	snprintf(path, sizeof(path), "%s/slab/parameters.txt", dir);
	in = fopen(path, "r");
	if (!in)
		return 0;
	while (fgets(line, sizeof(line), in)) {
		struct slub_params got;
		struct row row;

		if (!row_read(line, name, &row))
			continue;
		assert_int_equal(slub_params_compute(&env, row.slab_size, &got),
				 0);
		if (got.order != row.order ||
		    got.objs_per_slab != row.objs_per_slab ||
		    got.cpu_partial != row.cpu_partial ||
		    got.min_partial != row.min_partial) {
			print_error("%s %s: order %u objs %u cpu_partial %u "
				    "min_partial %u\n",
				    dir, name, got.order, got.objs_per_slab,
				    got.cpu_partial, got.min_partial);
			fail();
		}
		rows++;
	}
	fclose(in);
	return rows;
}

static void test_captures(void **state)
{
	static const char *const names[] = {"mixed-slub", "files-slub",
					    "arm32-partial", "mixed-arm64-64k",
					    "debian61-boot-kmalloc"};
	uint32_t rows = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *dir = test_capture(names[i]);

		assert_non_null(dir);
		rows += rows_check(dir);
	}
	expect_true(rows > 500);
	printf("%u rows of the sample captures agree\n", rows);
}

static void test_more_captures(void **state)
{
	const char *root = getenv("KMEMSCOPE_CAPTURES");
	uint32_t rows = 0;
	struct dirent *entry;
	DIR *dir;

	(void)state;
	dir = root ? opendir(root) : NULL;
	if (!dir) {
		skip();
		return;
	}
	while ((entry = readdir(dir))) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%.255s", root, entry->d_name);
		if (entry->d_name[0] != '.')
			rows += rows_check(path);
	}
	closedir(dir);
	printf("%u rows in %s agree\n", rows, root);
	expect_true(rows > 0);
}

/* What the sources of 5.15 and 6.12 say, worked out by hand. */
static void test_variants(void **state)
{
	struct slub_env env = slub_env_default(VARIANT_5_15, 4096, 2);
	struct slub_params p;

	(void)state;
	assert_int_equal(slub_params_compute(&env, 64, &p), 0);
	expect_u64_eq(p.cpu_partial, 30);
	assert_int_equal(slub_params_compute(&env, 4096, &p), 0);
	expect_u64_eq(p.cpu_partial, 2);
	expect_u64_eq(p.min_partial, 6);
	expect_u64_eq(p.order, 3);
	expect_u64_eq(p.order_min, 0);
	env = slub_env_default(VARIANT_6_12, 4096, 8);
	assert_int_equal(slub_params_compute(&env, 1024, &p), 0);
	expect_u64_eq(p.order, 3); /* 20 objects wanted */
	expect_u64_eq(p.objs_per_slab, 32);
	expect_u64_eq(p.cpu_partial_slabs, 2);
}

/* calculate_order() of 6.1 and of 6.12 agree for every usual size. */
static void test_algorithms_agree(void **state)
{
	(void)state;
	for (uint32_t cpus = 1; cpus <= 128; cpus *= 2) {
		struct slub_env a = slub_env_default(VARIANT_6_1, 4096, cpus);
		struct slub_env b = slub_env_default(VARIANT_6_12, 4096, cpus);

		for (uint32_t size = 8; size <= 8192; size += 8) {
			struct slub_params pa, pb;

			assert_int_equal(slub_params_compute(&a, size, &pa), 0);
			assert_int_equal(slub_params_compute(&b, size, &pb), 0);
			expect_u64_eq(pa.order, pb.order);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_captures),
	    cmocka_unit_test(test_more_captures),
	    cmocka_unit_test(test_variants),
	    cmocka_unit_test(test_algorithms_agree),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
