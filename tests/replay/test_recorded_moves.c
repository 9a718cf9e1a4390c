/*
 * Which frees are moves, and which pages compaction takes.
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

static void test_who(void **state)
{
	struct kmem_event event = {.kind = EV_PAGE_FREE, .pid = 30};
	struct recorded_moves moves;
	struct trace trace = {0};

	(void)state;
	assert_int_equal(map_put(&trace.comms, 20, name(&trace, "kcompactd0")),
			 0);
	assert_int_equal(map_put(&trace.comms, 30, name(&trace, "make")), 0);
	moves_init(&moves, &trace);
	expect_true(!moves_freed(&moves, &event));
	/* Another task compacts between the two events that say so. */
	event.kind = EV_OTHER;
	event.name = name(&trace, "mm_compaction_begin");
	assert_int_equal(moves_feed(&moves, &event), 0);
	expect_true(moves_freed(&moves, &event));
	event.name = name(&trace, "mm_compaction_end");
	assert_int_equal(moves_feed(&moves, &event), 0);
	expect_true(!moves_freed(&moves, &event));
	event.pid = 20;
	expect_true(moves_freed(&moves, &event));
	moves_fini(&moves);
	trace_fini(&trace);
}

/*
 * Pageblocks of 512: the last one is free as a whole and passed by; the one
 * before has 3 free pages at its middle, the one before that a block of 8.
 */
static void test_targets(void **state)
{
	static const uint64_t wanted[] = {1280, 1281, 1282, 520, 521};
	struct move_scan scan = {0};
	struct page_fixture fix;
	uint64_t pfn;

	(void)state;
	fixture_init(&fix, 2048);
	fixture_make(&fix);
	assert_int_equal(page_alloc_seed_free(fix.pa, 1536, 9, PAGE_MOVABLE),
			 0);
	assert_int_equal(page_alloc_seed_free(fix.pa, 1280, 1, PAGE_MOVABLE),
			 0);
	assert_int_equal(page_alloc_seed_free(fix.pa, 1282, 0, PAGE_MOVABLE),
			 0);
	assert_int_equal(page_alloc_seed_free(fix.pa, 520, 3, PAGE_MOVABLE), 0);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		expect_true(moves_target(&scan, fix.pa, 0, &pfn));
		expect_u64_eq(pfn, wanted[i]);
		fixture_check(&fix);
	}
	for (int i = 0; i < 6; i++)
		expect_true(moves_target(&scan, fix.pa, 0, &pfn));
	expect_u64_eq(pfn, 527);
	/* Nothing is left but the whole block. */
	expect_true(!moves_target(&scan, fix.pa, 0, &pfn));
	expect_u64_eq(page_free_total(fix.pa), 512);
	fixture_free(&fix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_who),
	    cmocka_unit_test(test_targets),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
