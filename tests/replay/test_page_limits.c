/*
 * The formulas of page_limits by hand, and what it refuses. Real kernels'
 * numbers: test_zone_marks.c.
 */
#include "tests/support/test.h"

#include <string.h>

#include "replay/page_limits.h"

static void limits_set(const struct page_limits *limits,
		       struct page_zone_config *zones, uint32_t count)
{
	struct err err = {0};

	if (page_limits_set(limits, zones, count, &err))
		fail_msg("%s", err.text);
}

static void min_free(void **state)
{
	struct page_zone_config zones[2] = {
	    {.kind = PAGE_ZONE_DMA32, .managed = 262144},
	    {.kind = PAGE_ZONE_HIGHMEM, .managed = 1000000}};
	struct page_limits limits =
	    page_limits_default(PAGE_VERSION_6_1, 4096, 1);

	(void)state;
	/* sqrt(1 GiB in KiB * 16) = 4096; HighMem does not count. */
	expect_u64_eq(page_limits_min_free(&limits, zones, 2), 4096);
	zones[0].managed = 200;
	expect_u64_eq(page_limits_min_free(&limits, zones, 2), 128);
	zones[0].managed = UINT64_C(1) << 40;
	expect_u64_eq(page_limits_min_free(&limits, zones, 2), 262144);
	/* 512 * 2 + 512 * 9 frames for the one zone; or a twentieth. */
	zones[0].managed = 262144;
	limits.min_free_kbytes = 4096;
	expect_u64_eq(page_limits_min_free_thp(&limits, zones, 2, 9),
		      512 * 11 * 4);
	zones[0].managed = 20000;
	expect_u64_eq(page_limits_min_free_thp(&limits, zones, 2, 9), 4096);
	limits.min_free_kbytes = 100;
	expect_u64_eq(page_limits_min_free_thp(&limits, zones, 2, 9), 4000);
}

static void settings(void **state)
{
	struct page_zone_config zones[2] = {
	    {.kind = PAGE_ZONE_NORMAL, .managed = 1000000},
	    {.kind = PAGE_ZONE_MOVABLE, .managed = 500000}};
	struct page_limits limits =
	    page_limits_default(PAGE_VERSION_6_1, 4096, 4);

	(void)state;
	limits.min_free_kbytes = 60000;
	limits_set(&limits, zones, 2);
	/* 15000 frames over both; until 6.12 Movable has its full share. */
	expect_u64_eq(zones[0].wmark_min, 10000);
	expect_u64_eq(zones[0].wmark_high, 15000);
	expect_u64_eq(zones[1].wmark_min, 5000);
	expect_u64_eq(zones[0].lowmem_reserve[PAGE_ZONE_MOVABLE], 15625);
	expect_u64_eq(zones[0].pcp_batch, 63);
	expect_u64_eq(zones[0].pcp_high_min, 3125);
	expect_u64_eq(zones[0].pcp_high_max, 3125);
	limits.version = PAGE_VERSION_6_12;
	limits_set(&limits, zones, 2);
	expect_u64_eq(zones[0].wmark_min, 15000);
	expect_u64_eq(zones[1].wmark_min, 128);
	/* Its distances are not small. */
	expect_u64_eq(zones[1].wmark_low, 128 + 1875);
	expect_u64_eq(zones[0].pcp_high_min, 18750 / 4);
	expect_u64_eq(zones[0].pcp_high_max, 31250);
	limits.watermark_scale_factor = 1000;
	limits.high_fraction = 10;
	limits.reserve_ratio[PAGE_ZONE_NORMAL] = 0;
	limits_set(&limits, zones, 2);
	expect_u64_eq(zones[0].wmark_low, 15000 + 100000);
	expect_u64_eq(zones[0].pcp_high_min, 25000);
	expect_u64_eq(zones[0].pcp_high_max, 25000);
	expect_u64_eq(zones[0].lowmem_reserve[PAGE_ZONE_MOVABLE], 0);
}

/* What it makes is a configuration that the allocator takes. */
static void small_and_large_machines(void **state)
{
	static const uint64_t page_sizes[] = {4096, 16384, 65536};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		for (uint64_t managed = 1; managed < UINT64_C(1) << 32;
		     managed *= 3) {
			struct page_zone_config zone = {.kind =
							    PAGE_ZONE_NORMAL,
							.spanned = managed,
							.managed = managed};
			struct page_limits limits = page_limits_default(
			    PAGE_VERSION_6_18, page_sizes[i], 0);
			struct page_alloc_config config = {
			    .version = PAGE_VERSION_6_18,
			    .max_order = 10,
			    .pageblock_order = 9,
			    .cpu_count = 1,
			    .zones = &zone,
			    .zone_count = 1};

			limits.min_free_kbytes =
			    page_limits_min_free(&limits, &zone, 1);
			limits_set(&limits, &zone, 1);
			expect_true(zone.pcp_batch > 0);
			expect_true(zone.wmark_min <= zone.wmark_low);
			expect_true(page_alloc_meta_size(&config) > 0);
		}
	}
}

static void bad_input(void **state)
{
	static const uint64_t sizes[] = {0, 512, 5000, UINT64_C(1) << 21,
					 UINT64_MAX};
	struct page_zone_config zone = {.kind = PAGE_ZONE_NORMAL,
					.managed = 1000};
	struct page_limits limits;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		limits = page_limits_default(PAGE_VERSION_6_1, sizes[i], 1);
		expect_i64_eq(page_limits_set(&limits, &zone, 1, &err),
			      ERR_USAGE);
		expect_true(strstr(err.text, "page size"));
	}
	limits = page_limits_default(PAGE_VERSIONS, 4096, 1);
	expect_i64_eq(page_limits_set(&limits, &zone, 1, &err), ERR_USAGE);
	limits = page_limits_default(PAGE_VERSION_6_1, 4096, 1);
	zone.node = PAGE_NODES_MAX;
	expect_i64_eq(page_limits_set(&limits, &zone, 1, &err), ERR_USAGE);
	zone.node = 0;
	zone.kind = PAGE_ZONE_KINDS;
	expect_i64_eq(page_limits_set(&limits, &zone, 1, &err), ERR_USAGE);
	expect_u64_eq(zone.wmark_low, 0);
	/* No zones at all, and none with memory. */
	expect_i64_eq(page_limits_set(&limits, NULL, 0, &err), 0);
	zone.kind = PAGE_ZONE_NORMAL;
	zone.managed = 0;
	expect_i64_eq(page_limits_set(&limits, &zone, 1, &err), 0);
	expect_u64_eq(zone.wmark_high, 0);
}

/* zone_highsize(): however many CPUs share a zone, a list has four batches. */
static void least_list_length(void **state)
{
	struct page_zone_config zone = {.kind = PAGE_ZONE_NORMAL,
					.managed = 1000000};
	struct page_limits limits =
	    page_limits_default(PAGE_VERSION_6_12, 4096, 1000);

	(void)state;
	limits.min_free_kbytes = 60000;
	limits_set(&limits, &zone, 1);
	/* 18750 / 1000 and 1000000 / 8 / 1000 are less than 4 * 63. */
	expect_u64_eq(zone.wmark_low, 18750);
	expect_u64_eq(zone.pcp_batch, 63);
	expect_u64_eq(zone.pcp_high_min, 252);
	expect_u64_eq(zone.pcp_high_max, 252);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(min_free),
	    cmocka_unit_test(settings),
	    cmocka_unit_test(small_and_large_machines),
	    cmocka_unit_test(bad_input),
	    cmocka_unit_test(least_list_length),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
