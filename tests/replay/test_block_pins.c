/*
 * block_pins: random recorded events against a plain array of pages, and a
 * compaction that is really carried out on it.
 */
#include "replay/block_pins.h"

#include <string.h>

#include "tests/replay/page_fixture.h"
#include "tests/support/long_run.h"

enum { FRAMES = 8192, BLOCK = 512, MOVABLE = 0x08, SLOTS = 4096 };

enum page_state { FREE, PINNED, MOVES };

struct bed {
	struct page_fixture fix;
	struct snapshot before;
	struct block_pins pins;
	uint64_t map[FRAMES / 64];
	enum page_state pages[FRAMES];
	struct kmem_event live[SLOTS];
};

/* Two zones; the second begins inside a pageblock and ends inside one. */
static void bed_make(struct bed *bed, uint64_t *seed)
{
	struct memory memory = memory_libc();

	memset(bed, 0, sizeof(*bed));
	fixture_init(&bed->fix, 4096);
	bed->fix.zones[1] = bed->fix.zones[0];
	bed->fix.zones[0].kind = PAGE_ZONE_DMA32;
	bed->fix.zones[1].kind = PAGE_ZONE_NORMAL;
	bed->fix.zones[1].start_pfn = 4096 + 512;
	bed->fix.zones[1].spanned = 3200;
	bed->fix.config.zone_count = 2;
	fixture_make(&bed->fix);
	for (uint64_t pfn = 0; pfn < FRAMES; pfn++) {
		uint64_t state = fixture_random(seed) % 100;
		uint64_t count = 0;

		/* Few pages are pinned, and only in every other block. */
		bed->pages[pfn] = state < 30			       ? FREE
				  : state < 31 && pfn / BLOCK % 2 == 0 ? PINNED
								       : MOVES;
		if (bed->pages[pfn] == MOVES)
			bed->map[pfn / 64] |= UINT64_C(1) << pfn % 64;
		if (page_zone_of(bed->fix.pa, pfn) < 0)
			continue;
		if (bed->pages[pfn] == FREE)
			assert_int_equal(page_put(bed->fix.pa, pfn, 0,
						  PAGE_TYPE_OF_BLOCK, &count),
					 0);
	}
	bed->before.movable_map = bed->map;
	bed->before.movable_map_pages = FRAMES;
	assert_int_equal(block_pins_init(&bed->pins, bed->fix.pa, 9,
					 &bed->before, MOVABLE, &memory),
			 0);
}

static void bed_free(struct bed *bed)
{
	block_pins_fini(&bed->pins);
	fixture_free(&bed->fix);
}

/* Free blocks in the zone's array of pages. */
static uint64_t count_free(const enum page_state *pages, uint64_t from,
			   uint64_t to)
{
	uint64_t blocks = 0;

	for (uint64_t pfn = (from + BLOCK - 1) / BLOCK * BLOCK;
	     pfn + BLOCK <= to; pfn += BLOCK) {
		uint64_t i = 0;

		while (i < BLOCK && pages[pfn + i] == FREE)
			i++;
		blocks += i == BLOCK;
	}
	return blocks;
}

/* True if the block of that pfn cannot become free. */
static bool is_stuck(const enum page_state *pages, uint64_t pfn, uint64_t from,
		     uint64_t to)
{
	uint64_t block = pfn / BLOCK * BLOCK;

	if (block < from || block + BLOCK > to)
		return true;
	for (uint64_t i = 0; i < BLOCK; i++)
		if (pages[block + i] == PINNED)
			return true;
	return false;
}

/* Takes all movable pages up, then puts them down: stuck blocks first. */
static uint64_t compact(const struct bed *bed, uint64_t from, uint64_t to)
{
	static enum page_state pages[FRAMES];
	uint64_t moving = 0;

	memcpy(pages, bed->pages, sizeof(pages));
	for (uint64_t pfn = from; pfn < to; pfn++) {
		if (pages[pfn] != MOVES)
			continue;
		pages[pfn] = FREE;
		moving++;
	}
	for (int stuck = 1; stuck >= 0; stuck--)
		for (uint64_t pfn = from; pfn < to && moving; pfn++) {
			if (pages[pfn] != FREE ||
			    is_stuck(bed->pages, pfn, from, to) != stuck)
				continue;
			pages[pfn] = MOVES;
			moving--;
		}
	return count_free(pages, from, to);
}

