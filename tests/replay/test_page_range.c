/*
 * Where the caller names the frames: warm starts and recorded addresses.
 */
#include "tests/replay/page_fixture.h"

static uint64_t take(struct page_fixture *fix, uint64_t pfn, uint32_t order)
{
	uint64_t taken = UINT64_MAX;

	expect_i64_eq(page_take(fix->pa, pfn, order, PAGE_UNMOVABLE, &taken),
		      0);
	fixture_check(fix);
	return taken;
}

static uint64_t put(struct page_fixture *fix, uint64_t pfn, uint32_t order)
{
	uint64_t count = UINT64_MAX;

	expect_i64_eq(page_put(fix->pa, pfn, order, PAGE_TYPE_OF_BLOCK, &count),
		      0);
	fixture_check(fix);
	return count;
}

static void take_splits_around(void **state)
{
	struct page_fixture fix;
	struct page_zone_info info;
	uint64_t head;
	uint32_t order;

	(void)state;
	fixture_init(&fix, 1024);
	fixture_make(&fix);
	fixture_seed_all(&fix);
	expect_u64_eq(take(&fix, 516, 1), 2);
	info = fixture_zone(&fix, 0);
	/* 0-511, 512-515, 518-519, 520-527, 528-543, ... */
	for (int i = 0; i <= 10; i++)
		expect_u64_eq(info.free_blocks_any[i], i > 0 && i < 10);
	expect_i64_eq(page_lookup(fix.pa, 517, &head, &order), PAGE_USE_IN_USE);
	expect_u64_eq(head, 516);
	expect_u64_eq(order, 1);
	expect_u64_eq(put(&fix, 516, 1), 2);
	expect_u64_eq(fixture_zone(&fix, 0).free_blocks_any[10], 1);
	fixture_free(&fix);
}

/* Ranges over several blocks, some of them not free. */
static void take_what_is_there(void **state)
{
	struct page_fixture fix;

	(void)state;
	fixture_init(&fix, 1024);
	fixture_make(&fix);
	expect_u64_eq(take(&fix, 0, 10), 0);
	expect_i64_eq(page_alloc_seed_free(fix.pa, 4, 2, PAGE_MOVABLE), 0);
	expect_i64_eq(page_alloc_seed_free(fix.pa, 8, 3, PAGE_MOVABLE), 0);
	expect_i64_eq(page_alloc_seed_free(fix.pa, 16, 0, PAGE_MOVABLE), 0);
	fixture_check(&fix);
	expect_u64_eq(take(&fix, 0, 3), 4);
	expect_u64_eq(take(&fix, 0, 4), 8);
	expect_u64_eq(take(&fix, 0, 4), 0);
	expect_u64_eq(take(&fix, 16, 2), 1);
	expect_u64_eq(page_free_total(fix.pa), 0);
	/* And puts back what is in use. */
	expect_u64_eq(put(&fix, 6, 0), 1);
	expect_u64_eq(put(&fix, 0, 3), 7);
	expect_u64_eq(put(&fix, 0, 3), 0);
	expect_u64_eq(put(&fix, 0, 10), 1016);
	expect_u64_eq(fixture_zone(&fix, 0).free_blocks_any[10], 1);
	fixture_free(&fix);
}

/* The rest of a split block stays on the list that it was on. */
static void lists_are_kept(void **state)
{
	struct page_fixture fix;
	struct page_zone_info info;
	uint64_t count;

	(void)state;
	fixture_init(&fix, 1024);
	fixture_make(&fix);
	expect_i64_eq(page_alloc_seed_free(fix.pa, 0, 2, PAGE_RECLAIMABLE), 0);
	expect_u64_eq(take(&fix, 0, 0), 1);
	info = fixture_zone(&fix, 0);
	expect_u64_eq(info.free_blocks[PAGE_RECLAIMABLE][0], 1);
	expect_u64_eq(info.free_blocks[PAGE_RECLAIMABLE][1], 1);
	expect_i64_eq(page_put(fix.pa, 0, 0, PAGE_UNMOVABLE, &count), 0);
	expect_u64_eq(fixture_zone(&fix, 0).free_blocks[PAGE_UNMOVABLE][2], 1);
	fixture_free(&fix);
}

