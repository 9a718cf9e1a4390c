/*
 * Which frees are compaction's, and which pages it takes.
 */
#include "replay/recorded_moves.h"

#include <string.h>

#include "tests/replay/page_fixture.h"

static uint32_t name(struct trace *trace, const char *text)
{
	uint32_t id;

	assert_int_equal(names_intern(&trace->names, text, strlen(text), &id),
			 0);
	return id;
}

/* Free below all sources, so that watermarks hold nothing back. */
enum { SPARE = 256 };

/* A run in a zone of 2048 frames in use, but for SPARE and what a test frees. */
struct bed {
	struct page_fixture fix;
	struct trace trace;
	struct recorded_moves moves;
	struct move_runs runs;
};

static void seed(struct bed *bed, uint64_t pfn, uint32_t order)
{
	expect_i64_eq(
	    page_alloc_seed_free(bed->fix.pa, pfn, order, PAGE_MOVABLE), 0);
}

static void bed_make(struct bed *bed, int minor, uint64_t wmark_min)
{
	memset(bed, 0, sizeof(*bed));
	bed->trace.info.version_major = 6;
	bed->trace.info.version_minor = minor;
	assert_int_equal(
	    map_put(&bed->trace.comms, 20, name(&bed->trace, "kcompactd0")), 0);
	assert_int_equal(
	    map_put(&bed->trace.comms, 30, name(&bed->trace, "make")), 0);
	fixture_init(&bed->fix, 2048);
	bed->fix.zones[0].wmark_min = wmark_min;
	fixture_make(&bed->fix);
	moves_init(&bed->moves, &bed->trace);
	moves_runs_init(&bed->runs, bed->fix.pa, &bed->trace);
	if (!wmark_min)
		seed(bed, 256, 8);
}

static void bed_fini(struct bed *bed)
{
	fixture_check(&bed->fix);
	moves_fini(&bed->moves);
	trace_fini(&bed->trace);
	fixture_free(&bed->fix);
}

/* The target of the source at pfn, or 0. */
static uint64_t target(struct bed *bed, uint64_t pfn)
{
	uint64_t found = UINT64_MAX;

	if (!moves_target(&bed->runs, pfn, pfn, &found))
		return 0;
	return found;
}

static struct kmem_event freed(uint64_t pfn, int32_t pid, uint32_t flags)
{
	return (struct kmem_event){
	    .kind = EV_PAGE_FREE, .addr = pfn, .pid = pid, .flags = flags};
}

static enum move_role role(struct bed *bed, uint64_t pfn, int32_t pid,
			   uint32_t flags, bool movable)
{
	struct kmem_event ev = freed(pfn, pid, flags);

	ev.object = movable;
	return moves_role(&bed->moves, &bed->runs, &ev, movable);
}

static void test_who(void **state)
{
	struct kmem_event ev = {.kind = EV_OTHER, .pid = 30};
	struct bed bed;

	(void)state;
	bed_make(&bed, 1, 0);
	expect_i64_eq(role(&bed, 5, 30, 0, true), MOVE_NONE);
	expect_i64_eq(role(&bed, 5, 20, 0, true), MOVE_SOURCE);
	/* An interrupt frees for others. */
	expect_i64_eq(role(&bed, 5, 20, EVF_SOFTIRQ, true), MOVE_NONE);
	expect_i64_eq(role(&bed, 5, 20, EVF_HARDIRQ, true), MOVE_NONE);
	expect_i64_eq(role(&bed, 5, 20, EVF_BACKS_SLAB, false), MOVE_NONE);
	/* Another task compacts between the two events that say so. */
	ev.name = name(&bed.trace, "mm_compaction_begin");
	assert_int_equal(moves_feed(&bed.moves, &ev), 0);
	expect_i64_eq(role(&bed, 5, 30, 0, true), MOVE_SOURCE);
	ev.name = name(&bed.trace, "mm_compaction_end");
	assert_int_equal(moves_feed(&bed.moves, &ev), 0);
	expect_i64_eq(role(&bed, 5, 30, 0, true), MOVE_NONE);
	bed_fini(&bed);
}