static void compare(const struct bed *bed)
{
	struct block_room room;
	uint64_t free = 0, compacted = 0, packed = 0;

	block_pins_room(&bed->pins, &room);
	for (int i = 0; i < 2; i++) {
		uint64_t from = bed->fix.zones[i].start_pfn, pages = 0;
		uint64_t to = from + bed->fix.zones[i].spanned;

		for (uint64_t pfn = from; pfn < to; pfn++)
			pages += bed->pages[pfn] == FREE;
		free += count_free(bed->pages, from, to);
		compacted += compact(bed, from, to);
		packed += pages / BLOCK;
	}
	expect_u64_eq(room.free, free);
	expect_u64_eq(room.compacted, compacted);
	expect_u64_eq(room.packed, packed);
}

static bool all_are(const struct bed *bed, uint64_t pfn, unsigned int order,
		    enum page_state state)
{
	for (uint64_t i = 0; i < UINT64_C(1) << order; i++)
		if (bed->pages[pfn + i] != state ||
		    page_zone_of(bed->fix.pa, pfn + i) < 0)
			return false;
	return true;
}

static void set_all(struct bed *bed, uint64_t pfn, unsigned int order,
		    enum page_state state)
{
	for (uint64_t i = 0; i < UINT64_C(1) << order; i++)
		bed->pages[pfn + i] = state;
}

static void feed(struct bed *bed, const struct kmem_event *ev)
{
	uint64_t count;
	int ret = ev->kind == EV_PAGE_ALLOC
		      ? page_take(bed->fix.pa, ev->addr, ev->order,
				  PAGE_TYPE_OF_BLOCK, &count)
		      : page_put(bed->fix.pa, ev->addr, ev->order,
				 PAGE_TYPE_OF_BLOCK, &count);

	assert_int_equal(ret, 0);
	assert_int_equal(block_pins_event(&bed->pins, ev), 0);
}

static void random_step(struct bed *bed, uint64_t *seed)
{
	uint32_t slot = (uint32_t)(fixture_random(seed) % SLOTS);
	struct kmem_event ev = bed->live[slot];
	uint64_t pfn = fixture_random(seed) % FRAMES;

	if (ev.object) {
		ev.kind = EV_PAGE_FREE;
		bed->live[slot].object = 0;
		set_all(bed, ev.addr, ev.order, FREE);
		feed(bed, &ev);
		return;
	}
	ev = (struct kmem_event){.kind = EV_PAGE_ALLOC,
				 .object = slot + 1,
				 .slot = slot,
				 .order = (uint8_t)(fixture_random(seed) % 3)};
	ev.addr = pfn & ~((UINT64_C(1) << ev.order) - 1);
	ev.gfp_flags = fixture_random(seed) % 20 ? MOVABLE : 0;
	ev.flags = fixture_random(seed) % 50 ? 0 : EVF_BACKS_SLAB;
	if (all_are(bed, ev.addr, ev.order, FREE)) {
		set_all(bed, ev.addr, ev.order,
			ev.gfp_flags && !ev.flags ? MOVES : PINNED);
		bed->live[slot] = ev;
		feed(bed, &ev);
	}
}

/* A page from before the trace goes: its owner is not known. */
static void start_page_goes(struct bed *bed, uint64_t pfn)
{
	struct kmem_event ev = {
	    .kind = EV_PAGE_FREE, .addr = pfn, .flags = EVF_UNKNOWN_OBJECT};

	if (page_zone_of(bed->fix.pa, pfn) < 0 || bed->pages[pfn] == FREE)
		return;
	bed->pages[pfn] = FREE;
	feed(bed, &ev);
}

static void test_random(void **state)
{
	static struct bed bed;
	uint64_t seed = long_run_seed(7);

	(void)state;
	for (int round = 0; round < 4; round++) {
		bed_make(&bed, &seed);
		compare(&bed);
		for (uint64_t pfn = 0; pfn < FRAMES; pfn++)
			if (fixture_random(&seed) % 2)
				start_page_goes(&bed, pfn);
		compare(&bed);
		for (int step = 0; step < 4000; step++) {
			random_step(&bed, &seed);
			if (step % 100 == 0)
				compare(&bed);
		}
		bed_free(&bed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_random)};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
