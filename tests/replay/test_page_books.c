/*
 * Page books on a machine: what each event moves.
 */
#include "replay/page_books.h"

#include "tests/replay/machine_bed.h"

static struct kmem_event page_event(enum event_kind kind, uint64_t pfn,
				    unsigned int order)
{
	return (struct kmem_event){
	    .kind = (uint8_t)kind, .addr = pfn, .order = (uint8_t)order};
}

static void feed(struct page_books *books, enum event_kind kind, uint64_t pfn,
		 unsigned int order)
{
	struct kmem_event ev = page_event(kind, pfn, order);

	assert_int_equal(page_books_feed(books, &ev), 0);
}

static void expect_counts(const struct page_books *books, uint64_t free_pages,
			  uint64_t pcp_pages)
{
	struct page_counts counts;

	page_books_counts(books, &counts);
	expect_u64_eq(counts.free_pages, free_pages);
	expect_u64_eq(counts.pcp_pages, pcp_pages);
}

/* Free area, per-CPU list, user, per-CPU list, free area. */
static void test_books_round(void **state)
{
	struct memory memory = memory_libc();
	struct page_books books;
	struct machine_bed bed;

	(void)state;
	machine_bed_make(&bed, PAGE_START_WARM);
	page_books_init(&books, bed.model, page_machine_alloc(bed.machine), 7,
			false, &memory);
	expect_counts(&books, 1033, 7);
	feed(&books, EV_ZONE_LOCKED, 2048, 0);
	expect_counts(&books, 1032, 8);
	feed(&books, EV_PAGE_ALLOC, 2048, 0);
	expect_counts(&books, 1032, 7);
	feed(&books, EV_PAGE_FREE, 2048, 0);
	expect_counts(&books, 1032, 8);
	feed(&books, EV_PCPU_DRAIN, 2048, 0);
	expect_counts(&books, 1033, 7);
	/* A page that was on a list before the trace. */
	feed(&books, EV_PAGE_ALLOC, 1500, 0);
	expect_counts(&books, 1033, 6);
	/* Large blocks have no per-CPU list. */
	feed(&books, EV_ZONE_LOCKED, 2048, 5);
	feed(&books, EV_PAGE_ALLOC, 2048, 5);
	expect_counts(&books, 1001, 6);
	feed(&books, EV_PAGE_FREE, 2048, 5);
	expect_counts(&books, 1033, 6);
	/* Huge pages have. */
	feed(&books, EV_ZONE_LOCKED, 2048, 9);
	expect_counts(&books, 521, 518);
	feed(&books, EV_PAGE_ALLOC, 2048, 9);
	feed(&books, EV_PAGE_FREE, 2048, 9);
	expect_counts(&books, 521, 518);
	feed(&books, EV_PCPU_DRAIN, 2048, 9);
	expect_counts(&books, 1033, 6);
	expect_u64_eq(books.corrected_pages, 0);
	/* Freed past the list without an event, seen when it comes back. */
	feed(&books, EV_PAGE_FREE, 1600, 0);
	expect_counts(&books, 1033, 7);
	feed(&books, EV_ZONE_LOCKED, 1600, 0);
	expect_counts(&books, 1033, 7);
	expect_u64_eq(books.corrected_pages, 2);
	/* Nonsense changes nothing. */
	feed(&books, EV_ZONE_LOCKED, 1ull << 50, 0);
	feed(&books, EV_PAGE_FREE, 2048, 40);
	expect_counts(&books, 1033, 7);
	machine_bed_check(&bed);
	page_books_fini(&books);
	machine_bed_end(&bed);
}

/* Up to 5.13 only single pages wait on a CPU's list. */
static void test_books_singles(void **state)
{
	struct memory memory = memory_libc();
	struct page_books books;
	struct machine_bed bed;

	(void)state;
	machine_bed_make_of(&bed, PAGE_START_WARM, 5, 13, 0);
	page_books_init(&books, bed.model, page_machine_alloc(bed.machine), 7,
			false, &memory);
	feed(&books, EV_ZONE_LOCKED, 2048, 0);
	feed(&books, EV_PAGE_ALLOC, 2048, 0);
	feed(&books, EV_ZONE_LOCKED, 2052, 2);
	feed(&books, EV_PAGE_ALLOC, 2052, 2);
	expect_counts(&books, 1028, 7);
	feed(&books, EV_PAGE_FREE, 2052, 2);
	expect_counts(&books, 1032, 7);
	feed(&books, EV_PAGE_FREE, 2048, 0);
	expect_counts(&books, 1032, 8);
	machine_bed_check(&bed);
	page_books_fini(&books);
	machine_bed_end(&bed);
}

/* Lists of types: a fallback's, and those that pages come back to. */
static void test_books_types(void **state)
{
	struct kmem_event steal = page_event(EV_EXTFRAG, 2048 + 512, 0);
	struct memory memory = memory_libc();
	struct page_zone_info info;
	struct page_books books;
	struct page_alloc *pa;
	struct machine_bed bed;

	(void)state;
	machine_bed_make(&bed, PAGE_START_WARM);
	pa = page_machine_alloc(bed.machine);
	page_books_init(&books, bed.model, pa, 7, false, &memory);
	feed(&books, EV_ZONE_LOCKED, 2048, 9);
	steal.fallback_order = 9;
	steal.migratetype = PAGE_RECLAIMABLE;
	steal.flags = EVF_CHANGE_OWNERSHIP;
	assert_int_equal(page_books_feed(&books, &steal), 0);
	expect_i64_eq(page_block_type(pa, 2048 + 512), PAGE_RECLAIMABLE);
	assert_int_equal(page_zone_info(pa, 0, &info), 0);
	expect_u64_eq(info.free_blocks[PAGE_RECLAIMABLE][9], 1);
	feed(&books, EV_ZONE_LOCKED, 2048 + 512, 6);
	feed(&books, EV_PAGE_ALLOC, 2048 + 512, 6);
	/* A free tells no type: it is the pageblock's. */
	feed(&books, EV_PAGE_FREE, 2048 + 512, 6);
	assert_int_equal(page_zone_info(pa, 0, &info), 0);
	expect_u64_eq(info.free_blocks[PAGE_RECLAIMABLE][9], 1);
	/* Nonsense changes nothing. */
	steal.fallback_order = 200;
	assert_int_equal(page_books_feed(&books, &steal), 0);
	steal.fallback_order = 3;
	steal.migratetype = 77;
	assert_int_equal(page_books_feed(&books, &steal), 0);
	expect_i64_eq(page_block_type(pa, 2048 + 512), PAGE_RECLAIMABLE);
	machine_bed_check(&bed);
	page_books_fini(&books);
	machine_bed_end(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_books_round),
	    cmocka_unit_test(test_books_types),
	    cmocka_unit_test(test_books_singles),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
