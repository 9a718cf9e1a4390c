#include "tests/support/test.h"

#include <stdlib.h>
#include <string.h>

#include "replay/page_alloc.h"

/* One zone of 4096 frames from pfn 0, nothing kept back. */
static struct page_zone_config one_zone(void)
{
	struct page_zone_config zone = {
	    .kind = PAGE_ZONE_NORMAL, .spanned = 4096, .managed = 4096};

	return zone;
}

static struct page_alloc_config one_zone_config(struct page_zone_config *zone)
{
	struct page_alloc_config config = {.version = PAGE_VERSION_6_1,
					   .max_order = 10,
					   .pageblock_order = 9,
					   .group_by_mobility = true,
					   .zones = zone,
					   .zone_count = 1};

	return config;
}

static struct page_alloc *make(const struct page_alloc_config *config,
			       void **mem)
{
	size_t size = page_alloc_meta_size(config);
	struct page_alloc *pa = NULL;
	struct err err = {0};

	expect_true(size > 0);
	*mem = malloc(size);
	expect_true(*mem);
	expect_i64_eq(page_alloc_init(&pa, config, *mem, size, &err), 0);
	return pa;
}

static void check(const struct page_alloc *pa)
{
	struct err err = {0};

	if (page_alloc_check(pa, &err))
		fail_msg("%s", err.text);
}

static void alloc_splits_and_free_merges(void **state)
{
	struct page_zone_config zone = one_zone();
	struct page_alloc_config config = one_zone_config(&zone);
	struct page_request req = {.migratetype = PAGE_MOVABLE,
				   .zone = PAGE_ZONE_MOVABLE,
				   .node = PAGE_NODE_LOCAL};
	struct page_zone_info info;
	uint64_t pfn = 1;
	void *mem;
	struct page_alloc *pa = make(&config, &mem);

	(void)state;
	check(pa);
	expect_i64_eq(page_alloc_pages(pa, &req, &pfn), ERR_NOMEM);
	expect_u64_eq(pfn, 1);
	for (uint64_t at = 0; at < 4096; at += 1024)
		expect_i64_eq(
		    page_alloc_seed_free(pa, at, 10, PAGE_TYPE_OF_BLOCK), 0);
	check(pa);
	expect_i64_eq(page_alloc_pages(pa, &req, &pfn), 0);
	check(pa);
	expect_u64_eq(pfn, 0);
	expect_u64_eq(page_alloc_counters(pa)->splits, 10);
	expect_i64_eq(page_zone_info(pa, 0, &info), 0);
	for (int order = 0; order < 10; order++)
		expect_u64_eq(info.free_blocks[PAGE_MOVABLE][order], 1);
	expect_u64_eq(info.free_pages, 4095);
	expect_i64_eq(page_free(pa, pfn, 0, 0), 0);
	expect_i64_eq(page_free(pa, pfn, 0, 0), ERR_USAGE);
	check(pa);
	expect_u64_eq(page_alloc_counters(pa)->merges, 10);
	expect_i64_eq(page_zone_info(pa, 0, &info), 0);
	expect_u64_eq(info.free_blocks[PAGE_MOVABLE][10], 4);
	free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(alloc_splits_and_free_merges),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
