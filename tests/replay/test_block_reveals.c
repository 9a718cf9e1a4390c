/*
 * What events tell of the free blocks of a start, and lists made from it.
 */
#include "core/block_reveals.h"

#include <stdio.h>
#include <string.h>

#include "replay/page_deal.h"
#include "replay/page_machine.h"
#include "tests/support/test.h"

enum { START = 1024, PAGES = 4096, BLOCK = 512 };

struct bed {
	struct snapshot snapshot;
	struct snapshot_zone zone;
	struct snapshot_block blocks[3];
	struct capture_info info;
	struct block_reveals reveals;
};

/* Three free blocks of order 4, in the first three of eight pageblocks. */
static void bed_make(struct bed *bed)
{
	memset(bed, 0, sizeof(*bed));
	bed->info.version_major = 6;
	bed->info.version_minor = 1;
	bed->info.page_size = 4096;
	bed->zone = (struct snapshot_zone){.name = "Normal",
					   .start_pfn = START,
					   .spanned = PAGES,
					   .present = PAGES,
					   .managed = PAGES};
	bed->zone.free_by_type[PAGE_UNMOVABLE][4] = 1;
	bed->zone.free_by_type[PAGE_MOVABLE][4] = 2;
	bed->zone.blocks_by_type[PAGE_UNMOVABLE] = 1;
	bed->zone.blocks_by_type[PAGE_MOVABLE] = 6;
	bed->zone.blocks_by_type[PAGE_RECLAIMABLE] = 1;
	for (int i = 0; i < 3; i++)
		bed->blocks[i] = (struct snapshot_block){
		    .pfn = START + 64 + (uint64_t)i * BLOCK, .order = 4};
	bed->snapshot = (struct snapshot){
	    .parts = SNAPSHOT_ZONEINFO | SNAPSHOT_KPAGEFLAGS,
	    .order_count = 11,
	    .pageblock_order = 9,
	    .migratetype_count = 3,
	    .zones = &bed->zone,
	    .zone_count = 1,
	    .blocks = bed->blocks,
	    .block_count = 3,
	};
	assert_int_equal(block_reveals_init(&bed->reveals, &bed->snapshot), 0);
}

static void event(struct bed *bed, enum event_kind kind, uint64_t pfn, int type)
{
	struct kmem_event ev = {.kind = (uint8_t)kind,
				.addr = pfn,
				.migratetype = (int8_t)type,
				.fallback_migratetype = -1};

	if (kind == EV_EXTFRAG) {
		ev.migratetype = PAGE_MOVABLE;
		ev.fallback_migratetype = (int8_t)type;
	}
	block_reveals_event(&bed->reveals, &ev);
}

static void test_first_counts(void **state)
{
	struct bed bed;

	(void)state;
	bed_make(&bed);
	event(&bed, EV_PAGE_FREE, START + 64, PAGE_MOVABLE); /* tells nothing */
	expect_u64_eq(block_reveals_type(&bed.reveals, START + 64),
		      BLOCK_TYPE_UNKNOWN);
	/* A drain tells the pageblock's type, not where a list begins. */
	event(&bed, EV_PCPU_DRAIN, START + 3 * BLOCK, PAGE_UNMOVABLE);
	event(&bed, EV_ZONE_LOCKED, START + 3 * BLOCK, PAGE_MOVABLE);
	expect_u64_eq(block_reveals_type(&bed.reveals, START + 4 * BLOCK - 1),
		      PAGE_UNMOVABLE);
	expect_u64_eq(bed.reveals.touched_count, 0);
	/* What was stolen lay on the other type's list. */
	event(&bed, EV_EXTFRAG, bed.blocks[2].pfn + 3, PAGE_RECLAIMABLE);
	event(&bed, EV_ZONE_LOCKED, bed.blocks[2].pfn + 3, PAGE_MOVABLE);
	event(&bed, EV_ZONE_LOCKED, bed.blocks[0].pfn + 15, PAGE_MOVABLE);
	event(&bed, EV_ZONE_LOCKED, bed.blocks[0].pfn + 16, PAGE_MOVABLE);
	expect_u64_eq(bed.reveals.touched_count, 2);
	expect_u64_eq(bed.reveals.touched[0], 2);
	expect_u64_eq(bed.reveals.touched[1], 0);
	expect_u64_eq(block_reveals_list(&bed.reveals, 2), PAGE_RECLAIMABLE);
	expect_u64_eq(block_reveals_list(&bed.reveals, 1), BLOCK_TYPE_UNKNOWN);
	/* Types and places that there are not. */
	event(&bed, EV_ZONE_LOCKED, bed.blocks[1].pfn, -1);
	event(&bed, EV_ZONE_LOCKED, bed.blocks[1].pfn, PAGE_PCPTYPES);
	event(&bed, EV_ZONE_LOCKED, UINT64_MAX, PAGE_MOVABLE);
	expect_u64_eq(block_reveals_list(&bed.reveals, 1), BLOCK_TYPE_UNKNOWN);
	expect_u64_eq(block_reveals_type(&bed.reveals, UINT64_MAX),
		      BLOCK_TYPE_UNKNOWN);
	block_reveals_fini(&bed.reveals);
}