/* Compaction takes whole blocks, if enough stays free. */
static void isolates_blocks(void **state)
{
	struct page_fixture fix;
	uint32_t order = 99;

	(void)state;
	fixture_init(&fix, 2048);
	fix.zones[0].wmark_min = 256;
	fixture_make(&fix);
	expect_i64_eq(page_alloc_seed_free(fix.pa, 0, 8, PAGE_UNMOVABLE), 0);
	expect_i64_eq(page_alloc_seed_free(fix.pa, 512, 7, PAGE_MOVABLE), 0);
	expect_i64_eq(page_alloc_seed_free(fix.pa, 1024, 7, PAGE_MOVABLE), 0);
	expect_i64_eq(page_block_set_type(fix.pa, 0, PAGE_UNMOVABLE, false), 0);
	expect_i64_eq(page_block_set_type(fix.pa, 512, PAGE_UNMOVABLE, false),
		      0);
	/* No block starts there, or none that is free, or in no zone. */
	expect_i64_eq(page_isolate(fix.pa, 4, &order), ERR_USAGE);
	expect_i64_eq(page_isolate(fix.pa, 256, &order), ERR_USAGE);
	expect_i64_eq(page_isolate(fix.pa, 2048, &order), ERR_USAGE);
	/* 512 are free: more than min and the block have to be. */
	expect_i64_eq(page_isolate(fix.pa, 0, &order), ERR_NOMEM);
	expect_u64_eq(order, 99);
	expect_i64_eq(page_isolate(fix.pa, 512, &order), 0);
	fixture_check(&fix);
	expect_u64_eq(order, 7);
	expect_u64_eq(page_free_total(fix.pa), 384);
	expect_i64_eq(page_lookup(fix.pa, 600, NULL, NULL), PAGE_USE_IN_USE);
	/* Less than half a pageblock changes no type, half of one does. */
	expect_i64_eq(page_block_type(fix.pa, 512), PAGE_UNMOVABLE);
	expect_u64_eq(put(&fix, 512, 8), 256);
	expect_i64_eq(page_isolate(fix.pa, 512, &order), 0);
	expect_u64_eq(order, 8);
	expect_i64_eq(page_block_type(fix.pa, 512), PAGE_MOVABLE);
	expect_i64_eq(page_block_type(fix.pa, 0), PAGE_UNMOVABLE);
	fixture_check(&fix);
	fixture_free(&fix);
}

static void impossible_ranges(void **state)
{
	struct page_fixture fix;
	uint64_t count = 9;

	(void)state;
	fixture_init(&fix, 1000);
	fix.config.cpu_count = 1;
	fixture_make(&fix);
	expect_i64_eq(page_take(fix.pa, 1, 1, 0, &count), ERR_USAGE);
	expect_i64_eq(page_take(fix.pa, 0, 11, 0, &count), ERR_USAGE);
	expect_i64_eq(page_take(fix.pa, 0, 10, 0, &count), ERR_USAGE);
	expect_i64_eq(page_take(fix.pa, 1000, 0, 0, &count), ERR_USAGE);
	expect_i64_eq(page_take(fix.pa, 0, 0, -2, &count), ERR_USAGE);
	expect_i64_eq(page_take(fix.pa, 0, 0, 3, &count), ERR_USAGE);
	expect_i64_eq(page_put(fix.pa, UINT64_MAX, 0, 0, &count), ERR_USAGE);
	expect_i64_eq(page_put(fix.pa, 0, 0, 6, &count), ERR_USAGE);
	expect_u64_eq(count, 9);
	expect_i64_eq(page_alloc_seed_free(fix.pa, 0, 0, -2), ERR_USAGE);
	expect_i64_eq(page_alloc_seed_free(fix.pa, 1, 1, 0), ERR_USAGE);
	expect_i64_eq(page_alloc_seed_free(fix.pa, 0, 0, 0), 0);
	expect_i64_eq(page_alloc_seed_free(fix.pa, 0, 0, 0), ERR_USAGE);
	/* No lists: no batch is configured. */
	expect_i64_eq(page_alloc_seed_pcp(fix.pa, 1, 0, 0, 0), ERR_USAGE);
	expect_i64_eq(page_block_set_type(fix.pa, 1000, 0, true), ERR_USAGE);
	expect_i64_eq(page_block_set_type(fix.pa, 0, 6, true), ERR_USAGE);
	expect_i64_eq(page_block_type(fix.pa, 1000), ERR_USAGE);
	expect_i64_eq(page_zone_of(fix.pa, 1000), ERR_USAGE);
	expect_i64_eq(page_lookup(fix.pa, 1000, NULL, NULL), PAGE_USE_OUTSIDE);
	expect_i64_eq(page_zone_info(fix.pa, 1, &(struct page_zone_info){0}),
		      ERR_USAGE);
	expect_i64_eq(
	    page_zone_blocks(fix.pa, 1, (uint64_t[PAGE_MIGRATETYPES]){0}),
	    ERR_USAGE);
	expect_u64_eq(page_pcp_count(fix.pa, 0, 0), 0);
	expect_u64_eq(page_zone_count(fix.pa), 1);
	fixture_check(&fix);
	fixture_free(&fix);
}

