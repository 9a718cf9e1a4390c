/*
 * lifetimes: the edges of buckets, and quantiles against a sorted array.
 */
#include "analysis/lifetimes.h"

#include <stdlib.h>

#include "tests/support/long_run.h"
#include "tests/support/test.h"

static uint64_t one(uint64_t span_ns)
{
	struct lifetimes lifetimes = {0};

	lifetimes_add(&lifetimes, span_ns);
	expect_u64_eq(lifetimes.count, 1);
	return lifetimes_quantile(&lifetimes, 50);
}

static void test_edges(void **state)
{
	struct lifetimes empty = {0};

	(void)state;
	expect_u64_eq(lifetimes_quantile(&empty, 99), 0);
	for (uint64_t span = 0; span < 16; span++)
		expect_u64_eq(one(span), span);
	expect_u64_eq(one(16), 17);
	expect_u64_eq(one(31), 31);
	expect_u64_eq(one(32), 35);
	expect_u64_eq(one(UINT64_MAX), UINT64_MAX);
	/* From one power of two to the next a bucket's edge is its own. */
	for (unsigned int bit = 5; bit < 42; bit++) {
		expect_u64_eq(one((UINT64_C(1) << bit) - 1),
			      (UINT64_C(1) << bit) - 1);
		expect_u64_eq(one(UINT64_C(1) << bit),
			      (UINT64_C(9) << (bit - 3)) - 1);
	}
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Never too small, and at most an eighth too large. */
static void test_quantiles(void **state)
{
	enum { SPANS = 3000 };
	static uint64_t spans[SPANS];
	uint64_t seed = long_run_seed(1);
	struct lifetimes lifetimes = {0};

	(void)state;
	for (int i = 0; i < SPANS; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		spans[i] = (seed >> 24) >> (seed % 40);
		lifetimes_add(&lifetimes, spans[i]);
	}
	qsort(spans, SPANS, sizeof(*spans), by_value);
	for (unsigned int percent = 1; percent <= 100; percent++) {
		uint64_t exact = spans[(SPANS * percent + 99) / 100 - 1];
		uint64_t got = lifetimes_quantile(&lifetimes, percent);

		expect_true(got >= exact);
		expect_true(got <= exact + exact / 8);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_edges),
	    cmocka_unit_test(test_quantiles),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
