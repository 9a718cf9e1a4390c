#include "parser/perf_features.h"

#include <string.h>

#include "tests/support/test.h"

struct feature {
	uint8_t bytes[256];
	size_t len;
};

static void put_u32(struct feature *feature, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		feature->bytes[feature->len++] = (uint8_t)(value >> 8 * i);
}

/* As do_write_string() of perf: the length is a multiple of 64, NULs after. */
static void put_node(struct feature *feature, uint32_t node, const char *cpus)
{
	put_u32(feature, node);
	feature->len += 16; /* memory in all and free */
	put_u32(feature, 64);
	memcpy(feature->bytes + feature->len, cpus, strlen(cpus));
	feature->len += 64;
}

static int read_nodes(const struct feature *feature, uint64_t size,
		      struct trace *trace, struct err *err)
{
	struct perf_file file = {0};
	struct byte_reader reader;

	byte_reader_memory(&reader, feature->bytes, size, "perf.data");
	return perf_feature_read(&file, &reader, PERF_FEATURE_NUMA_TOPOLOGY, 0,
				 size, trace, err);
}

static void test_nodes(void **state)
{
	struct feature feature = {0};
	struct trace trace = {0};
	struct err err = {0};

	(void)state;
	put_u32(&feature, 2);
	put_node(&feature, 0, "0-1,4");
	put_node(&feature, 3, "2-3");
	assert_int_equal(read_nodes(&feature, feature.len, &trace, &err), 0);
	expect_u64_eq(trace.topology.from, TOPOLOGY_RECORDED);
	expect_i64_eq(topology_node(&trace.topology, 4), 0);
	expect_i64_eq(topology_node(&trace.topology, 2), 3);
	trace_fini(&trace);
	for (size_t size = 0; size < feature.len; size++) {
		assert_int_equal(read_nodes(&feature, size, &trace, &err),
				 ERR_FORMAT);
		trace_fini(&trace);
	}
}

static void test_lies(void **state)
{
	struct feature many = {0}, node = {0}, list = {0};
	struct trace trace = {0};
	struct err err = {0};

	(void)state;
	put_u32(&many, UINT32_MAX);
	put_node(&many, 0, "0");
	assert_int_equal(read_nodes(&many, many.len, &trace, &err), ERR_FORMAT);
	put_u32(&node, 1);
	put_node(&node, 1024, "0");
	assert_int_equal(read_nodes(&node, node.len, &trace, &err), ERR_LIMIT);
	put_u32(&list, 1);
	put_node(&list, 7, "0-4294967295");
	assert_int_equal(read_nodes(&list, list.len, &trace, &err), ERR_LIMIT);
	expect_true(strstr(err.text, "the CPUs of node 7") != NULL);
	trace_fini(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_nodes),
	    cmocka_unit_test(test_lies),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
