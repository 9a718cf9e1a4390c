/*
 * The watch of orders in the engine, against the kernel: after a recorded
 * replay the free blocks, and those that compaction could free, are what the
 * snapshot after the recording says, which the replay has not seen.
 */
#include <stdlib.h>
#include <string.h>

#include "replay/order_watch.h"
#include "tests/replay/replay_bed.h"

enum page_state { PINNED, FREE, MOVES };

/* The pages of a snapshot from pfn 0 on. */
static uint8_t *states_of(const struct snapshot *snapshot)
{
	uint8_t *states = calloc(snapshot->kpageflags_pages, 1);

	assert_non_null(states);
	for (uint64_t pfn = 0; pfn < snapshot->kpageflags_pages; pfn++)
		if (snapshot_is_movable(snapshot, pfn))
			states[pfn] = MOVES;
	for (size_t i = 0; i < snapshot->block_count; i++)
		memset(states + snapshot->blocks[i].pfn, FREE,
		       (size_t)1 << snapshot->blocks[i].order);
	return states;
}

static uint64_t count_of(const uint8_t *states, uint64_t pages,
			 enum page_state state)
{
	uint64_t count = 0;

	for (uint64_t i = 0; i < pages; i++)
		count += states[i] == state;
	return count;
}

/* Movable pages leave whole blocks as long as others have room for them. */
static void zone_add(const struct snapshot_zone *zone, const uint8_t *states,
		     uint64_t size, struct block_room *room)
{
	const uint8_t *from = states + zone->start_pfn;
	uint64_t movable = count_of(from, zone->spanned, MOVES);
	uint64_t places = movable, whole = 0, end;

	end = (zone->start_pfn + zone->spanned) / size * size;
	places += count_of(from, zone->spanned, FREE);
	room->packed += count_of(from, zone->spanned, FREE) / size;
	for (uint64_t pfn = (zone->start_pfn + size - 1) / size * size;
	     pfn < end; pfn += size) {
		whole += !count_of(states + pfn, size, PINNED);
		room->free += count_of(states + pfn, size, FREE) == size;
	}
	/* Each block that is emptied takes its places away. */
	while (whole && places - size >= movable) {
		places -= size;
		whole--;
		room->compacted++;
	}
}

static void after_room(const struct snapshot *after, uint32_t order,
		       struct block_room *room)
{
	uint8_t *states = states_of(after);

	*room = (struct block_room){0};
	for (uint32_t i = 0; i < after->zone_count; i++)
		if (after->zones[i].managed)
			zone_add(&after->zones[i], states, UINT64_C(1) << order,
				 room);
	free(states);
}

static void check(const struct replay_orders *orders, const struct trace *trace)
{
	const struct block_room *last =
	    &orders->rooms[orders->room_count - 1].blocks;
	struct block_room want;

	expect_true(orders->room_count > 50 &&
		    orders->room_count <= ORDER_ROOMS);
	for (size_t i = 1; i < orders->room_count; i++)
		expect_true(orders->rooms[i].ts_ns >=
			    orders->rooms[i - 1].ts_ns);
	after_room(&trace->after, orders->block_order, &want);
	expect_u64_eq(last->free, want.free);
	expect_u64_eq(last->compacted, want.compacted);
	expect_u64_eq(last->packed, want.packed);
	expect_true(last->compacted <= last->packed);
	/* Something was lost to the pages in between, or this tests little. */
	expect_true(orders->rooms[0].blocks.free > last->free);
}

static void test_captures(void **state)
{
	static const char *const names[] = {"files-slub", "mixed-slab",
					    "mixed-slob", "mixed-slub",
					    "mixed-arm64-64k"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct replay_config config;
		struct replay_result result;
		struct capture_bed bed;
		struct replay *replay;
		struct err err = {0};

		capture_bed_open(&bed, test_capture(names[i]), 0);
		config = bed_config(&bed.trace, "recorded", NULL, 10);
		config.watch_orders = true;
		must(replay_create(&replay, &config, &err), &err);
		bed_feed(replay, bed.source, NULL, NULL);
		bed_finish(replay, NULL, &result);
		assert_non_null(replay_orders(replay));
		print_message("%s\n", names[i]);
		check(replay_orders(replay), &bed.trace);
		replay_destroy(replay);
		capture_bed_close(&bed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_captures)};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
