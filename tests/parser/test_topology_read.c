#include "parser/topology_read.h"

#include <stdlib.h>
#include <string.h>

#include "tests/parser/made_capture.h"
#include "tests/support/test.h"

static void test_lists(void **state)
{
	static const struct {
		const char *list;
		int ret;
		uint32_t cpus;
	} lists[] = {
	    {"", 0, 0},
	    {"0", 0, 1},
	    {"0-3,8", 0, 9},
	    {"4095", 0, 4096},
	    {"4096", ERR_LIMIT, 0},
	    {"0-18446744073709551615", ERR_LIMIT, 0},
	    {"0-18446744073709551616", ERR_FORMAT, 0},
	    {"3-1", ERR_FORMAT, 0},
	    {"1,", ERR_FORMAT, 0},
	    {",1", ERR_FORMAT, 0},
	    {"-1", ERR_FORMAT, 0},
	    {"1-", ERR_FORMAT, 0},
	    {"1 2", ERR_FORMAT, 0},
	    {"x", ERR_FORMAT, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		struct topology topology = {0};

		assert_int_equal(topology_put_list(&topology, 1, lists[i].list),
				 lists[i].ret);
		expect_u64_eq(topology.cpu_count, lists[i].cpus);
		topology_fini(&topology);
	}
}

/* What a capture of 4 CPUs with this file, and zones of so many nodes, tells. */
static int read_made(const char *nodes, int zone_nodes, struct trace *trace)
{
	struct made_capture capture;
	struct err err = {0};
	int ret;

	made_capture_init(&capture, 8, false, 4);
	if (nodes)
		made_capture_text(&capture, "kernel/nodes", nodes);
	*trace = (struct trace){.info.cpu_count = 4};
	trace->after.zones = calloc(2, sizeof(*trace->after.zones));
	assert_non_null(trace->after.zones);
	trace->after.zone_count = zone_nodes ? 2 : 0;
	trace->after.zones[1].node = zone_nodes - 1;
	ret = topology_read(capture.dir, trace, &err);
	if (ret)
		expect_true(strstr(err.text, "kernel/nodes: line ") != NULL);
	made_capture_fini(&capture);
	return ret;
}

static void test_file(void **state)
{
	struct trace trace;

	(void)state;
	assert_int_equal(read_made("0 0-1\n1 2-3\n2\n3 \n", 2, &trace), 0);
	expect_u64_eq(trace.topology.from, TOPOLOGY_RECORDED);
	expect_i64_eq(topology_node(&trace.topology, 1), 0);
	expect_i64_eq(topology_node(&trace.topology, 2), 1);
	trace_fini(&trace);
	assert_int_equal(read_made("0 0-1\none 2-3\n", 2, &trace), ERR_FORMAT);
	trace_fini(&trace);
	assert_int_equal(read_made("0 0-1\n1024 2-3\n", 2, &trace), ERR_LIMIT);
	trace_fini(&trace);
}

/* A capture made before there was such a file. */
static void test_zones(void **state)
{
	struct trace trace;

	(void)state;
	assert_int_equal(read_made(NULL, 1, &trace), 0);
	expect_u64_eq(trace.topology.from, TOPOLOGY_RECORDED);
	expect_i64_eq(topology_node(&trace.topology, 3), 0);
	expect_i64_eq(topology_node(&trace.topology, 4), -1);
	trace_fini(&trace);
	for (int nodes = 0; nodes < 3; nodes += 2) {
		assert_int_equal(read_made(NULL, nodes, &trace), 0);
		expect_u64_eq(trace.topology.from, TOPOLOGY_UNKNOWN);
		expect_i64_eq(topology_node(&trace.topology, 0), -1);
		trace_fini(&trace);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lists),
	    cmocka_unit_test(test_file),
	    cmocka_unit_test(test_zones),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
