/*
 * Zones of zoneinfo as zones of the page allocator.
 */
#include "replay/page_zoneinfo.h"

#include <string.h>

#include "tests/support/test.h"

static void names(void **state)
{
	(void)state;
	for (int i = 0; i < PAGE_ZONE_KINDS; i++) {
		enum page_zone_kind kind;

		expect_true(page_zone_kind_of(
		    page_zone_name((enum page_zone_kind)i), &kind));
		expect_i64_eq(kind, i);
	}
	expect_true(!page_zone_kind_of("Device",
				       &(enum page_zone_kind){PAGE_ZONE_DMA}));
}

/* Node 0 with DMA and Normal and a zone of no kind, node 2 with Normal. */
static void zones(void **state)
{
	struct snapshot_pcp old = {.high = 60, .batch = 15};
	struct snapshot_pcp ranges = {
	    .high_min = 20, .high_max = 200, .batch = 7};
	struct snapshot_zone list[] = {
	    {.name = "DMA",
	     .start_pfn = 1,
	     .spanned = 4095,
	     .managed = 3840,
	     .min = 10,
	     .low = 20,
	     .high = 30,
	     .boost = 5,
	     .protection = {0, 300, 999},
	     .protection_count = 3,
	     .pcps = &old,
	     .pcp_count = 1},
	    {.name = "Normal", .spanned = 100, .pcps = &ranges, .pcp_count = 1},
	    {.name = "Device", .spanned = 7, .managed = 7},
	    {.name = "Normal", .node = 2, .spanned = 50, .managed = 50},
	    {.name = "Normal", .node = -1},
	};
	struct snapshot snapshot = {.zones = list, .zone_count = 5};
	struct page_tuning tuning = {0};
	struct page_zone_config got[PAGE_ZONES_MAX];
	struct err err = {0};
	uint32_t count;

	(void)state;
	expect_u64_eq(page_zoneinfo_nodes(&snapshot), 3);
	assert_int_equal(
	    page_zoneinfo_zones(&snapshot, &tuning, got, &count, &err), 0);
	expect_u64_eq(count, 3);
	expect_i64_eq(got[0].kind, PAGE_ZONE_DMA);
	expect_u64_eq(got[0].start_pfn, 1);
	expect_u64_eq(got[0].spanned, 4095);
	expect_u64_eq(got[0].wmark_low, 20);
	expect_u64_eq(got[0].boost, 5);
	/* The n-th number is against the n-th zone that the node has. */
	expect_u64_eq(got[0].lowmem_reserve[PAGE_ZONE_NORMAL], 300);
	expect_u64_eq(got[0].lowmem_reserve[PAGE_ZONE_DMA], 0);
	/* One limit is both ends of the range. */
	expect_u64_eq(got[0].pcp_high_min, 60);
	expect_u64_eq(got[0].pcp_high_max, 60);
	expect_u64_eq(got[1].pcp_high_min, 20);
	expect_u64_eq(got[1].pcp_high_max, 200);
	/* A zone that manages nothing has no frames. */
	expect_u64_eq(got[1].spanned, 0);
	expect_u64_eq(got[2].node, 2);
	/* Settings hold for every zone, but give no lists where there are none. */
	tuning = (struct page_tuning){
	    .has_high = true, .high = 5, .has_batch = true, .batch = 2};
	assert_int_equal(
	    page_zoneinfo_zones(&snapshot, &tuning, got, &count, &err), 0);
	expect_u64_eq(got[1].pcp_high_min, 5);
	expect_u64_eq(got[1].pcp_high_max, 5);
	expect_u64_eq(got[1].pcp_batch, 2);
	expect_u64_eq(got[2].pcp_batch, 0);
}

static void without_zones(void **state)
{
	struct snapshot snapshot = {0};
	struct page_tuning tuning = {0};
	struct page_zone_config got[PAGE_ZONES_MAX];
	struct err err = {0};
	uint32_t count;

	(void)state;
	expect_u64_eq(page_zoneinfo_nodes(&snapshot), 1);
	assert_int_equal(
	    page_zoneinfo_zones(&snapshot, &tuning, got, &count, &err),
	    ERR_MISSING);
	expect_true(strstr(err.text, "zones") != NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(names),
	    cmocka_unit_test(zones),
	    cmocka_unit_test(without_zones),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
