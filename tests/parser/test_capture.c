#include "parser/capture.h"

#include "tests/support/test.h"

/* Every event of a source, in order; fails the test if time runs back. */
static void count_kinds(struct source *source, uint64_t kinds[EV_KIND_COUNT])
{
	struct kmem_event events[SOURCE_BATCH];
	struct err err = {0};
	uint64_t last = 0;
	size_t count;

	for (int i = 0; i < EV_KIND_COUNT; i++)
		kinds[i] = 0;
	do {
		assert_int_equal(
		    source_read(source, events, SOURCE_BATCH, &count, &err), 0);
		for (size_t i = 0; i < count; i++) {
			expect_true(events[i].ts_ns >= last);
			last = events[i].ts_ns;
			kinds[events[i].kind]++;
		}
	} while (count);
}

static void test_mixed_slub(void **state)
{
	uint64_t kinds[EV_KIND_COUNT];
	struct source *source = NULL;
	struct trace trace = {0};
	struct err err = {0};

	(void)state;
	assert_int_equal(
	    capture_open(test_capture("mixed-slub"), &trace, &source, &err), 0);
	expect_u64_eq(trace.info.slab_kind, SLAB_KIND_SLUB);
	for (int round = 0; round < 2; round++) {
		count_kinds(source, kinds);
		expect_u64_eq(kinds[EV_KMALLOC], 26541);
		expect_u64_eq(kinds[EV_CACHE_FREE], 94648);
		expect_u64_eq(kinds[EV_MARKER], 36);
		expect_u64_eq(trace.info.cpus[0].decoded, 408766);
		expect_u64_eq(trace.anomalies.count[ANOMALY_NULL_FREE], 2146);
		assert_int_equal(source_rewind(source, &err), 0);
	}
	source_close(source);
	trace_fini(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_mixed_slub),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
