/*
 * class_optimum against every set of classes that there is, on small inputs.
 */
#include <stdbool.h>
#include <stdlib.h>

#include "analysis/class_optimum.h"
#include "tests/support/test.h"

static const uint32_t classes[] = {8, 16, 32, 64, 96, 128};
enum { CLASSES = sizeof(classes) / sizeof(*classes), DEMANDS = 14 };

/* Waste with classes, and with those of a mask of multiples of align. */
static uint64_t waste_of(const struct class_demand *demand, size_t count,
			 uint32_t align, uint32_t mask)
{
	uint64_t waste = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t best = UINT32_MAX;

		if (!demand[i].bytes || demand[i].bytes > classes[CLASSES - 1])
			continue;
		for (size_t c = 0; c < CLASSES; c++)
			if (classes[c] >= demand[i].bytes && classes[c] < best)
				best = classes[c];
		for (uint32_t bit = 0; bit < 32; bit++)
			if (mask >> bit & 1 &&
			    (bit + 1) * align >= demand[i].bytes &&
			    (bit + 1) * align < best)
				best = (bit + 1) * align;
		waste += (best - demand[i].bytes) * demand[i].objects;
	}
	return waste;
}

static uint64_t waste_least(const struct class_demand *demand, size_t count,
			    uint32_t align, int k)
{
	uint32_t places = classes[CLASSES - 1] / align;
	uint64_t least = UINT64_MAX;

	for (uint32_t mask = 0; mask < 1u << places; mask++) {
		uint64_t waste;

		if (__builtin_popcount(mask) > k)
			continue;
		waste = waste_of(demand, count, align, mask);
		if (waste < least)
			least = waste;
	}
	return least;
}

static void check_one(const struct class_demand *demand, size_t count,
		      uint32_t align, unsigned int k)
{
	struct class_optimum best;
	uint32_t mask = 0;

	assert_int_equal(
	    class_optimum(demand, count, classes, CLASSES, align, k, &best), 0);
	expect_true(best.count <= k);
	for (unsigned int i = 0; i < best.count; i++) {
		expect_u64_eq(best.sizes[i] % align, 0);
		expect_true(!i || best.sizes[i] > best.sizes[i - 1]);
		mask |= 1u << (best.sizes[i] / align - 1);
	}
	expect_u64_eq(best.waste_before, waste_of(demand, count, align, 0));
	/* What it says of its own classes, and that none are better. */
	expect_u64_eq(best.waste, waste_of(demand, count, align, mask));
	expect_u64_eq(best.waste, waste_least(demand, count, align, (int)k));
}

static void test_brute_force(void **state)
{
	struct class_demand demand[DEMANDS];

	(void)state;
	srand(6);
	for (int round = 0; round < 60; round++) {
		size_t count = (size_t)rand() % (DEMANDS + 1);

		for (size_t i = 0; i < count; i++)
			demand[i] = (struct class_demand){
			    .bytes = (uint32_t)rand() % 150,
			    .objects = (uint64_t)(rand() % 20)};
		check_one(demand, count, round % 2 ? 16 : 8,
			  (unsigned int)(round % 5));
	}
}

static void test_known(void **state)
{
	static const struct class_demand demand[] = {
	    {65, 100}, {70, 1}, {100, 10}, {0, 1000}, {5000, 1000}};
	struct class_optimum best;

	(void)state;
	assert_int_equal(
	    class_optimum(demand, 5, classes, CLASSES, 8, 1, &best), 0);
	expect_u64_eq(best.count, 1);
	expect_u64_eq(best.sizes[0], 72);
	expect_u64_eq(best.waste_before, 100 * 31 + 26 + 10 * 28);
	expect_u64_eq(best.waste, 100 * 7 + 2 + 10 * 28);
	/* A third class would save nothing. */
	assert_int_equal(
	    class_optimum(demand, 5, classes, CLASSES, 8, 3, &best), 0);
	expect_u64_eq(best.count, 2);
	expect_u64_eq(best.sizes[1], 104);
	assert_int_equal(class_optimum(NULL, 0, classes, CLASSES, 8, 3, &best),
			 0);
	expect_u64_eq(best.count, 0);
	assert_int_equal(class_optimum(demand, 5, classes, 0, 8, 3, &best),
			 ERR_USAGE);
	assert_int_equal(
	    class_optimum(demand, 5, classes, CLASSES, 12, 3, &best),
	    ERR_USAGE);
	assert_int_equal(class_optimum(demand, 5, classes, CLASSES, 8,
				       CLASS_OPTIMUM_MAX + 1, &best),
			 ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_brute_force),
	    cmocka_unit_test(test_known),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
