#include "tests/replay/page_fixture.h"

#include "replay/page_mempolicy.h"

/* DMA32 and Normal on node 0, Normal on nodes 1 and 2; 64 frames each. */
static void fixture_nodes(struct page_fixture *fix)
{
	static const enum page_zone_kind kinds[] = {
	    PAGE_ZONE_DMA32, PAGE_ZONE_NORMAL, PAGE_ZONE_NORMAL,
	    PAGE_ZONE_NORMAL, PAGE_ZONE_MOVABLE};
	static const uint32_t nodes[] = {0, 0, 1, 2, 3};

	fixture_init(fix, 64);
	fix->config.max_order = fix->config.pageblock_order = 4;
	for (uint32_t i = 0; i < 5; i++) {
		fix->zones[i].kind = kinds[i];
		fix->zones[i].node = nodes[i];
		fix->zones[i].start_pfn = i * 64;
		fix->zones[i].spanned = 64;
	}
	fix->config.zone_count = 5;
	fix->config.cpu_count = 2;
	fix->cpu_node[1] = 1;
	fixture_make(fix);
	fixture_seed_all(fix);
}

/* The zone that a single page of the policy comes from, -1 without one. */
static int zone_of_next(struct page_fixture *fix, struct page_mempolicy *policy,
			enum page_zone_kind zone, uint32_t cpu)
{
	struct page_request req = {.zone = zone, .cpu = cpu, .node = 77};
	uint64_t pfn;

	expect_i64_eq(page_mempolicy_apply(fix->pa, policy, &req), 0);
	if (page_alloc_pages(fix->pa, &req, &pfn))
		return -1;
	return page_zone_of(fix->pa, pfn);
}

static void modes(void **state)
{
	static const struct {
		struct page_mempolicy policy;
		enum page_zone_kind zone;
		uint32_t cpu;
		int zones[6]; /* of request after request */
	} cases[] = {
	    {{PAGE_POLICY_LOCAL, 0, 0}, PAGE_ZONE_NORMAL, 0, {1, 1, 1}},
	    {{PAGE_POLICY_LOCAL, 0, 0}, PAGE_ZONE_NORMAL, 1, {2, 2, 2}},
	    {{PAGE_POLICY_PREFERRED, 6, 0}, PAGE_ZONE_NORMAL, 0, {2, 2, 2}},
	    /* The nearest of those that are allowed. */
	    {{PAGE_POLICY_BIND, 6, 0}, PAGE_ZONE_NORMAL, 1, {2, 2, 2}},
	    {{PAGE_POLICY_BIND, 5, 0}, PAGE_ZONE_NORMAL, 1, {3, 3, 3}},
	    /* Not every node has DMA32: such requests are not bound. */
	    {{PAGE_POLICY_BIND, 4, 0}, PAGE_ZONE_DMA32, 1, {0, 0, 0}},
	    /* Movable memory only: nothing else is bound to it. */
	    {{PAGE_POLICY_BIND, 8, 0}, PAGE_ZONE_NORMAL, 0, {1, 1, 1}},
	    {{PAGE_POLICY_BIND, 8, 0}, PAGE_ZONE_MOVABLE, 0, {4, 4, 4}},
	    {{PAGE_POLICY_INTERLEAVE, 7, 0},
	     PAGE_ZONE_NORMAL,
	     0,
	     {1, 2, 3, 1, 2, 3}},
	    {{PAGE_POLICY_INTERLEAVE, 5, 0},
	     PAGE_ZONE_NORMAL,
	     1,
	     {1, 3, 1, 3, 1, 3}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct page_mempolicy policy = cases[i].policy;
		struct page_fixture fix;
		int count = policy.mode == PAGE_POLICY_INTERLEAVE ? 6 : 3;

		fixture_nodes(&fix);
		for (int j = 0; j < count; j++)
			expect_i64_eq(zone_of_next(&fix, &policy, cases[i].zone,
						   cases[i].cpu),
				      cases[i].zones[j]);
		fixture_free(&fix);
	}
}

/* Bound requests fail when their nodes are full; the others go on. */
static void full_nodes(void **state)
{
	struct page_mempolicy bind = {PAGE_POLICY_BIND, 2, 0};
	struct page_mempolicy prefer = {PAGE_POLICY_PREFERRED, 2, 0};
	struct page_mempolicy turn = {PAGE_POLICY_INTERLEAVE, 3, 0};
	struct page_fixture fix;

	(void)state;
	fixture_nodes(&fix);
	for (int i = 0; i < 64; i++)
		expect_i64_eq(zone_of_next(&fix, &bind, PAGE_ZONE_NORMAL, 0),
			      2);
	expect_i64_eq(zone_of_next(&fix, &bind, PAGE_ZONE_NORMAL, 0), -1);
	expect_i64_eq(zone_of_next(&fix, &prefer, PAGE_ZONE_NORMAL, 0), 3);
	expect_i64_eq(zone_of_next(&fix, &turn, PAGE_ZONE_NORMAL, 0), 1);
	expect_i64_eq(zone_of_next(&fix, &turn, PAGE_ZONE_NORMAL, 0), 3);
	fixture_free(&fix);
}

/* alloc_pages() asks no policy then, and nobody's turn is used up. */
static void this_node_has_none(void **state)
{
	struct page_mempolicy turn = {PAGE_POLICY_INTERLEAVE, 4, 0};
	struct page_request req = fixture_request(0);
	struct page_fixture fix;

	(void)state;
	fixture_nodes(&fix);
	req.flags = PAGE_REQ_THISNODE;
	expect_i64_eq(page_mempolicy_apply(fix.pa, &turn, &req), 0);
	expect_i64_eq(req.node, PAGE_NODE_LOCAL);
	expect_u64_eq(req.nodemask, 0);
	expect_u64_eq(turn.turn, 0);
	fixture_free(&fix);
}

static void bad_policies(void **state)
{
	struct page_mempolicy policies[] = {
	    {PAGE_POLICY_BIND, 0, 0},
	    {PAGE_POLICY_INTERLEAVE, 16, 0},
	    {PAGE_POLICY_PREFERRED, UINT64_MAX, 0},
	    {(enum page_policy)4, 1, 0},
	};
	struct page_fixture fix;

	(void)state;
	fixture_nodes(&fix);
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		struct page_request req = fixture_request(0);

		expect_i64_eq(page_mempolicy_apply(fix.pa, &policies[i], &req),
			      ERR_USAGE);
	}
	fixture_free(&fix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(modes),
	    cmocka_unit_test(full_nodes),
	    cmocka_unit_test(this_node_has_none),
	    cmocka_unit_test(bad_policies),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
