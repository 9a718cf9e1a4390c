/*
 * page_alloc_check() guards all the other tests: so each kind of damage is done
 * to the books by hand here, and must be found, and be gone when it is undone.
 */
#include "tests/replay/page_fixture.h"

#include <string.h>

#include "replay/page_buddy.h"

/* 256 frames, some in use, some free, some on the list of CPU 0. */
static void fixture_mixed(struct page_fixture *fix)
{
	fixture_init(fix, 256);
	fix->config.max_order = 4;
	fix->config.pageblock_order = 3;
	fix->config.cpu_count = 1;
	fix->zones[0].pcp_batch = 4;
	fix->zones[0].pcp_high_min = fix->zones[0].pcp_high_max = 8;
	fixture_make(fix);
	fixture_seed_all(fix);
	for (int i = 0; i < 41; i++)
		fixture_alloc(fix, fixture_request(0));
	fixture_check(fix);
}

/* Writes value over size bytes, expects the check to fail, and undoes it. */
static void expect_found(const struct page_fixture *fix, void *where,
			 uint64_t value, size_t size, const char *word)
{
	struct err err = {0};
	uint64_t old = 0;

	memcpy(&old, where, size);
	memcpy(where, &value, size);
	expect_i64_eq(page_alloc_check(fix->pa, &err), ERR_FORMAT);
	if (!strstr(err.text, word))
		fail_msg("\"%s\" does not speak of %s", err.text, word);
	memcpy(where, &old, size);
	fixture_check(fix);
}

static void every_state(void **state)
{
	struct page_fixture fix;
	struct err err = {0};
	uint64_t tried = 0;

	(void)state;
	fixture_mixed(&fix);
	for (uint32_t i = 0; i < 256; i++) {
		frame_state old = fix.pa->frames.states[i];

		for (uint32_t kind = 0; kind < 4; kind++) {
			frame_state changed = (frame_state)((old & ~3u) | kind);

			if (changed == old)
				continue;
			fix.pa->frames.states[i] = changed;
			if (!page_alloc_check(fix.pa, &err))
				fail_msg("frame %u as kind %u", i, kind);
			tried++;
		}
		fix.pa->frames.states[i] = old;
	}
	expect_u64_eq(tried, 768);
	fixture_check(&fix);
	fixture_free(&fix);
}

static void counts_and_lists(void **state)
{
	struct page_fixture fix;
	struct page_zone *zone;
	struct frame_table *frames;
	struct frame_list *list;

	(void)state;
	fixture_mixed(&fix);
	zone = &fix.pa->zones[0];
	frames = &fix.pa->frames;
	list = &zone->free_area[4][PAGE_MOVABLE];
	expect_true(list->count > 2);
	expect_found(&fix, &zone->free_pages, zone->free_pages + 1, 8,
		     "free pages");
	expect_found(&fix, &list->count, list->count - 1, 4, "wrong end");
	expect_found(&fix, &list->first, 1000, 4, "leaves its zone");
	expect_found(&fix, &list->last, 0, 4, "wrong end");
	expect_found(&fix, &frames->links[list->last].prev, 7, 4, "links");
	expect_found(&fix, &frames->links[list->first].next, FRAME_NIL, 4,
		     "leaves its zone");
	expect_found(&fix, &zone->free_area[0][0].count, 1, 4,
		     "leaves its zone");
	expect_found(&fix, &zone->filled[PAGE_MOVABLE],
		     zone->filled[PAGE_MOVABLE] ^ 4u, 2, "filled");
	expect_found(&fix, &zone->filled[PAGE_UNMOVABLE], 1, 2, "filled");
	expect_found(&fix, &zone->pcps[0].count, 1, 4, "CPU 0");
	expect_found(&fix, &zone->pcps[0].lists[PAGE_MOVABLE].count, 0, 4,
		     "CPU 0");
	expect_found(&fix, &zone->block_types[3], PAGE_MIGRATETYPES, 1,
		     "no type");
	expect_found(&fix, &zone->block_types[3], PAGE_HIGHATOMIC, 1,
		     "high-atomic");
	expect_found(&fix, &zone->highatomic_blocks, 1, 4, "high-atomic");
	/* A block on the list of another type, or of none at all. */
	expect_found(&fix, &frames->states[list->first],
		     frame_make(FRAME_FREE, 4, PAGE_RECLAIMABLE), 2, "counted");
	expect_found(&fix, &frames->states[list->first],
		     frame_make(FRAME_FREE, 4, 6), 2, "unknown type");
	expect_found(&fix, &frames->states[0], frame_make(FRAME_USED, 6, 0), 2,
		     "misplaced");
	fixture_free(&fix);
}

/* Two free buddies side by side, as if a merge had been forgotten. */
static void forgotten_merges(void **state)
{
	struct page_fixture fix;
	struct page_zone *zone;
	struct err err = {0};

	(void)state;
	fixture_init(&fix, 256);
	fix.config.max_order = 5;
	fix.config.pageblock_order = 3;
	fixture_make(&fix);
	zone = &fix.pa->zones[0];
	expect_i64_eq(page_free(fix.pa, 0, 1, 0), 0);
	buddy_remove(fix.pa, zone, 0, 1, PAGE_MOVABLE);
	buddy_insert(fix.pa, zone, 0, 0, PAGE_MOVABLE, false);
	buddy_insert(fix.pa, zone, 1, 0, PAGE_MOVABLE, false);
	expect_i64_eq(page_alloc_check(fix.pa, &err), ERR_FORMAT);
	expect_true(strstr(err.text, "should have merged"));
	buddy_remove(fix.pa, zone, 0, 0, PAGE_MOVABLE);
	buddy_remove(fix.pa, zone, 1, 0, PAGE_MOVABLE);
	fix.pa->frames.states[1] = 0;
	/* Whole pageblocks may: one of them may have had another type. */
	buddy_insert(fix.pa, zone, 0, 1, PAGE_MOVABLE, false);
	expect_i64_eq(page_free(fix.pa, 32, 4, 0), 0);
	buddy_remove(fix.pa, zone, 32, 4, PAGE_MOVABLE);
	buddy_insert(fix.pa, zone, 32, 3, PAGE_MOVABLE, false);
	buddy_insert(fix.pa, zone, 40, 3, PAGE_MOVABLE, false);
	fixture_check(&fix);
	fixture_free(&fix);
}

/* What page_pcp_total() answers is one counter for all CPUs. */
static void total_of_lists(void **state)
{
	struct page_fixture fix;

	(void)state;
	fixture_mixed(&fix);
	expect_found(&fix, &fix.pa->pcp_pages, fix.pa->pcp_pages + 1,
		     sizeof(fix.pa->pcp_pages), "noted in all");
	fixture_free(&fix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_state),
	    cmocka_unit_test(counts_and_lists),
	    cmocka_unit_test(forgotten_merges),
	    cmocka_unit_test(total_of_lists),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