/* Pages that the trace did not see allocated: sources below, targets above. */
static void test_releases(void **state)
{
	struct bed bed;

	(void)state;
	bed_make(&bed, 1, 0);
	seed(&bed, 1600, 2);
	expect_i64_eq(role(&bed, 5, 20, EVF_UNKNOWN_OBJECT, false),
		      MOVE_SOURCE);
	/* Nothing was isolated yet that could be released. */
	expect_i64_eq(role(&bed, 1600, 20, EVF_HIDDEN_OBJECT, false),
		      MOVE_SOURCE);
	expect_u64_eq(target(&bed, 5), 1603);
	expect_i64_eq(role(&bed, 1600, 20, EVF_HIDDEN_OBJECT, false),
		      MOVE_RELEASE);
	expect_i64_eq(role(&bed, 6, 20, EVF_HIDDEN_OBJECT, false), MOVE_SOURCE);
	bed_fini(&bed);
}

/*
 * Pageblocks of 512: the last is free as a whole and passed by; the one before
 * has 3 free frames, in two blocks; the one before that is not movable.
 */
static void test_targets(void **state)
{
	static const uint64_t wanted[] = {1281, 1280, 1282, 0};
	struct bed bed;

	(void)state;
	bed_make(&bed, 1, 0);
	seed(&bed, 1536, 9);
	seed(&bed, 1280, 1);
	seed(&bed, 1282, 0);
	seed(&bed, 520, 3);
	expect_i64_eq(
	    page_block_set_type(bed.fix.pa, 520, PAGE_UNMOVABLE, false), 0);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		expect_u64_eq(target(&bed, 9), wanted[i]);
		/* All of the block is isolated with its first target. */
		if (!i)
			expect_u64_eq(page_free_total(bed.fix.pa),
				      SPARE + 512 + 8 + 1);
	}
	expect_u64_eq(page_free_total(bed.fix.pa), SPARE + 512 + 8);
	bed_fini(&bed);
}

/* From 6.9 on the lowest frame of a block comes first. */
static void test_ascending(void **state)
{
	struct bed bed;

	(void)state;
	bed_make(&bed, 12, 0);
	seed(&bed, 1280, 1);
	expect_u64_eq(target(&bed, 9), 1280);
	expect_u64_eq(target(&bed, 9), 1281);
	bed_fini(&bed);
}

/*
 * Targets lie above the sources' pageblock; after a first cluster of sources
 * not in the next one either. The next run begins at the end again.
 */
static void test_scanners_meet(void **state)
{
	struct bed bed;

	(void)state;
	bed_make(&bed, 1, 0);
	seed(&bed, 576, 6);
	for (uint64_t i = 0; i < 32; i++)
		expect_u64_eq(target(&bed, 100 + i), 639 - i);
	expect_u64_eq(target(&bed, 132), 607);
	for (uint64_t i = 0; i < 31; i++)
		expect_true(target(&bed, 133 + i) != 0);
	/* What is left of the isolated block serves; another one does not. */
	seed(&bed, 700, 0);
	expect_u64_eq(target(&bed, 200), 0);
	seed(&bed, 1100, 0);
	expect_u64_eq(target(&bed, 201), 0);
	expect_u64_eq(target(&bed, 600), 1100);
	expect_u64_eq(target(&bed, 601), 0);
	/* Sources below the last ones are those of another run. */
	expect_u64_eq(target(&bed, 10), 700);
	bed_fini(&bed);
}

/* A block of half a pageblock makes its pageblock movable, or without grouping
 * by mobility unmovable: no more targets from there. */
static void test_types(void **state)
{
	struct bed bed;

	(void)state;
	bed_make(&bed, 1, 0);
	fixture_free(&bed.fix);
	fixture_init(&bed.fix, 2048);
	bed.fix.config.group_by_mobility = false;
	fixture_make(&bed.fix);
	moves_runs_init(&bed.runs, bed.fix.pa, &bed.trace);
	seed(&bed, 256, 8);
	seed(&bed, 1536, 8);
	seed(&bed, 1800, 0);
	for (uint64_t i = 0; i < 256; i++)
		expect_u64_eq(target(&bed, 9), 1791 - i);
	expect_i64_eq(page_block_type(bed.fix.pa, 1536), PAGE_UNMOVABLE);
	expect_u64_eq(target(&bed, 9), 0);
	expect_u64_eq(page_free_total(bed.fix.pa), SPARE + 1);
	bed_fini(&bed);
}

