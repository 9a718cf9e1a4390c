/*
 * page_orders: against a naive simulation that serves request after request,
 * on random memories; and the parts of the rule one by one.
 */
#include "replay/page_orders.h"

#include "tests/replay/page_fixture.h"
#include "tests/support/long_run.h"

/* What is free in a zone, without places. */
struct naive_zone {
	uint64_t blocks[PAGE_ORDERS]; /* of the types that may be used */
	uint64_t unusable, free_pages, need;
	uint32_t order_count;
};

static void naive_read(struct naive_zone *naive, const struct page_fixture *fix,
		       uint32_t number)
{
	struct page_zone_info info = fixture_zone(fix, number);

	*naive = (struct naive_zone){.order_count = info.order_count,
				     .free_pages = info.free_pages};
	naive->need = info.wmark_min + info.boost +
		      fix->zones[number].lowmem_reserve[PAGE_ZONE_NORMAL];
	for (uint32_t order = 0; order < info.order_count; order++) {
		for (int type = 0; type < PAGE_PCPTYPES; type++)
			naive->blocks[order] += info.free_blocks[type][order];
		naive->unusable += info.free_blocks[PAGE_CMA][order] << order;
	}
}

/* __zone_watermark_ok(), then the smallest block that will do, cut in two. */
static bool naive_serve(struct naive_zone *zone, uint32_t order)
{
	uint64_t size = UINT64_C(1) << order;
	uint32_t from = order;

	if (zone->free_pages < zone->unusable + (size - 1) ||
	    zone->free_pages - zone->unusable - (size - 1) <= zone->need)
		return false;
	while (from < zone->order_count && !zone->blocks[from])
		from++;
	if (from == zone->order_count)
		return false;
	zone->blocks[from]--;
	while (from-- > order)
		zone->blocks[from]++;
	zone->free_pages -= size;
	return true;
}

static uint64_t naive_serves(const struct page_fixture *fix, uint32_t order)
{
	uint64_t count = 0;

	for (uint32_t i = 0; i < fix->config.zone_count; i++) {
		struct naive_zone zone;

		if (fix->zones[i].kind > PAGE_ZONE_NORMAL)
			continue;
		naive_read(&zone, fix, i);
		while (naive_serve(&zone, order))
			count++;
	}
	return count;
}

static void compare(const struct page_fixture *fix)
{
	struct page_orders orders;

	page_orders_read(&orders, fix->pa);
	expect_u64_eq(orders.order_count, 11);
	for (uint32_t order = 0; order < orders.order_count; order++)
		expect_u64_eq(orders.serves[order], naive_serves(fix, order));
}

/* DMA32 with a reserve, Normal with a boost, Movable that may not be used. */
static void make_zones(struct page_fixture *fix, uint64_t *seed)
{
	fixture_init(fix, 4096);
	for (uint32_t i = 1; i < 3; i++)
		fix->zones[i] = fix->zones[0];
	for (uint64_t i = 0; i < 3; i++) {
		fix->zones[i].start_pfn = i * 4096;
		fix->zones[i].wmark_min = fixture_random(seed) % 300;
		fix->zones[i].boost = fixture_random(seed) % 50;
	}
	fix->zones[0].kind = PAGE_ZONE_DMA32;
	fix->zones[0].lowmem_reserve[PAGE_ZONE_NORMAL] =
	    fixture_random(seed) % 900;
	fix->zones[1].kind = PAGE_ZONE_NORMAL;
	fix->zones[2].kind = PAGE_ZONE_MOVABLE;
	fix->config.zone_count = 3;
	fixture_make(fix);
}

/* Recorded mode's own operations, at random places. */
static void random_step(struct page_fixture *fix, uint64_t *seed)
{
	uint32_t order = (uint32_t)(fixture_random(seed) % 8);
	uint64_t pfn = fixture_random(seed) % (3 * 4096);
	int type = (int)(fixture_random(seed) % PAGE_PCPTYPES);
	uint64_t count;

	pfn &= ~((UINT64_C(1) << order) - 1);
	if (fixture_random(seed) % 5 == 0)
		type = PAGE_CMA;
	if (fixture_random(seed) % 2)
		assert_int_equal(
		    page_take(fix->pa, pfn, order, PAGE_TYPE_OF_BLOCK, &count),
		    0);
	else
		assert_int_equal(page_put(fix->pa, pfn, order, type, &count),
				 0);
}

static void test_random(void **state)
{
	uint64_t seed = long_run_seed(4);

	(void)state;
	for (int round = 0; round < 20; round++) {
		struct page_fixture fix;

		make_zones(&fix, &seed);
		compare(&fix);
		if (round % 2)
			fixture_seed_all(&fix);
		for (int step = 0; step < 200; step++) {
			random_step(&fix, &seed);
			compare(&fix);
		}
		fixture_free(&fix);
	}
}

/* 1024 frames and a min of 100: 924 single pages, 57 blocks of 16. */
static void test_rule(void **state)
{
	struct page_orders orders;
	struct page_fixture fix;
	uint64_t count;

	(void)state;
	fixture_init(&fix, 1024);
	fix.zones[0].wmark_min = 100;
	fixture_make(&fix);
	page_orders_read(&orders, fix.pa);
	expect_u64_eq(orders.serves[0], 0);
	fixture_seed_all(&fix);
	page_orders_read(&orders, fix.pa);
	expect_u64_eq(orders.serves[0], 924);
	expect_u64_eq(orders.serves[4], 57);
	expect_u64_eq(orders.serves[9], 1);
	expect_u64_eq(orders.serves[10], 0); /* 924 < 1024 */
	/* Every other page is free: many pages, no block. */
	for (uint64_t pfn = 0; pfn < 1024; pfn += 2)
		assert_int_equal(
		    page_take(fix.pa, pfn, 0, PAGE_TYPE_OF_BLOCK, &count), 0);
	page_orders_read(&orders, fix.pa);
	expect_u64_eq(orders.serves[0], 412);
	expect_u64_eq(orders.serves[1], 0);
	fixture_free(&fix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_rule),
	    cmocka_unit_test(test_random),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
