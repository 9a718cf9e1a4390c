#include "parser/node_votes.h"

#include "tests/support/test.h"

static struct snapshot_zone zones[] = {
    {.node = 0, .start_pfn = 0, .spanned = 100},
    {.node = 1, .start_pfn = 100, .spanned = 100}};

static struct trace trace_of(uint32_t zone_count)
{
	struct trace trace = {.info.cpu_count = 4,
			      .before = {.parts = SNAPSHOT_ZONEINFO,
					 .zones = zones,
					 .zone_count = zone_count}};

	return trace;
}

static void see(struct node_votes *votes, uint16_t cpu, uint64_t pfn,
		uint32_t flags)
{
	struct kmem_event ev = {
	    .kind = EV_PAGE_ALLOC, .cpu = cpu, .addr = pfn, .flags = flags};

	node_votes_see(votes, &ev);
}

/* CPU 0 is on node 1, CPU 1 on 0; 2 allocates evenly, 3 not at all. */
static void test_majority(void **state)
{
	struct trace trace = trace_of(2);
	struct topology *topology = &trace.topology;
	struct node_votes *votes;

	(void)state;
	assert_int_equal(node_votes_create(&trace, &votes), 0);
	see(votes, 2, 5, 0); /* forgotten */
	node_votes_clear(votes);
	for (uint64_t i = 0; i < 30; i++) {
		see(votes, 0, i % 3 ? 199 : 0, 0);
		see(votes, 0, 5, EVF_FAILED);
		see(votes, 0, 200, 0); /* of no zone */
		see(votes, 1, i % 3 ? 99 : 100, 0);
		see(votes, 2, i % 2 ? 99 : 100, 0);
		see(votes, 4, 5, 0); /* no CPU of this machine */
	}
	assert_int_equal(node_votes_decide(votes, topology), 0);
	expect_u64_eq(topology->from, TOPOLOGY_LEARNED);
	expect_i64_eq(topology_node(topology, 0), 1);
	expect_i64_eq(topology_node(topology, 1), 0);
	expect_i64_eq(topology_node(topology, 2), -1);
	expect_i64_eq(topology_node(topology, 3), -1);
	node_votes_free(votes);
	topology_fini(topology);
}

static void test_nothing_to_learn(void **state)
{
	struct trace one = trace_of(1), told = trace_of(2);
	struct trace odd = trace_of(2);
	struct node_votes *votes;

	(void)state;
	assert_int_equal(node_votes_create(&one, &votes), 0);
	expect_true(!votes);
	told.topology.from = TOPOLOGY_RECORDED;
	assert_int_equal(node_votes_create(&told, &votes), 0);
	expect_true(!votes);
	zones[1].node = TOPOLOGY_NODES_MAX;
	assert_int_equal(node_votes_create(&odd, &votes), 0);
	expect_true(!votes);
	zones[1].node = 1;
	assert_int_equal(node_votes_decide(votes, &odd.topology), 0);
	expect_u64_eq(odd.topology.from, TOPOLOGY_UNKNOWN);
	node_votes_clear(votes);
	node_votes_free(votes);
}

/* Without any page event nothing is claimed. */
static void test_no_pages(void **state)
{
	struct trace trace = trace_of(2);
	struct node_votes *votes;

	(void)state;
	assert_int_equal(node_votes_create(&trace, &votes), 0);
	assert_int_equal(node_votes_decide(votes, &trace.topology), 0);
	expect_u64_eq(trace.topology.from, TOPOLOGY_UNKNOWN);
	expect_u64_eq(trace.topology.cpu_count, 0);
	node_votes_free(votes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_majority),
	    cmocka_unit_test(test_nothing_to_learn),
	    cmocka_unit_test(test_no_pages),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
