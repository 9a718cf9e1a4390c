/*
 * In which order the zones of several nodes serve a request.
 */
#include "tests/replay/page_fixture.h"

static void zonelists(void **state)
{
	/* Where blocks of order 10 come from, request after request. */
	static const struct {
		struct page_request req;
		int zones[5]; /* ids, -1: no memory */
	} cases[] = {
	    {{.zone = PAGE_ZONE_MOVABLE, .node = -1}, {2, 1, 0, 3, -1}},
	    {{.zone = PAGE_ZONE_NORMAL, .node = -1, .cpu = 1},
	     {3, 2, 1, 0, -1}},
	    {{.zone = PAGE_ZONE_NORMAL, .node = 1}, {3, 2, 1, 0, -1}},
	    {{.zone = PAGE_ZONE_DMA32, .node = 0}, {1, 0, -1}},
	    {{.zone = PAGE_ZONE_DMA, .node = 1}, {0, -1}},
	    {{.zone = PAGE_ZONE_NORMAL, .node = 1, .nodemask = 1},
	     {2, 1, 0, -1}},
	    {{.zone = PAGE_ZONE_NORMAL, .node = 1, .flags = PAGE_REQ_THISNODE},
	     {3, -1}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct page_request req = cases[i].req;
		struct page_fixture fix;

		fixture_numa(&fix);
		req.order = 10;
		for (int j = 0;; j++) {
			uint64_t pfn = 0;
			int rc = page_alloc_pages(fix.pa, &req, &pfn);

			expect_i64_eq(rc ? -1 : page_zone_of(fix.pa, pfn),
				      cases[i].zones[j]);
			fixture_check(&fix);
			if (rc)
				break;
		}
		fixture_free(&fix);
	}
}

static void remote_is_counted(void **state)
{
	struct page_request req = fixture_request(10);
	struct page_fixture fix;

	(void)state;
	fixture_numa(&fix);
	req.node = 1;
	for (int i = 0; i < 4; i++)
		fixture_alloc(&fix, req);
	expect_u64_eq(page_alloc_counters(fix.pa)->remote, 3);
	fixture_free(&fix);
}

/* A node may have CPUs only: its requests go to the others. */
static void node_without_memory(void **state)
{
	struct page_request req = fixture_request(0);
	struct page_fixture fix;

	(void)state;
	fixture_init(&fix, 64);
	fix.config.cpu_count = 2;
	fix.cpu_node[1] = 3;
	fixture_make(&fix);
	fixture_seed_all(&fix);
	req.cpu = 1;
	expect_u64_eq(fixture_alloc(&fix, req), 0);
	fixture_free(&fix);
}

/* At equal distance a node without CPUs serves before one that has them. */
static void nodes_without_cpus_come_first(void **state)
{
	/* Of nodes 0 to 3 the last but one has no CPUs; zone i is of node i. */
	static const uint64_t orders[4][4] = {
	    {0, 2, 1, 3}, {1, 2, 3, 0}, {2, 3, 0, 1}, {3, 2, 0, 1}};

	(void)state;
	for (int node = 0; node < 4; node++) {
		struct page_request req = fixture_request(10);
		struct page_fixture fix;

		fixture_init(&fix, 1024);
		fix.config.zone_count = 4;
		fix.config.cpu_count = 3;
		for (uint16_t i = 0; i < 4; i++) {
			fix.zones[i] = fix.zones[0];
			fix.zones[i].node = i;
			fix.zones[i].start_pfn = i * 1024u;
			fix.cpu_node[i] = i < 2 ? i : 3;
		}
		fixture_make(&fix);
		fixture_seed_all(&fix);
		req.node = (int16_t)node;
		for (int i = 0; i < 4; i++)
			expect_u64_eq(fixture_alloc(&fix, req) >> 10,
				      orders[node][i]);
		fixture_free(&fix);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(zonelists),
	    cmocka_unit_test(remote_is_counted),
	    cmocka_unit_test(node_without_memory),
	    cmocka_unit_test(nodes_without_cpus_come_first),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
