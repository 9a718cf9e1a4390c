/*
 * slab_size against every row of slab/parameters.txt, among them those of
 * kernels booted with debug options (tests/data/slub-boots), and against the
 * kernel that runs.
 */
#include "replay/slub_size.h"

#include <stdio.h>
#include <string.h>

#include "tests/replay/slub_rows.h"
#include "tests/support/test.h"

static uint32_t debug_rows;

static uint32_t sizes_check(const struct slub_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct slub_row *row = &rows->rows[i];
		struct slab_cache_spec spec = slub_row_spec(rows, row);
		uint32_t debug = row->debug, got;

		assert_int_equal(
		    slub_size_compute(&rows->env, &spec, &debug, &got), 0);
		if (got != row->slab_size) {
			print_error("%s %s: slab_size %u, not %u\n", rows->dir,
				    row->name, got, row->slab_size);
			fail();
		}
		debug_rows += (row->debug & SLUB_DEBUG_METADATA) != 0;
	}
	return (uint32_t)rows->count;
}

static void test_captures(void **state)
{
	uint32_t rows;

	(void)state;
	debug_rows = 0;
	rows = slub_rows_each(sizes_check);
	printf("slab_size: all %u rows of captures agree, %u with debug "
	       "options\n",
	       rows, debug_rows);
	expect_true(rows > 4000);
	expect_true(debug_rows > 1500);
}

static void test_live(void **state)
{
	struct slub_rows rows;

	(void)state;
	if (!slub_rows_live(&rows)) {
		slub_rows_fini(&rows);
		printf("/sys/kernel/slab cannot be read here\n");
		skip();
	}
	printf("slab_size: all %u rows of /sys/kernel/slab agree\n",
	       sizes_check(&rows));
	slub_rows_fini(&rows);
}

/* A boot with debug options, and one without that knew the same caches. */
struct pair {
	const char *archive, *debug, *plain;
};

static const struct slub_row *row_named(const struct slub_rows *rows,
					const char *name)
{
	for (size_t i = 0; i < rows->count; i++)
		if (!strcmp(rows->rows[i].name, name))
			return &rows->rows[i];
	return NULL;
}

/* The letters that the kernel was booted with. */
static uint32_t boot_debug(const struct slub_rows *rows)
{
	char path[600], line[512] = "", letters[16] = "";
	const char *at;
	uint32_t debug = 0;
	FILE *in;

	snprintf(path, sizeof(path), "%s/kernel/cmdline", rows->dir);
	in = fopen(path, "r");
	assert_non_null(in);
	assert_non_null(fgets(line, sizeof(line), in));
	fclose(in);
	at = strstr(line, "b_debug=");
	assert_non_null(at);
	expect_i64_eq(sscanf(at, "b_debug=%15[A-Z]", letters), 1);
	expect_true(slub_debug_parse(letters, &debug));
	return debug;
}

/* What the other boot's caches would be with the options of this one. */
static uint32_t pair_check(const struct slub_rows *with,
			   const struct slub_rows *without)
{
	uint32_t letters = boot_debug(with), seen = 0;

	for (size_t i = 0; i < without->count; i++) {
		const struct slub_row *row = &without->rows[i];
		const struct slub_row *want = row_named(with, row->name);
		struct slab_cache_spec spec = slub_row_spec(without, row);
		struct slub_params params;
		uint32_t debug = letters, size = 0;

		/* kmem_cache is larger on more nodes. */
		if (!want || want->object_size != row->object_size)
			continue;
		assert_int_equal(
		    slub_size_compute(&with->env, &spec, &debug, &size), 0);
		assert_int_equal(slub_params_compute(&with->env, size,
						     debug & SLUB_DEBUG_ANY,
						     &params),
				 0);
		if (size != want->slab_size || params.order != want->order ||
		    params.objs_per_slab != want->objs_per_slab ||
		    params.cpu_partial != want->cpu_partial ||
		    params.min_partial != want->min_partial ||
		    (debug & SLUB_DEBUG_ANY) != want->debug) {
			print_error("%s %s: size %u order %u\n", with->dir,
				    want->name, size, params.order);
			fail();
		}
		seen++;
	}
	return seen;
}

static void test_what_if(void **state)
{
	static const struct pair pairs[] = {
	    {"slub-boots", "61-debug-FZPU", "61-nomerge"},
	    {"slub-boots", "61-debug-O", "61-nomerge"},
	    {"slub-boots", "61-debug-Z", "61-nomerge"},
	    {"slub-boots", "61-debug-P", "61-nomerge"},
	    {"slub-boots", "61-debug-U", "61-nomerge"},
	    {"slub-boots", "612-debug-FZPU", "612-nomerge"},
	    {"slub-boots", "612-debug-Z", "612-nomerge"},
	    {"slub-boots", "612-debug-P", "612-nomerge"},
	    {"slub-boots", "612-debug-U", "612-nomerge"},
	    {"slub-boots", "612-debug-ZU", "612-nomerge"},
	    {"newer-boots", "618-debug-FZPU", "618-2c-2n-512m-nomerge"},
	    {"newer-boots", "618-debug-Z", "618-2c-2n-512m-nomerge"},
	    {"newer-boots", "618-debug-P", "618-2c-2n-512m-nomerge"},
	    {"newer-boots", "72-debug-FZPU", "73-1c-512m-nomerge"},
	};
	uint32_t seen = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++) {
		const char *root = test_capture(pairs[i].archive);
		struct slub_rows with, without;
		char path[512];

		assert_non_null(root);
		snprintf(path, sizeof(path), "%s/%s", root, pairs[i].debug);
		expect_true(slub_rows_read(&with, path));
		snprintf(path, sizeof(path), "%s/%s", root, pairs[i].plain);
		expect_true(slub_rows_read(&without, path));
		seen += pair_check(&with, &without);
		slub_rows_fini(&with);
		slub_rows_fini(&without);
	}
	printf("from the caches of boots without debug options: all %u rows of "
	       "those with them predicted\n",
	       seen);
	expect_true(seen > 2000);
}

