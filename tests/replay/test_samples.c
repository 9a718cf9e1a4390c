/*
 * The grid of samples: as many as were asked for, whatever the length.
 */
#include "replay/samples.h"

#include "tests/support/test.h"

static void test_samples_grid(void **state)
{
	struct memory memory = memory_libc();
	struct samples samples;
	uint64_t last = 0;

	(void)state;
	assert_int_equal(samples_init(&samples, 50, 0, &memory), 0);
	for (uint64_t ts = 0; ts < 30000000; ts += 700) {
		struct sample_row *row;

		if (ts < samples_due_ns(&samples))
			continue;
		assert_int_equal(samples_take(&samples, ts, 3, &row), 0);
		expect_u64_eq(row->cache_count, 3);
		expect_true(samples.count <= 100);
	}
	expect_true(samples.count >= 50);
	for (size_t i = 0; i < samples.count; i++) {
		expect_true(!i || samples.rows[i].sample.ts_ns > last);
		last = samples.rows[i].sample.ts_ns;
	}
	samples_fini(&samples);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_samples_grid),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
