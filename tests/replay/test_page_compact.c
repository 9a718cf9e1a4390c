/*
 * Compaction: what it moves, from where to where, and when it is let be.
 */
#include "replay/page_compact.h"

#include "tests/replay/slow_bed.h"

static const struct page_slow_policy only_compact = {.compact =
							 page_compact_zone};
static const struct page_slow_policy nothing = {.name = "nothing"};

static void compaction_moves_and_frees_nothing(void **state)
{
	struct page_fixture fix;
	struct owner owner;

	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		const struct page_counters *counters;
		uint64_t pfn, ids = 0;

		slow_holes(&fix, &owner, &only_compact, PAGE_MARK_MOVABLE,
			   (enum page_version)version);
		counters = page_alloc_counters(fix.pa);
		pfn = fixture_alloc(&fix, fixture_request(4));
		for (uint64_t i = 0; i < 16; i++)
			expect_true(!owner.id[pfn + i]);
		expect_u64_eq(page_free_total(fix.pa), FRAMES / 8 - 16);
		expect_true(owner.moved >= 14);
		expect_u64_eq(counters->compact_moved, owner.moved);
		expect_u64_eq(counters->compact_stalls, 1);
		expect_u64_eq(counters->compact_successes, 1);
		expect_u64_eq(counters->reclaimed, 0);
		/* Nobody was lost, and all lie on frames in use. */
		for (uint64_t i = 0; i < FRAMES; i++) {
			ids += owner.id[i] != 0;
			if (owner.id[i])
				expect_i64_eq(
				    page_lookup(fix.pa, i, NULL, NULL),
				    PAGE_USE_IN_USE);
		}
		expect_u64_eq(ids, FRAMES / 8 * 7);
		fixture_check(&fix);
		fixture_free(&fix);
	}
}

/* Blocks above order 0 move since 6.10, if they are smaller than wanted. */
static void blocks_move_since_6_10(void **state)
{
	struct page_fixture fix;
	struct owner owner;

	(void)state;
	for (int newer = 0; newer < 2; newer++) {
		struct page_request req = fixture_request(3);
		uint64_t pfn;
		int rc;

		slow_init(&fix, &owner, &only_compact);
		fix.config.version =
		    newer ? PAGE_VERSION_6_12 : PAGE_VERSION_6_1;
		slow_make(&fix);
		for (pfn = 0; pfn < FRAMES; pfn += 2) {
			uint64_t at = fixture_alloc(&fix, fixture_request(1));

			owner.id[at] = owner.id[at + 1] = 1;
			expect_i64_eq(
			    page_mark(fix.pa, at, 1, PAGE_MARK_MOVABLE), 0);
		}
		for (pfn = 0; pfn < FRAMES; pfn += 4) {
			owner.id[pfn] = owner.id[pfn + 1] = 0;
			expect_i64_eq(page_free(fix.pa, pfn, 1, 0), 0);
		}
		rc = page_alloc_pages(fix.pa, &req, &pfn);
		expect_i64_eq(rc, newer ? 0 : ERR_NOMEM);
		expect_true(newer ? owner.moved > 0 : !owner.moved);
		fixture_check(&fix);
		fixture_free(&fix);
	}
}

/*
 * The last pageblock is CMA's and begins with a free block of order 2, which an
 * unmovable request cannot have. Nor do newer kernels fill it up.
 */
static void what_is_wanted_is_not_filled(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		const struct page_request req = {.order = 2,
						 .zone = PAGE_ZONE_NORMAL,
						 .migratetype = PAGE_UNMOVABLE};
		bool newer = version >= PAGE_VERSION_6_12;
		struct page_fixture fix;
		struct owner owner;

		slow_init(&fix, &owner, &only_compact);
		fix.config.version = (enum page_version)version;
		slow_make(&fix);
		slow_fill(&fix, &owner, 0, PAGE_MARK_MOVABLE);
		for (uint64_t pfn = 0; pfn < FRAMES - 128; pfn += 8) {
			owner.id[pfn] = 0;
			expect_i64_eq(page_free(fix.pa, pfn, 0, 0), 0);
		}
		for (uint64_t pfn = FRAMES - 64; pfn < FRAMES - 60; pfn++) {
			owner.id[pfn] = 0;
			expect_i64_eq(page_free(fix.pa, pfn, 0, 0), 0);
		}
		expect_i64_eq(
		    page_block_set_type(fix.pa, FRAMES - 64, PAGE_CMA, true),
		    0);
		(void)page_compact_zone(fix.pa, 0, &req, PAGE_COMPACT_LIGHT);
		expect_true(owner.moved > 0);
		expect_true((page_lookup(fix.pa, FRAMES - 64, NULL, NULL) ==
			     PAGE_USE_FREE) == newer);
		fixture_check(&fix);
		fixture_free(&fix);
	}
}

/*
 * compaction_suitable() wants compact_gap() = 2 << order frames above the mark:
 * min up to order 3, low above. All that is free is single frames.
 */
static void compaction_needs_room(void **state)
{
	struct page_fixture fix;
	struct owner owner;

	(void)state;
	slow_holes(&fix, &owner, &nothing, PAGE_MARK_MOVABLE, PAGE_VERSION_6_1);
	fix.pa->zones[0].wmark[ALLOC_WMARK_MIN] = 10;
	fix.pa->zones[0].wmark[ALLOC_WMARK_LOW] = 15;
	for (uint32_t order = 1; order < 6; order++) {
		const struct page_request req = fixture_request(order);
		uint64_t most = (order < 4 ? 10 : 15) + (2u << order);

		expect_i64_eq(
		    compact_suits(fix.pa, &fix.pa->zones[0], &req, most),
		    PAGE_COMPACT_SKIPPED);
		expect_i64_eq(
		    compact_suits(fix.pa, &fix.pa->zones[0], &req, most + 1),
		    PAGE_COMPACT_PARTIAL);
	}
	fixture_free(&fix);
}

/* defer_compaction(): pauses double up to 1 << COMPACT_MAX_DEFER_SHIFT, 64. */
static void pauses_have_an_end(void **state)
{
	struct page_fixture fix;
	struct page_zone *zone;
	struct owner owner;

	(void)state;
	slow_ready(&fix, &owner, &nothing);
	zone = &fix.pa->zones[0];
	for (uint32_t failed = 1; failed < 10; failed++) {
		uint32_t passed = 0;

		compact_defer(zone, 3);
		while (compact_is_deferred(zone, 3))
			passed++;
		/* The last one of each pause is let through. */
		expect_u64_eq(passed, (1u << (failed < 6 ? failed : 6)) - 1);
	}
	fixture_free(&fix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(compaction_moves_and_frees_nothing),
	    cmocka_unit_test(blocks_move_since_6_10),
	    cmocka_unit_test(what_is_wanted_is_not_filled),
	    cmocka_unit_test(compaction_needs_room),
	    cmocka_unit_test(pauses_have_an_end),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