/* The third block is revealed as movable, the second as its list's next. */
static void test_deal(void **state)
{
	struct page_request request = {.order = 4,
				       .zone = PAGE_ZONE_NORMAL,
				       .migratetype = PAGE_MOVABLE,
				       .node = PAGE_NODE_LOCAL};
	struct page_machine_config config = {
	    .start = PAGE_START_WARM, .cpus = 1, .memory = memory_libc()};
	struct page_machine *machine;
	struct err err = {0};
	struct page_alloc *pa;
	struct bed bed;
	uint64_t pfn;

	(void)state;
	bed_make(&bed);
	event(&bed, EV_ZONE_LOCKED, bed.blocks[2].pfn, PAGE_MOVABLE);
	event(&bed, EV_ZONE_LOCKED, bed.blocks[1].pfn, PAGE_MOVABLE);
	config.info = &bed.info;
	config.snapshot = &bed.snapshot;
	config.reveals = &bed.reveals;
	assert_int_equal(page_machine_create(&machine, &config, &err), 0);
	pa = page_machine_alloc(machine);
	assert_int_equal(page_alloc_check(pa, &err), 0);
	expect_i64_eq(page_block_type(pa, bed.blocks[0].pfn), PAGE_UNMOVABLE);
	expect_i64_eq(page_block_type(pa, bed.blocks[1].pfn), PAGE_MOVABLE);
	expect_i64_eq(page_block_type(pa, START + 3 * BLOCK), PAGE_RECLAIMABLE);
	for (int i = 2; i > 0; i--) {
		assert_int_equal(page_alloc_pages(pa, &request, &pfn), 0);
		expect_u64_eq(pfn, bed.blocks[i].pfn);
	}
	page_model_destroy(page_machine_model(machine));
	block_reveals_fini(&bed.reveals);
}

/* Which pageblocks are the CMA area if so many are, with so many free blocks. */
static void expect_cma(const char *type, uint64_t blocks, uint64_t free_blocks,
		       uint64_t first, uint64_t end)
{
	struct page_machine_config config = {
	    .start = PAGE_START_WARM, .cpus = 1, .memory = memory_libc()};
	struct page_machine *machine;
	struct err err = {0};
	struct bed bed;

	bed_make(&bed);
	bed.snapshot.migratetype_count = 6;
	snprintf(bed.snapshot.migratetypes[PAGE_CMA],
		 sizeof(bed.snapshot.migratetypes[0]), "%s", type);
	bed.zone.blocks_by_type[PAGE_CMA] = blocks;
	bed.zone.free_by_type[PAGE_CMA][4] = free_blocks;
	config.info = &bed.info;
	config.snapshot = &bed.snapshot;
	assert_int_equal(page_machine_create(&machine, &config, &err), 0);
	for (uint64_t b = 0; b < PAGES / BLOCK; b++)
		expect_true((page_block_type(page_machine_alloc(machine),
					     START + b * BLOCK) == PAGE_CMA) ==
			    (b >= first && b < end));
	assert_int_equal(page_alloc_check(page_machine_alloc(machine), &err),
			 0);
	page_model_destroy(page_machine_model(machine));
	block_reveals_fini(&bed.reveals);
}

/* The last run of pageblocks that has what is free of CMA. */
static void test_cma(void **state)
{
	(void)state;
	expect_cma("CMA", 2, 0, 6, 8);
	expect_cma("CMA", 2, 1, 2, 4);
	expect_cma("CMA", 2, 2, 1, 3);
	expect_cma("CMA", 8, 3, 0, 8);
	/* Several areas, or none: nothing is known. */
	expect_cma("CMA", 2, 3, 0, 0);
	expect_cma("CMA", 9, 3, 0, 0);
	expect_cma("CMA", 0, 0, 0, 0);
	expect_cma("Isolate", 2, 1, 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_first_counts),
	    cmocka_unit_test(test_deal),
	    cmocka_unit_test(test_cma),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
