/*
 * The machine that a snapshot makes: its free blocks, its per-CPU lists, and
 * who may have the pages that were in use.
 */
#include "replay/page_state.h"
#include "tests/replay/machine_bed.h"

static void test_machine_warm(void **state)
{
	struct page_zone_info info;
	struct page_counts counts;
	uint64_t blocks[PAGE_MIGRATETYPES];
	struct machine_bed bed;

	(void)state;
	machine_bed_make(&bed, PAGE_START_WARM);
	bed.model->ops->counts(bed.model, &counts);
	expect_u64_eq(counts.free_pages, 1024 + 8 + 1);
	expect_u64_eq(counts.pcp_pages, 0);
	expect_u64_eq(page_machine_pcp_start(bed.machine), 7);
	assert_int_equal(
	    page_zone_info(page_machine_alloc(bed.machine), 0, &info), 0);
	expect_u64_eq(info.free_blocks[PAGE_MOVABLE][10], 1);
	expect_u64_eq(info.free_blocks[PAGE_RECLAIMABLE][3], 1);
	expect_u64_eq(info.free_blocks[PAGE_UNMOVABLE][0], 1);
	assert_int_equal(
	    page_zone_blocks(page_machine_alloc(bed.machine), 0, blocks), 0);
	expect_u64_eq(blocks[PAGE_UNMOVABLE], 1);
	expect_u64_eq(blocks[PAGE_RECLAIMABLE], 1);
	/* Start pages can be claimed once; free ones never. */
	expect_true(page_machine_claim(bed.machine, 1024, 4));
	expect_true(!page_machine_claim(bed.machine, 1030, 0));
	expect_true(!page_machine_claim(bed.machine, 2050, 0));
	expect_true(!page_machine_claim(bed.machine, 5120, 0));
	expect_true(!page_machine_claim(bed.machine, 5119, 1));
	machine_bed_check(&bed);
	machine_bed_end(&bed);
}

static void test_machine_pcp(void **state)
{
	struct page_counts counts;
	uint64_t other;
	struct machine_bed bed;

	(void)state;
	machine_bed_make(&bed, PAGE_START_WARM);
	assert_int_equal(page_machine_fill_pcp(bed.machine, &bed.trace.before,
					       NULL, 0, &other),
			 0);
	expect_u64_eq(other, 0);
	bed.model->ops->counts(bed.model, &counts);
	expect_u64_eq(counts.free_pages, 1033);
	expect_u64_eq(counts.pcp_pages, 7);
	/* The last page is on a list; another stands in when it is freed. */
	expect_true(!page_machine_claim(bed.machine, 5119, 0));
	expect_true(page_machine_claim_other(bed.machine, 5119, 0, &other));
	expect_true(other < 5113 && other != 5119);
	expect_true(!page_machine_claim(bed.machine, other, 0));
	/* No page of this block is on a list. */
	expect_true(!page_machine_claim_other(bed.machine, 2048, 0, &other));
	machine_bed_check(&bed);
	machine_bed_end(&bed);
}

