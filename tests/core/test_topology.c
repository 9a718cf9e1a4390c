#include "core/topology.h"

#include "core/capture_info.h"
#include "tests/support/test.h"

static void test_unknown(void **state)
{
	struct topology topology = {0};

	(void)state;
	expect_i64_eq(topology_node(&topology, 0), -1);
	expect_i64_eq(topology_node(&topology, UINT32_MAX), -1);
	expect_u64_eq(topology.from, TOPOLOGY_UNKNOWN);
	topology_fini(&topology);
}

static void test_put(void **state)
{
	struct topology topology = {0};

	(void)state;
	assert_int_equal(topology_put(&topology, 5, 1), 0);
	assert_int_equal(topology_put(&topology, 2, 1023), 0);
	assert_int_equal(topology_put(&topology, 5, 0),
			 0); /* the last counts */
	expect_i64_eq(topology_node(&topology, 5), 0);
	expect_i64_eq(topology_node(&topology, 2), 1023);
	expect_i64_eq(topology_node(&topology, 0), -1);
	expect_i64_eq(topology_node(&topology, 6), -1);
	expect_u64_eq(topology.cpu_count, 6);
	topology_fini(&topology);
	expect_i64_eq(topology_node(&topology, 5), -1);
}

static void test_limits(void **state)
{
	struct topology topology = {0};

	(void)state;
	assert_int_equal(topology_put(&topology, CAPTURE_CPUS_MAX, 0),
			 ERR_LIMIT);
	assert_int_equal(topology_put(&topology, 0, TOPOLOGY_NODES_MAX),
			 ERR_LIMIT);
	assert_int_equal(topology_put(&topology, 0, -1), ERR_LIMIT);
	expect_u64_eq(topology.cpu_count, 0);
	topology_fini(&topology);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_unknown),
	    cmocka_unit_test(test_put),
	    cmocka_unit_test(test_limits),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
