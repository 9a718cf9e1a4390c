/*
 * The formulas against every row of slab/parameters.txt: of the captures in
 * tests/data, of the others in KMEMSCOPE_CAPTURES where that is set, and of the
 * kernel that runs.
 */
#include "replay/slab_params.h"

#include <stdio.h>

#include "tests/replay/slub_rows.h"
#include "tests/support/test.h"

static uint32_t rows_check(const struct slub_rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		const struct slub_row *row = &rows->rows[i];
		struct slub_params got;

		assert_int_equal(
		    slub_params_compute(&rows->env, row->slab_size,
					row->debug & SLUB_DEBUG_ANY, &got),
		    0);
		if (got.order != row->order ||
		    got.objs_per_slab != row->objs_per_slab ||
		    got.cpu_partial != row->cpu_partial ||
		    got.min_partial != row->min_partial) {
			print_error("%s %s: order %u objs %u cpu_partial %u "
				    "min_partial %u\n",
				    rows->dir, row->name, got.order,
				    got.objs_per_slab, got.cpu_partial,
				    got.min_partial);
			fail();
		}
	}
	return (uint32_t)rows->count;
}

static void test_captures(void **state)
{
	uint32_t rows;

	(void)state;
	rows = slub_rows_each(rows_check);
	expect_true(rows > 4000);
	printf("order, objs_per_slab, cpu_partial and min_partial: all %u rows "
	       "of captures agree\n",
	       rows);
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
	printf("order, objs_per_slab, cpu_partial and min_partial: all %u rows "
	       "of /sys/kernel/slab agree\n",
	       rows_check(&rows));
	slub_rows_fini(&rows);
}

/* What the sources of 5.15 and 6.12 say, worked out by hand. */
static void test_variants(void **state)
{
	struct slub_env env = slub_env_default(VARIANT_5_15, 4096, 2);
	struct slub_params p;

	(void)state;
	assert_int_equal(slub_params_compute(&env, 64, false, &p), 0);
	expect_u64_eq(p.cpu_partial, 30);
	assert_int_equal(slub_params_compute(&env, 4096, false, &p), 0);
	expect_u64_eq(p.cpu_partial, 2);
	expect_u64_eq(p.min_partial, 6);
	expect_u64_eq(p.order, 3);
	expect_u64_eq(p.order_min, 0);
	env = slub_env_default(VARIANT_6_12, 4096, 8);
	assert_int_equal(slub_params_compute(&env, 1024, false, &p), 0);
	expect_u64_eq(p.order, 3); /* 20 objects wanted */
	expect_u64_eq(p.objs_per_slab, 32);
	expect_u64_eq(p.cpu_partial_slabs, 2);
}

/*
 * Machines with 5.15 whose tables were published: slabinfo has no cpu_partial,
 * so that one cache of a phone is all there is of its smaller numbers.
 */
static void test_5_15_machines(void **state)
{
	/* 64 to 127 CPUs come to the same; slabinfo shows 80 of them. */
	struct slub_env env = slub_env_default(VARIANT_5_15, 4096, 80);
	FILE *file = fopen("tests/data/machines/ubuntu515/caches.txt", "r");
	unsigned int size, objects, pages, rows = 0;
	char line[256], name[64];
	struct slub_params p;

	(void)state;
	expect_true(file != NULL);
	while (fgets(line, sizeof(line), file)) {
		if (line[0] == '#')
			continue;
		assert_int_equal(sscanf(line, "%63s %u %u %u", name, &size,
					&objects, &pages),
				 4);
		assert_int_equal(slub_params_compute(&env, size, false, &p), 0);
		if (p.objs_per_slab != objects || 1u << p.order != pages)
			fail_msg("%s: %u objects in order %u", name,
				 p.objs_per_slab, p.order);
		rows++;
	}
	fclose(file);
	printf("order and objs_per_slab: all %u rows of Ubuntu's 5.15 agree\n",
	       rows);
	expect_true(rows > 140);
	/*
	 * mm_struct of 5.15.189-android13 on a Galaxy S23 Ultra (arm64, 8 CPUs):
	 * objs_per_slab 32, order 3, cpu_partial 6, min_partial 5.
	 */
	env.cpus = 8;
	assert_int_equal(slub_params_compute(&env, 1024, false, &p), 0);
	expect_u64_eq(p.objs_per_slab, 32);
	expect_u64_eq(p.order, 3);
	expect_u64_eq(p.cpu_partial, 6);
	expect_u64_eq(p.min_partial, 5);
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

			assert_int_equal(
			    slub_params_compute(&a, size, false, &pa), 0);
			assert_int_equal(
			    slub_params_compute(&b, size, false, &pb), 0);
			expect_u64_eq(pa.order, pb.order);
		}
	}
}

/*
 * Where they do not: of 12000 bytes two are 8768 short of order 3, more than a
 * fourth. 6.1 then takes the least order for one (calc_slab_order(size, 1,
 * slub_max_order, 1)), while 6.7 on lets a half go to waste.
 */
static void test_algorithms_differ(void **state)
{
	struct slub_env a = slub_env_default(VARIANT_6_1, 4096, 4);
	struct slub_env b = slub_env_default(VARIANT_6_12, 4096, 4);
	uint32_t differ = 0;
	struct slub_params pa, pb;

	(void)state;
	for (uint32_t size = 8200; size <= 16384; size += 8) {
		assert_int_equal(slub_params_compute(&a, size, false, &pa), 0);
		assert_int_equal(slub_params_compute(&b, size, false, &pb), 0);
		differ += pa.order != pb.order;
		/* 32768 - 2 * 10920 > 8192, and 12288 fits order 3 well. */
		expect_true((pa.order != pb.order) ==
			    (size >= 10928 && size <= 12280));
	}
	expect_u64_eq(differ, 170);
	assert_int_equal(slub_params_compute(&a, 12000, false, &pa), 0);
	assert_int_equal(slub_params_compute(&b, 12000, false, &pb), 0);
	expect_u64_eq(pa.order, 2);
	expect_u64_eq(pb.order, 3);
	expect_u64_eq(pb.objs_per_slab, 2);
}

/*
 * No slab of more than MAX_OBJS_PER_PAGE: from 6.7 on that is asked of the order
 * that min_objects wants, too (6.12, calculate_order()).
 */
static void test_most_objects(void **state)
{
	struct slub_env env = slub_env_default(VARIANT_6_12, 65536, 2);
	struct slub_params params;

	(void)state;
	env.slub_min_objects = 24383;
	assert_int_equal(slub_params_compute(&env, 8, false, &params), 0);
	expect_u64_eq(params.order, 1);
	expect_u64_eq(params.objs_per_slab, 16384);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_captures),
	    cmocka_unit_test(test_live),
	    cmocka_unit_test(test_variants),
	    cmocka_unit_test(test_5_15_machines),
	    cmocka_unit_test(test_algorithms_agree),
	    cmocka_unit_test(test_algorithms_differ),
	    cmocka_unit_test(test_most_objects),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