static void warm_start(void **state)
{
	struct page_fixture fix;
	uint64_t blocks[PAGE_MIGRATETYPES];

	(void)state;
	fixture_init(&fix, 2048);
	fix.config.cpu_count = 2;
	fix.zones[0].pcp_batch = 4;
	fix.zones[0].pcp_high_min = fix.zones[0].pcp_high_max = 64;
	fixture_make(&fix);
	expect_i64_eq(page_block_set_type(fix.pa, 600, PAGE_UNMOVABLE, false),
		      0);
	fixture_seed_all(&fix);
	expect_i64_eq(page_zone_blocks(fix.pa, 0, blocks), 0);
	expect_u64_eq(blocks[PAGE_UNMOVABLE], 1);
	expect_u64_eq(blocks[PAGE_MOVABLE], 3);
	/* Lists keep the order of the seeds: the first one is the head. */
	expect_u64_eq(fixture_alloc(&fix, fixture_request(10)), 0);
	expect_u64_eq(fixture_alloc(&fix, fixture_request(10)), 1024);
	expect_i64_eq(page_alloc_seed_free(fix.pa, 0, 5, PAGE_UNMOVABLE), 0);
	/* Pages that are on a CPU's list at the start. */
	expect_i64_eq(
	    page_alloc_seed_pcp(fix.pa, 700, 0, PAGE_TYPE_OF_BLOCK, 1), 0);
	expect_i64_eq(page_alloc_seed_pcp(fix.pa, 700, 0, 0, 1), ERR_USAGE);
	expect_i64_eq(
	    page_alloc_seed_pcp(fix.pa, 701, 0, PAGE_TYPE_OF_BLOCK, 1), 0);
	fixture_check(&fix);
	expect_u64_eq(page_pcp_count(fix.pa, 0, 1), 2);
	expect_u64_eq(page_free_total(fix.pa), 32);
	/* The first to come is the first to go. */
	{
		struct page_request req = fixture_request(0);

		req.cpu = 1;
		req.migratetype = PAGE_UNMOVABLE;
		expect_u64_eq(fixture_alloc(&fix, req), 700);
		expect_u64_eq(fixture_alloc(&fix, req), 701);
	}
	expect_u64_eq(page_alloc_counters(fix.pa)->refills, 0);
	fixture_free(&fix);
}

/* A pageblock's free blocks follow it, if they are asked to. */
static void types_move_blocks(void **state)
{
	struct page_fixture fix;
	struct page_zone_info info;

	(void)state;
	fixture_init(&fix, 2048);
	fixture_make(&fix);
	expect_i64_eq(page_alloc_seed_free(fix.pa, 0, 3, PAGE_MOVABLE), 0);
	expect_i64_eq(page_alloc_seed_free(fix.pa, 32, 4, PAGE_MOVABLE), 0);
	expect_i64_eq(page_alloc_seed_free(fix.pa, 512, 4, PAGE_MOVABLE), 0);
	expect_i64_eq(page_block_set_type(fix.pa, 100, PAGE_UNMOVABLE, true),
		      0);
	fixture_check(&fix);
	info = fixture_zone(&fix, 0);
	expect_u64_eq(info.free_blocks[PAGE_UNMOVABLE][3], 1);
	expect_u64_eq(info.free_blocks[PAGE_UNMOVABLE][4], 1);
	expect_u64_eq(info.free_blocks[PAGE_MOVABLE][4], 1);
	fixture_free(&fix);
}

/* A block in use that was marked leaves its list when its range is freed. */
static void marked_blocks_are_put(void **state)
{
	struct page_fixture fix;

	(void)state;
	fixture_init(&fix, 1024);
	fixture_make(&fix);
	expect_i64_eq(page_alloc_seed_free(fix.pa, 1, 0, PAGE_MOVABLE), 0);
	expect_i64_eq(page_mark(fix.pa, 0, 0, PAGE_MARK_RECLAIMABLE), 0);
	expect_u64_eq(put(&fix, 0, 1), 1);
	expect_u64_eq(page_reclaim_zone(fix.pa, 0, 1), 0);
	fixture_check(&fix);
	fixture_free(&fix);
}

/* What is isolated merges with nothing else, and nobody counts on it. */
static void isolated_blocks_stay_apart(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		struct page_fixture fix;
		struct page_zone_info info;

		fixture_init(&fix, 1024);
		fix.config.version = (enum page_version)version;
		fixture_make(&fix);
		expect_i64_eq(
		    page_block_set_type(fix.pa, 0, PAGE_ISOLATE, false), 0);
		expect_i64_eq(page_free(fix.pa, 0, 9, 0), 0);
		expect_i64_eq(page_free(fix.pa, 512, 9, 0), 0);
		info = fixture_zone(&fix, 0);
		expect_u64_eq(info.free_blocks_any[9], 2);
		expect_u64_eq(info.free_pages, 512);
		fixture_check(&fix);
		expect_i64_eq(
		    page_block_set_type(fix.pa, 0, PAGE_MOVABLE, true), 0);
		expect_u64_eq(fixture_zone(&fix, 0).free_pages, 1024);
		fixture_check(&fix);
		fixture_free(&fix);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(take_splits_around),
	    cmocka_unit_test(take_what_is_there),
	    cmocka_unit_test(lists_are_kept),
	    cmocka_unit_test(isolates_blocks),
	    cmocka_unit_test(impossible_ranges),
	    cmocka_unit_test(warm_start),
	    cmocka_unit_test(types_move_blocks),
	    cmocka_unit_test(marked_blocks_are_put),
	    cmocka_unit_test(isolated_blocks_stay_apart),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
