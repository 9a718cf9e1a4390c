#include "tests/replay/pcp_bed.h"

void pcp_ready(struct page_fixture *fix, enum page_version version,
	       uint32_t high_max)
{
	fixture_init(fix, 4096);
	fix->config.version = version;
	fix->config.cpu_count = 2;
	fix->zones[0].pcp_batch = 4;
	fix->zones[0].pcp_high_min = 16;
	fix->zones[0].pcp_high_max = high_max;
	fixture_make(fix);
	fixture_seed_all(fix);
}

uint32_t pcp_held(const struct page_fixture *fix)
{
	return page_pcp_count(fix->pa, 0, 0);
}

void pcp_free_one(struct page_fixture *fix, uint64_t pfn, uint32_t order)
{
	expect_i64_eq(page_free(fix->pa, pfn, order, 0), 0);
	fixture_check(fix);
}

void pcp_take_pages(struct page_fixture *fix, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		expect_u64_eq(fixture_alloc(fix, fixture_request(0)), i);
	fixture_check(fix);
}
