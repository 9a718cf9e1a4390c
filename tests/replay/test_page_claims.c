/*
 * Pages of the start have one owner at most, and as many as were in use.
 */
#include "replay/page_claims.h"

#include "tests/support/test.h"

enum { START = 1024, PAGES = 256 };

static void make(struct page_claims *claims)
{
	struct snapshot_zone zones[] = {
	    {.name = "DMA"}, /* spans and manages nothing */
	    {.start_pfn = START, .spanned = PAGES, .managed = PAGES - 8},
	};
	struct snapshot snapshot = {.zones = zones, .zone_count = 2};
	struct memory memory = memory_libc();

	assert_int_equal(page_claims_init(claims, &snapshot, &memory), 0);
}

static void once(void **state)
{
	struct page_claims claims;
	uint64_t taken = 0;

	(void)state;
	make(&claims);
	/* What lies outside is no one's; what was free is not there to have. */
	page_claims_free(&claims, START - 4, 8);
	page_claims_free(&claims, START + 64, 16);
	expect_true(!page_claims_take(&claims, START - 1, 0));
	expect_true(!page_claims_take(&claims, START + PAGES, 0));
	expect_true(!page_claims_take(&claims, START + PAGES - 1, 1));
	expect_true(!page_claims_take(&claims, START, 2));
	/* A block with one page that is gone takes none of the others. */
	expect_true(!page_claims_take(&claims, START, 3));
	expect_true(page_claims_take(&claims, START + 4, 2));
	expect_true(!page_claims_take(&claims, START + 4, 2));
	for (uint64_t pfn = START; pfn < START + PAGES; pfn++)
		taken += page_claims_take(&claims, pfn, 0);
	expect_u64_eq(taken, PAGES - 4 - 4 - 16);
	page_claims_fini(&claims);
}

/* Pages on lists that turn out to be in use are made up for by others. */
static void others(void **state)
{
	struct page_claims claims;
	uint64_t other, last = UINT64_MAX;
	int found = 0;

	(void)state;
	make(&claims);
	expect_true(page_claims_take_listed(&claims, START + 17));
	expect_true(!page_claims_take_listed(&claims, START + 17));
	expect_true(!page_claims_take(&claims, START + 16, 2));
	/* No page of this one is on a list. */
	expect_true(!page_claims_take_other(&claims, START + 32, 2, &other));
	while (page_claims_take_other(&claims, START + 16, 2, &other)) {
		expect_true(other < last && other % 4 == 0);
		expect_true(!page_claims_take(&claims, other, 0));
		last = other;
		found++;
	}
	/* All blocks but the one with the listed page. */
	expect_i64_eq(found, PAGES / 4 - 1);
	page_claims_fini(&claims);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(once),
	    cmocka_unit_test(others),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
