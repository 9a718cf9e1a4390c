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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_books_round),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
