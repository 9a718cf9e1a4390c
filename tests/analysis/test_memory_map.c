/*
 * The map of a small machine: shares of each moment, counted by hand.
 */
#include "analysis/memory_map.h"

#include <stdlib.h>

#include "tests/support/test.h"

enum { BLOCKS = 1100, ORDER = 3, PAGES = 1 << ORDER };

static struct kmem_event page(enum event_kind kind, uint64_t ts_ns,
			      uint64_t pfn, uint8_t order, uint32_t flags,
			      uint32_t gfp)
{
	return (struct kmem_event){.kind = (uint8_t)kind,
				   .ts_ns = ts_ns,
				   .addr = pfn,
				   .order = order,
				   .flags = flags,
				   .gfp_flags = gfp};
}

static const struct memory_cell *at(const struct memory_map *map,
				    uint32_t column, uint32_t row)
{
	return &map->cells[(size_t)column * map->rows + row];
}

static void test_map(void **state)
{
	struct snapshot_zone zone = {.spanned = (uint64_t)BLOCKS * PAGES};
	struct snapshot_block free_blocks[BLOCKS - 1];
	struct trace trace = {.first_ts_ns = 1000,
			      .last_ts_ns = 201000,
			      .info.page_size = 4096,
			      .info.gfp.movable = 8};
	/* Three blocks make a row. */
	struct kmem_event events[] = {
	    page(EV_PAGE_ALLOC, 1000, 0, 0, 0, 8),
	    page(EV_PAGE_ALLOC, 50000, 8, 0, EVF_BACKS_SLAB, 0),
	    page(EV_PAGE_ALLOC, 60000, 16, 3, 0, 0),
	    page(EV_PAGE_FREE, 150000, 16, 3, 0, 0),
	    page(EV_PAGE_FREE, 201000, 8, 0, EVF_BACKS_SLAB, 0),
	};
	struct memory_map_sink *sink;
	struct memory_map map;
	struct err err = {0};

	(void)state;
	for (uint64_t i = 0; i < BLOCKS - 1; i++)
		free_blocks[i] = (struct snapshot_block){i * PAGES, ORDER};
	trace.before = (struct snapshot){.parts = SNAPSHOT_KPAGEFLAGS,
					 .pageblock_order = ORDER,
					 .zones = &zone,
					 .zone_count = 1,
					 .blocks = free_blocks,
					 .block_count = BLOCKS - 1};
	assert_int_equal(memory_map_open(&sink, &trace, &err), 0);
	assert_int_equal(memory_map_feed(sink, events, 5, &err), 0);
	memory_map_take(sink, &map);
	memory_map_close(sink);
	expect_u64_eq(map.blocks, BLOCKS);
	expect_u64_eq(map.blocks_per_row, 3);
	expect_u64_eq(map.rows, 367);
	expect_u64_eq(map.columns, MEMORY_MAP_COLUMNS);
	expect_u64_eq(map.start_ns, 1000);
	/* 24 pages in the row: one is movable. */
	expect_u64_eq(at(&map, 10, 0)->uses[MAP_MOVABLE], 41);
	expect_u64_eq(at(&map, 10, 0)->uses[MAP_FREE], 958);
	expect_u64_eq(at(&map, 10, 0)->states[MAP_BLOCK_MOVABLE], 333);
	/* A slab page in the second block, all of the third. */
	expect_u64_eq(at(&map, 80, 0)->uses[MAP_SLAB], 41);
	expect_u64_eq(at(&map, 80, 0)->uses[MAP_UNMOVABLE], 333);
	expect_u64_eq(at(&map, 80, 0)->states[MAP_BLOCK_FEW], 333);
	expect_u64_eq(at(&map, 80, 0)->states[MAP_BLOCK_MANY], 333);
	expect_u64_eq(at(&map, 199, 0)->states[MAP_BLOCK_FREE], 333);
	expect_u64_eq(at(&map, 199, 1)->uses[MAP_FREE], 1000);
	/* The last row: one of two blocks is from before. */
	expect_u64_eq(at(&map, 10, 366)->states[MAP_BLOCK_OLD], 500);
	free(map.cells);
	/* Nor where nothing tells what a page is. */
	trace.before.parts = 0;
	trace.before.block_count = 0;
	assert_int_equal(memory_map_open(&sink, &trace, &err), 0);
	memory_map_take(sink, &map);
	expect_u64_eq(map.rows, 0);
	free(map.cells);
	memory_map_close(sink);
	trace.before = (struct snapshot){0};
	/* Without zones there is no map. */
	assert_int_equal(memory_map_open(&sink, &trace, &err), 0);
	assert_int_equal(memory_map_feed(sink, events, 5, &err), 0);
	memory_map_take(sink, &map);
	expect_u64_eq(map.rows, 0);
	free(map.cells);
	memory_map_close(sink);
	trace_fini(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_map)};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