static void test_letters(void **state)
{
	char text[SLUB_DEBUG_TEXT];
	uint32_t debug = 77;

	(void)state;
	expect_true(!slub_debug_parse("FX", &debug));
	expect_u64_eq(debug, 77);
	expect_true(slub_debug_parse("-", &debug));
	expect_u64_eq(debug, 0);
	expect_str_eq(slub_debug_format(debug, text), "-");
	expect_true(slub_debug_parse("UPZFO", &debug));
	expect_str_eq(slub_debug_format(debug, text), "FZPUO");
}

/* The largest there can be, in pages of a byte: more than 2^31 of them. */
static void test_tiny_pages(void **state)
{
	struct slub_env env = slub_env_default(VARIANT_6_1, 1, 1);
	struct slab_cache_spec spec = {.object_size = 1u << 30,
				       .align = 1u << 30};
	uint32_t debug = SLUB_DEBUG_RED_ZONE | SLUB_DEBUG_NO_ORDER, size;

	(void)state;
	assert_int_equal(slub_size_compute(&env, &spec, &debug, &size), 0);
	expect_u64_eq(size, 1u << 30);
	expect_u64_eq(debug & SLUB_DEBUG_RED_ZONE, 0);
}

/* What 5.15 says, of which there is no recording, worked out by hand. */
static void test_5_15(void **state)
{
	struct slub_env env = slub_env_default(VARIANT_5_15, 4096, 1);
	struct slab_cache_spec spec = {.object_size = 64, .align = 8};
	uint32_t debug = SLUB_DEBUG_USER, size;

	(void)state;
	/* Two tracks of 8 + 16 * 8 + 4 + 4 + 8. */
	assert_int_equal(slub_size_compute(&env, &spec, &debug, &size), 0);
	expect_u64_eq(size, 64 + 2 * 152);
	spec.kmalloc = true; /* keeps no request before 6.1 */
	assert_int_equal(slub_size_compute(&env, &spec, &debug, &size), 0);
	expect_u64_eq(size, 64 + 2 * 152);
	debug = SLUB_DEBUG_RED_ZONE | SLUB_DEBUG_POISON | SLUB_DEBUG_USER;
	assert_int_equal(slub_size_compute(&env, &spec, &debug, &size), 0);
	expect_u64_eq(size, 64 + 8 + 8 + 2 * 152 + 8 + 8);
	env.word_size = 4; /* 4 + 64 + 4 + 4 + 4 */
	debug = SLUB_DEBUG_USER;
	assert_int_equal(slub_size_compute(&env, &spec, &debug, &size), 0);
	expect_u64_eq(size, 64 + 2 * 80);
}

/* 'O' gives up what would take a larger order, and only there. */
static void test_no_order(void **state)
{
	struct slub_env env = slub_env_default(VARIANT_6_1, 4096, 1);
	struct slab_cache_spec spec = {.object_size = 4096, .align = 8};
	uint32_t debug = SLUB_DEBUG_NO_ORDER | SLUB_DEBUG_CHECKS |
			 SLUB_DEBUG_RED_ZONE | SLUB_DEBUG_USER;
	uint32_t size;

	(void)state;
	assert_int_equal(slub_size_compute(&env, &spec, &debug, &size), 0);
	expect_u64_eq(size, 4096);
	expect_u64_eq(debug, SLUB_DEBUG_NO_ORDER | SLUB_DEBUG_CHECKS);
	spec.object_size = 2048;
	debug |= SLUB_DEBUG_USER;
	assert_int_equal(slub_size_compute(&env, &spec, &debug, &size), 0);
	expect_u64_eq(size, 2048 + 2 * 32);
	expect_true(debug & SLUB_DEBUG_USER);
}

static void test_bad_caches(void **state)
{
	struct slub_env env = slub_env_default(VARIANT_6_1, 4096, 1);
	struct slab_cache_spec spec = {.object_size = 0, .align = 8};
	uint32_t debug = 0, size;

	(void)state;
	assert_int_equal(slub_size_compute(&env, &spec, &debug, &size),
			 ERR_LIMIT);
	spec.object_size = UINT32_MAX;
	assert_int_equal(slub_size_compute(&env, &spec, &debug, &size),
			 ERR_LIMIT);
	spec.object_size = 64;
	spec.align = 24;
	assert_int_equal(slub_size_compute(&env, &spec, &debug, &size),
			 ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_captures), cmocka_unit_test(test_live),
	    cmocka_unit_test(test_what_if),  cmocka_unit_test(test_tiny_pages),
	    cmocka_unit_test(test_letters),  cmocka_unit_test(test_5_15),
	    cmocka_unit_test(test_no_order), cmocka_unit_test(test_bad_caches),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
