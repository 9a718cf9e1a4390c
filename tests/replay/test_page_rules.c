/*
 * Which rules a kernel version has.
 */
#include "replay/page_rules.h"

#include "tests/support/test.h"

static void versions(void **state)
{
	static const struct {
		int major, minor;
		enum page_version version;
	} cases[] = {
	    {4, 19, PAGE_VERSION_5_15}, {5, 15, PAGE_VERSION_5_15},
	    {5, 18, PAGE_VERSION_6_1},	{6, 1, PAGE_VERSION_6_1},
	    {6, 6, PAGE_VERSION_6_1},	{6, 7, PAGE_VERSION_6_12},
	    {6, 12, PAGE_VERSION_6_12}, {6, 18, PAGE_VERSION_6_18},
	    {7, 0, PAGE_VERSION_6_18},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_i64_eq(page_version_of(cases[i].major, cases[i].minor),
			      cases[i].version);
}

/* Order of the huge pages on per-CPU lists, by version and page size. */
static void huge_pages(void **state)
{
	static const struct {
		enum page_version version;
		uint32_t page_size, pageblock_order, max_order, order;
	} cases[] = {
	    {PAGE_VERSION_5_15, 4096, 9, 10, 9},
	    {PAGE_VERSION_6_1, 4096, 10, 10, 10},
	    {PAGE_VERSION_6_12, 4096, 10, 10, 9},
	    {PAGE_VERSION_6_12, 16384, 11, 11, 11},
	    {PAGE_VERSION_6_18, 65536, 13, 13, 13},
	    {PAGE_VERSION_6_18, 65536, 10, 10, 0},
	    {PAGE_VERSION_6_1, 4096, 3, 10, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct page_alloc_config config = {
		    .version = cases[i].version,
		    .max_order = cases[i].max_order,
		    .pageblock_order = cases[i].pageblock_order};

		expect_u64_eq(page_rules_thp_order(&config, cases[i].page_size),
			      cases[i].order);
	}
}

/* An unknown version is none of the old ones. */
static void test_singles(void **state)
{
	(void)state;
	expect_true(page_rules_pcp_singles(4, 19));
	expect_true(page_rules_pcp_singles(5, 13));
	expect_true(!page_rules_pcp_singles(5, 14));
	expect_true(!page_rules_pcp_singles(6, 1));
	expect_true(!page_rules_pcp_singles(0, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(versions),
	    cmocka_unit_test(huge_pages),
	    cmocka_unit_test(test_singles),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