/* Below the min watermark nothing is isolated, but once there is more. */
static void test_watermark(void **state)
{
	struct bed bed;

	(void)state;
	bed_make(&bed, 1, 12);
	seed(&bed, 1280, 3);
	expect_u64_eq(target(&bed, 9), 0);
	expect_u64_eq(page_free_total(bed.fix.pa), 8);
	seed(&bed, 16, 4);
	expect_u64_eq(target(&bed, 9), 1287);
	bed_fini(&bed);
}

/* What is released was isolated, whatever the scan thought. */
static void test_exchange(void **state)
{
	struct kmem_event ev = freed(1536, 20, EVF_HIDDEN_OBJECT);
	struct bed bed;
	uint64_t left;

	(void)state;
	bed_make(&bed, 1, 0);
	seed(&bed, 1600, 1);
	expect_u64_eq(target(&bed, 9), 1601);
	/* One of the isolated block: it is for the caller to free it. */
	ev.addr = 1600;
	expect_u64_eq(moves_released(&bed.runs, &ev), 0);
	expect_u64_eq(page_free_total(bed.fix.pa), SPARE);
	expect_true(!moves_left(&bed.runs, 1600, &left));
	/* One that the scan would not have isolated, for one that it did. */
	seed(&bed, 1700, 1);
	expect_u64_eq(target(&bed, 9), 1701);
	seed(&bed, 1800, 0);
	ev.addr = 1800;
	expect_u64_eq(moves_released(&bed.runs, &ev), 1);
	expect_i64_eq(page_lookup(bed.fix.pa, 1800, NULL, NULL),
		      PAGE_USE_IN_USE);
	expect_i64_eq(page_lookup(bed.fix.pa, 1700, NULL, NULL), PAGE_USE_FREE);
	bed_fini(&bed);
}

/*
 * Owners freed some sources, so that one block too many was isolated. When the
 * releases are over, that shows.
 */
static void test_settle(void **state)
{
	struct kmem_event release = freed(1600, 20, EVF_HIDDEN_OBJECT);
	struct kmem_event next = {.kind = EV_PAGE_ALLOC, .cpu = 1};
	struct bed bed;

	(void)state;
	bed_make(&bed, 1, 0);
	seed(&bed, 1600, 1);
	seed(&bed, 1700, 2);
	for (uint64_t i = 0; i < 3; i++)
		expect_true(target(&bed, 9 + i) != 0);
	expect_u64_eq(page_free_total(bed.fix.pa), SPARE);
	release.cpu = 2;
	expect_u64_eq(moves_released(&bed.runs, &release), 0);
	/* Another CPU says nothing of it, nor does an interrupt. */
	moves_settle(&bed.runs, &next);
	next.cpu = 2;
	next.flags = EVF_SOFTIRQ;
	moves_settle(&bed.runs, &next);
	expect_u64_eq(page_free_total(bed.fix.pa), SPARE);
	next.flags = 0;
	moves_settle(&bed.runs, &next);
	expect_u64_eq(page_free_total(bed.fix.pa), SPARE + 4);
	moves_settle(&bed.runs, &next);
	expect_u64_eq(page_free_total(bed.fix.pa), SPARE + 4);
	bed_fini(&bed);
}

/* Without a page allocator there are roles, but no places. */
static void test_counted_only(void **state)
{
	struct move_runs none = {.pa = NULL};
	struct kmem_event ev = freed(5, 20, EVF_HIDDEN_OBJECT);
	struct bed bed;
	uint64_t pfn;

	(void)state;
	bed_make(&bed, 1, 0);
	expect_i64_eq(moves_role(&bed.moves, &none, &ev, false), MOVE_SOURCE);
	expect_true(!moves_target(&none, 5, 5, &pfn));
	expect_true(!moves_left(&none, 5, &pfn));
	expect_u64_eq(moves_released(&none, &ev), 0);
	bed_fini(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_who),
	    cmocka_unit_test(test_releases),
	    cmocka_unit_test(test_targets),
	    cmocka_unit_test(test_ascending),
	    cmocka_unit_test(test_scanners_meet),
	    cmocka_unit_test(test_types),
	    cmocka_unit_test(test_watermark),
	    cmocka_unit_test(test_exchange),
	    cmocka_unit_test(test_settle),
	    cmocka_unit_test(test_counted_only),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
