/* Pageblocks of CMA: lent to movable requests, and to no others. */
#include "tests/replay/page_fixture.h"

static const struct page_slow_policy nothing = {.name = "nothing"};

/* 1024 frames, pageblocks of 64; the last cma_blocks of them are CMA's. */
static void fixture_cma(struct page_fixture *fix, enum page_version version,
			uint64_t cma_blocks, uint32_t batch)
{
	fixture_init(fix, 1024);
	fix->config.version = version;
	fix->config.max_order = 8;
	fix->config.pageblock_order = 6;
	fix->config.slow = &nothing;
	fix->config.cpu_count = batch != 0;
	fix->zones[0].pcp_batch = batch;
	fix->zones[0].pcp_high_min = fix->zones[0].pcp_high_max = 4 * batch;
	fixture_make(fix);
	for (uint64_t i = 0; i < cma_blocks; i++)
		expect_i64_eq(page_block_set_type(fix->pa, 1023 - i * 64,
						  PAGE_CMA, false),
			      0);
	for (uint64_t pfn = 0; pfn < 1024; pfn += 64)
		expect_i64_eq(
		    page_alloc_seed_free(fix->pa, pfn, 6, PAGE_TYPE_OF_BLOCK),
		    0);
}

/* Single pages of that type until there are no more; *from_cma of them. */
static uint64_t take_all(struct page_fixture *fix, enum page_migratetype type,
			 uint64_t *from_cma)
{
	struct page_request req = fixture_request(0);
	uint64_t pfn, count = 0;

	*from_cma = 0;
	req.migratetype = type;
	while (!page_alloc_pages(fix->pa, &req, &pfn)) {
		*from_cma += page_block_type(fix->pa, pfn) == PAGE_CMA;
		count++;
	}
	return count;
}

static void movable_only(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		struct page_fixture fix;
		uint64_t from_cma;

		fixture_cma(&fix, (enum page_version)version, 4, 0);
		expect_u64_eq(take_all(&fix, PAGE_UNMOVABLE, &from_cma),
			      1024 - 256);
		expect_u64_eq(from_cma, 0);
		expect_u64_eq(take_all(&fix, PAGE_RECLAIMABLE, &from_cma), 0);
		expect_u64_eq(take_all(&fix, PAGE_MOVABLE, &from_cma), 256);
		expect_u64_eq(from_cma, 256);
		fixture_check(&fix);
		for (uint64_t pfn = 0; pfn < 1024; pfn++)
			expect_i64_eq(page_free(fix.pa, pfn, 0, 0), 0);
		/* It is CMA's again, and did not merge with what is beside. */
		expect_u64_eq(fixture_zone(&fix, 0).free_blocks[PAGE_CMA][8],
			      1);
		fixture_check(&fix);
		fixture_free(&fix);
	}
}

/* gfp_migratetype() is unmovable for all then. */
static void not_without_grouping(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		struct page_fixture fix;
		uint64_t from_cma;

		fixture_init(&fix, 1024);
		fix.config.version = (enum page_version)version;
		fix.config.group_by_mobility = false;
		fix.config.slow = &nothing;
		fixture_make(&fix);
		expect_i64_eq(page_block_set_type(fix.pa, 512, PAGE_CMA, false),
			      0);
		expect_i64_eq(
		    page_alloc_seed_free(fix.pa, 512, 9, PAGE_TYPE_OF_BLOCK),
		    0);
		expect_u64_eq(take_all(&fix, PAGE_MOVABLE, &from_cma), 0);
		fixture_free(&fix);
	}
}

/* The free pages of CMA do not help others over a watermark. */
static void watermarks_leave_it_out(void **state)
{
	struct page_fixture fix;
	uint64_t from_cma;

	(void)state;
	fixture_init(&fix, 1024);
	fix.config.max_order = 8;
	fix.config.pageblock_order = 6;
	fix.config.slow = &nothing;
	fix.zones[0].wmark_min = 100;
	fix.zones[0].wmark_low = fix.zones[0].wmark_high = 100;
	fixture_make(&fix);
	for (uint64_t pfn = 768; pfn < 1024; pfn += 64)
		expect_i64_eq(page_block_set_type(fix.pa, pfn, PAGE_CMA, false),
			      0);
	fixture_seed_all(&fix);
	expect_u64_eq(take_all(&fix, PAGE_UNMOVABLE, &from_cma), 768 - 100);
	expect_u64_eq(take_all(&fix, PAGE_MOVABLE, &from_cma), 256);
	expect_u64_eq(page_free_total(fix.pa), 100);
	fixture_check(&fix);
	fixture_free(&fix);
}

/* While it holds more than half of what is free, it comes first. */
static void balanced_with_the_rest(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		struct page_request req = fixture_request(0);
		struct page_fixture fix;
		uint64_t pfn, from_cma = 0;

		fixture_cma(&fix, (enum page_version)version, 12, 0);
		/* 768 and 256: even after 512 pages. */
		for (int i = 0; i < 512; i++) {
			pfn = fixture_alloc(&fix, req);
			expect_i64_eq(page_block_type(fix.pa, pfn), PAGE_CMA);
		}
		for (int i = 0; i < 200; i++) {
			pfn = fixture_alloc(&fix, req);
			from_cma += page_block_type(fix.pa, pfn) == PAGE_CMA;
		}
		expect_u64_eq(from_cma, 100);
		fixture_check(&fix);
		fixture_free(&fix);
	}
}

/* A CPU's list mixes them; what is drained goes back where it was. */
static void through_the_cpus_lists(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		struct page_fixture fix;
		uint64_t pfn;

		fixture_cma(&fix, (enum page_version)version, 12, 7);
		pfn = fixture_alloc(&fix, fixture_request(0));
		expect_i64_eq(page_block_type(fix.pa, pfn), PAGE_CMA);
		expect_true(page_pcp_count(fix.pa, 0, 0) > 0);
		expect_i64_eq(page_free(fix.pa, pfn, 0, 0), 0);
		page_pcp_drain_all(fix.pa);
		fixture_check(&fix);
		expect_u64_eq(fixture_zone(&fix, 0).free_blocks[PAGE_CMA][8],
			      3);
		fixture_free(&fix);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(movable_only),
	    cmocka_unit_test(not_without_grouping),
	    cmocka_unit_test(watermarks_leave_it_out),
	    cmocka_unit_test(balanced_with_the_rest),
	    cmocka_unit_test(through_the_cpus_lists),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