/* From head to tail: what was allocated, what is not known, what was drained. */
static void test_machine_pcp_revealed(void **state)
{
	static const struct reveal_listed reveals[] = {
	    {.pfn = 1100, .cpu = 0, .migratetype = PAGE_MOVABLE},
	    {.pfn = 1200, .cpu = 0, .migratetype = 1, .drained = true},
	    {.pfn = 1101, .cpu = 0, .migratetype = PAGE_MOVABLE},
	    {.pfn = 2048, .cpu = 0, .migratetype = 1}, /* it was free */
	    {.pfn = 1201, .cpu = 1, .migratetype = 1},
	    {.pfn = 9999, .cpu = 1, .migratetype = 1}, /* no memory */
	};
	static const uint64_t wanted[] = {1100, 1101};
	struct page_request request = {.migratetype = PAGE_MOVABLE,
				       .zone = PAGE_ZONE_DMA32,
				       .node = PAGE_NODE_LOCAL};
	struct page_counts counts;
	uint64_t revealed, pfn;
	struct machine_bed bed;

	(void)state;
	machine_bed_make(&bed, PAGE_START_WARM);
	assert_int_equal(page_machine_fill_pcp(bed.machine, &bed.trace.before,
					       reveals, 6, &revealed),
			 0);
	expect_u64_eq(revealed, 4);
	bed.model->ops->counts(bed.model, &counts);
	expect_u64_eq(counts.pcp_pages, 7);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
		    bed.model->ops->alloc(bed.model, &request, &pfn), 0);
		expect_u64_eq(pfn, wanted[i]);
	}
	/* The other two are not known; the drained one is the last. */
	for (int i = 0; i < 3; i++)
		assert_int_equal(
		    bed.model->ops->alloc(bed.model, &request, &pfn), 0);
	expect_u64_eq(pfn, 1200);
	machine_bed_check(&bed);
	machine_bed_end(&bed);
}

/* Pages on the lists after a CPU had and freed 200 more, some times. */
static uint64_t listed_after_frees(int minor, uint32_t high_max)
{
	struct page_request request = {.migratetype = PAGE_MOVABLE,
				       .zone = PAGE_ZONE_DMA32,
				       .node = PAGE_NODE_LOCAL};
	struct page_counts counts;
	struct machine_bed bed;
	uint64_t pfns[200];

	machine_bed_make_of(&bed, PAGE_START_WARM, 6, minor, high_max);
	for (int n = 0; n < 8 * 400; n++) {
		int i = n % 400;

		if (i < 200)
			assert_int_equal(bed.model->ops->alloc(
					     bed.model, &request, &pfns[i]),
					 0);
		else
			bed.model->ops->free(bed.model, pfns[i - 200], 0, 0);
	}
	bed.model->ops->counts(bed.model, &counts);
	machine_bed_check(&bed);
	machine_bed_end(&bed);
	return counts.pcp_pages;
}

/*
 * high is 60 in each zoneinfo: the limit up to 6.6, where it stands just now in
 * 6.12, whose lists may hold an eighth of the zone among two CPUs: 250.
 */
static void test_machine_moving_high(void **state)
{
	(void)state;
	expect_true(listed_after_frees(1, 0) <= 60);
	expect_true(listed_after_frees(12, 0) > 60);
	expect_true(listed_after_frees(12, 60) <= 60);
}

/* It moves from where zoneinfo shows it; a kernel just booted is at its least. */
static void test_machine_start_high(void **state)
{
	struct machine_bed bed;
	const struct page_zone *zone;

	(void)state;
	for (int start = PAGE_START_WARM; start <= PAGE_START_COLD; start++) {
		machine_bed_make_of(&bed, (enum page_start)start, 6, 12, 0);
		zone = &page_machine_alloc(bed.machine)->zones[0];
		expect_true(zone->pcp_high_min < 60 && zone->pcp_high_max > 60);
		for (int cpu = 0; cpu < 2; cpu++)
			expect_u64_eq(
			    zone->pcps[cpu].high,
			    start == PAGE_START_WARM ? 60 : zone->pcp_high_min);
		machine_bed_end(&bed);
	}
}

static void test_machine_cold(void **state)
{
	struct page_counts counts;
	struct machine_bed bed;

	(void)state;
	machine_bed_make(&bed, PAGE_START_COLD);
	bed.model->ops->counts(bed.model, &counts);
	expect_u64_eq(counts.free_pages, ZONE_PAGES - 96);
	machine_bed_check(&bed);
	machine_bed_end(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_machine_warm),
	    cmocka_unit_test(test_machine_pcp),
	    cmocka_unit_test(test_machine_pcp_revealed),
	    cmocka_unit_test(test_machine_moving_high),
	    cmocka_unit_test(test_machine_start_high),
	    cmocka_unit_test(test_machine_cold),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
