/*
 * Which page comes next: lists that are followed, and what a wrong answer
 * teaches.
 */
#include "replay/page_predict.h"

#include "tests/replay/page_fixture.h"

struct bed {
	struct page_fixture fix;
	struct page_predict predict;
};

/* 1024 frames of two pageblocks; 512 to 515 are free, as one block. */
static void bed_make(struct bed *bed)
{
	struct memory memory = memory_libc();

	fixture_init(&bed->fix, 1024);
	fixture_make(&bed->fix);
	assert_int_equal(
	    page_alloc_seed_free(bed->fix.pa, 512, 2, PAGE_MOVABLE), 0);
	assert_int_equal(
	    page_predict_init(&bed->predict, bed->fix.pa, 2, &memory), 0);
}

static void bed_end(struct bed *bed)
{
	page_predict_fini(&bed->predict);
	fixture_free(&bed->fix);
}

static void feed(struct bed *bed, enum event_kind kind, uint64_t pfn, int type)
{
	struct kmem_event event = {
	    .kind = (uint8_t)kind, .addr = pfn, .migratetype = (int8_t)type};

	assert_int_equal(page_predict_feed(&bed->predict, &event), 0);
}

static void expect_pcp(const struct bed *bed, uint64_t right, uint64_t asked)
{
	expect_u64_eq(bed->predict.counts.pcp_right, right);
	expect_u64_eq(bed->predict.counts.pcp, asked);
}

/* A refill comes in order, what is freed last is given first. */
static void test_lists(void **state)
{
	struct bed bed;

	(void)state;
	bed_make(&bed);
	/* Not known to have been empty: nothing is predicted. */
	feed(&bed, EV_PAGE_ALLOC, 9, PAGE_MOVABLE);
	expect_pcp(&bed, 0, 0);
	for (uint64_t pfn = 20; pfn < 26; pfn++)
		feed(&bed, EV_ZONE_LOCKED, pfn, PAGE_MOVABLE);
	feed(&bed, EV_PAGE_ALLOC, 20, PAGE_MOVABLE);
	feed(&bed, EV_PAGE_ALLOC, 21, PAGE_MOVABLE);
	expect_pcp(&bed, 2, 2);
	feed(&bed, EV_PAGE_FREE, 20, 0);
	feed(&bed, EV_PAGE_ALLOC, 20, PAGE_MOVABLE);
	expect_pcp(&bed, 3, 3);
	/* A drain takes from the tail. */
	feed(&bed, EV_PCPU_DRAIN, 25, PAGE_MOVABLE);
	/* 22 went without an event: one wrong answer, then right ones. */
	feed(&bed, EV_PAGE_ALLOC, 23, PAGE_MOVABLE);
	expect_pcp(&bed, 3, 4);
	feed(&bed, EV_PAGE_ALLOC, 24, PAGE_MOVABLE);
	expect_pcp(&bed, 4, 5);
	bed_end(&bed);
}

/* A page past the list, from the free areas, leaves the list as it is. */
static void test_past_the_list(void **state)
{
	struct bed bed;

	(void)state;
	bed_make(&bed);
	for (uint64_t pfn = 20; pfn < 24; pfn++)
		feed(&bed, EV_ZONE_LOCKED, pfn, PAGE_MOVABLE);
	feed(&bed, EV_ZONE_LOCKED, 40, PAGE_MOVABLE);
	feed(&bed, EV_PAGE_ALLOC, 40, PAGE_MOVABLE);
	expect_pcp(&bed, 0, 1);
	feed(&bed, EV_PAGE_ALLOC, 20, PAGE_MOVABLE);
	expect_pcp(&bed, 1, 2);
	bed_end(&bed);
}

/* Of a page that was freed only the pageblock tells the list. */
static void test_block_types(void **state)
{
	struct bed bed;

	(void)state;
	bed_make(&bed);
	feed(&bed, EV_ZONE_LOCKED, 20, PAGE_UNMOVABLE);
	feed(&bed, EV_PAGE_ALLOC, 20, PAGE_UNMOVABLE);
	feed(&bed, EV_PAGE_FREE, 20, 0);
	feed(&bed, EV_PAGE_FREE, 21, 0); /* the same pageblock */
	feed(&bed, EV_PAGE_ALLOC, 21, PAGE_UNMOVABLE);
	feed(&bed, EV_PAGE_ALLOC, 20, PAGE_UNMOVABLE);
	expect_pcp(&bed, 3, 3);
	bed_end(&bed);
}

/* The free areas: the head of the smallest order that the type has. */
static void test_free_areas(void **state)
{
	struct bed bed;
	uint64_t pfn;
	uint32_t order;

	(void)state;
	bed_make(&bed);
	feed(&bed, EV_ZONE_LOCKED, 512, PAGE_MOVABLE);
	expect_u64_eq(bed.predict.counts.buddy, 1);
	expect_u64_eq(bed.predict.counts.buddy_right, 1);
	/* A smaller block that the kernel leaves is of another type. */
	assert_int_equal(page_alloc_seed_free(bed.fix.pa, 600, 0, PAGE_MOVABLE),
			 0);
	feed(&bed, EV_ZONE_LOCKED, 512, PAGE_MOVABLE);
	expect_u64_eq(bed.predict.counts.buddy, 2);
	expect_u64_eq(bed.predict.counts.buddy_right, 1);
	expect_true(page_peek(bed.fix.pa, 0, 0, PAGE_MOVABLE, &pfn, &order));
	expect_u64_eq(pfn, 512);
	expect_u64_eq(order, 2);
	expect_true(page_peek(bed.fix.pa, 0, 0, PAGE_UNMOVABLE, &pfn, &order));
	expect_u64_eq(pfn, 600);
	fixture_check(&bed.fix);
	/* No page of the zone, no order: ignored. */
	feed(&bed, EV_ZONE_LOCKED, 1ull << 45, PAGE_MOVABLE);
	expect_u64_eq(bed.predict.counts.buddy, 2);
	bed_end(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_lists),
	    cmocka_unit_test(test_past_the_list),
	    cmocka_unit_test(test_block_types),
	    cmocka_unit_test(test_free_areas),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
