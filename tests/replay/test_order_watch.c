/*
 * order_watch: first failures and tightest moments against a plain look after
 * every event, what is learnt of a request, and holders in order of size.
 */
#include "replay/order_watch.h"

#include <string.h>

#include "tests/replay/page_fixture.h"
#include "tests/support/long_run.h"

struct bed {
	struct page_fixture fix;
	struct order_watch watch;
	int filled;
};

static void fill(void *context, struct order_space *space)
{
	struct bed *bed = context;

	space->managed = 1024;
	bed->filled++;
}

static void bed_make(struct bed *bed, bool free_at_start)
{
	*bed = (struct bed){0};
	fixture_init(&bed->fix, 1024);
	fixture_make(&bed->fix);
	if (free_at_start)
		fixture_seed_all(&bed->fix);
	order_watch_init(&bed->watch, bed->fix.pa, fill, bed);
}

static const struct order_fate *fate(const struct bed *bed, uint32_t order)
{
	return &bed->watch.result.fates[order];
}

/* ---- A plain look ---- */

struct seen {
	uint64_t least[PAGE_ORDERS], ts_ns[PAGE_ORDERS];
	bool failed[PAGE_ORDERS];
};

static void look(struct seen *seen, const struct page_alloc *pa, uint64_t ts_ns)
{
	struct page_orders now;

	page_orders_read(&now, pa);
	for (uint32_t i = 0; i < now.order_count; i++) {
		if (seen->failed[i] || now.serves[i] >= seen->least[i])
			continue;
		seen->least[i] = now.serves[i];
		seen->ts_ns[i] = ts_ns;
		seen->failed[i] = !now.serves[i];
	}
}

static void random_round(uint64_t *seed, uint64_t pages_max)
{
	struct seen seen;
	struct bed bed;

	memset(&seen, 0, sizeof(seen));
	memset(seen.least, 0xff, sizeof(seen.least));
	bed_make(&bed, true);
	look(&seen, bed.fix.pa, 100);
	for (uint64_t ts = 100; ts < 1100; ts++) {
		uint32_t order = (uint32_t)(fixture_random(seed) % 5);
		struct kmem_event ev = {.kind = EV_PAGE_ALLOC,
					.ts_ns = ts,
					.order = (uint8_t)order};
		uint64_t count, pfn = fixture_random(seed) % 1024;

		pfn &= ~((UINT64_C(1) << order) - 1);
		if (page_free_total(bed.fix.pa) < 1024 - pages_max ||
		    fixture_random(seed) % 3 == 0) {
			ev.kind = EV_PAGE_FREE;
			assert_int_equal(page_put(bed.fix.pa, pfn, order,
						  PAGE_TYPE_OF_BLOCK, &count),
					 0);
		} else {
			assert_int_equal(page_take(bed.fix.pa, pfn, order,
						   PAGE_TYPE_OF_BLOCK, &count),
					 0);
		}
		order_watch_event(&bed.watch, &ev, true);
		look(&seen, bed.fix.pa, ts);
	}
	for (uint32_t i = 0; i < 11; i++) {
		expect_u64_eq(fate(&bed, i)->serves, seen.least[i]);
		expect_u64_eq(fate(&bed, i)->ts_ns, seen.ts_ns[i]);
		expect_true(fate(&bed, i)->fails == seen.failed[i]);
		expect_true(fate(&bed, i)->space.managed ==
			    (seen.failed[i] ? 1024 : 0));
	}
	expect_u64_eq(bed.watch.result.order_count, 11);
	fixture_free(&bed.fix);
}

static void test_random(void **state)
{
	uint64_t seed = long_run_seed(5);

	(void)state;
	for (uint64_t round = 0; round < 30; round++)
		random_round(&seed, 30 + round * 33);
}

static void test_at_start(void **state)
{
	struct kmem_event ev = {.kind = EV_OTHER, .ts_ns = 7};
	struct bed bed;

	(void)state;
	bed_make(&bed, false);
	order_watch_event(&bed.watch, &ev, false);
	for (uint32_t i = 0; i < 11; i++) {
		expect_true(fate(&bed, i)->fails && fate(&bed, i)->at_start);
		expect_true(!fate(&bed, i)->request.known);
		expect_u64_eq(fate(&bed, i)->ts_ns, 7);
	}
	expect_i64_eq(bed.filled, 11);
	fixture_free(&bed.fix);
}

/*
 * A list is filled, the request follows, then its slab's first object. Other
 * CPUs and tasks in between tell nothing.
 */
static void test_request(void **state)
{
	struct kmem_event ev = {.kind = EV_ZONE_LOCKED,
				.ts_ns = 1000,
				.cpu = 1,
				.pid = 5,
				.order = 3};
	struct bed bed;
	uint64_t count;

	(void)state;
	bed_make(&bed, true);
	order_watch_event(&bed.watch,
			  &(struct kmem_event){.kind = EV_OTHER, .ts_ns = 1},
			  false);
	assert_int_equal(
	    page_take(bed.fix.pa, 0, 3, PAGE_TYPE_OF_BLOCK, &count), 0);
	order_watch_event(&bed.watch, &ev, true);
	expect_true(fate(&bed, 10)->fails && !fate(&bed, 10)->at_start);
	expect_true(!fate(&bed, 10)->request.known);
	expect_true(!fate(&bed, 9)->fails);
	ev.kind = EV_PAGE_ALLOC;
	ev.flags = EVF_BACKS_SLAB;
	ev.cpu = 0;
	ev.gfp_flags = 0x99;
	order_watch_event(&bed.watch, &ev, false);
	expect_true(!fate(&bed, 10)->request.known);
	ev.cpu = 1;
	ev.gfp_flags = 0xcc0;
	order_watch_event(&bed.watch, &ev, false);
	expect_true(fate(&bed, 10)->request.known);
	expect_u64_eq(fate(&bed, 10)->request.gfp_flags, 0xcc0);
	expect_u64_eq(fate(&bed, 10)->request.use, SITE_BACKS_SLAB);
	expect_u64_eq(fate(&bed, 10)->request.call_site, 0);
	ev = (struct kmem_event){.kind = EV_CACHE_ALLOC,
				 .ts_ns = 1500,
				 .cpu = 1,
				 .pid = 6,
				 .call_site = 0xbad};
	order_watch_event(&bed.watch, &ev, false);
	ev.pid = 5;
	ev.call_site = 0xfeed;
	ev.name = 3;
	order_watch_event(&bed.watch, &ev, false);
	expect_u64_eq(fate(&bed, 10)->request.call_site, 0xfeed);
	expect_u64_eq(fate(&bed, 10)->request.cache, 3);
	/* The next one is another allocation. */
	ev.call_site = 0xbad;
	order_watch_event(&bed.watch, &ev, false);
	expect_u64_eq(fate(&bed, 10)->request.call_site, 0xfeed);
	fixture_free(&bed.fix);
}

static void test_recorded(void **state)
{
	struct kmem_event ev = {.kind = EV_PAGE_ALLOC,
				.ts_ns = 1000,
				.order = 2,
				.flags = EVF_FAILED};
	struct bed bed;

	(void)state;
	bed_make(&bed, true);
	order_watch_event(&bed.watch, &ev, false);
	ev.ts_ns = 2000;
	order_watch_event(&bed.watch, &ev, false);
	expect_u64_eq(fate(&bed, 2)->failed, 2);
	expect_u64_eq(fate(&bed, 2)->first_failed_ns, 1000);
	expect_u64_eq(fate(&bed, 2)->failed_agreed, 0);
	ev = (struct kmem_event){.kind = EV_EXTFRAG, .order = 2};
	order_watch_event(&bed.watch, &ev, false);
	expect_u64_eq(fate(&bed, 2)->fallbacks, 1);
	/* An order that there is not, as only a damaged input has it. */
	ev.order = 255;
	order_watch_event(&bed.watch, &ev, false);
	fixture_free(&bed.fix);
	bed_make(&bed, false);
	ev = (struct kmem_event){.kind = EV_PAGE_ALLOC, .flags = EVF_FAILED};
	order_watch_event(&bed.watch, &ev, false);
	expect_u64_eq(fate(&bed, 0)->failed_agreed, 1);
	fixture_free(&bed.fix);
}

static void test_holders(void **state)
{
	struct order_space space = {0};

	(void)state;
	for (uint32_t i = 0; i < 40; i++) {
		struct order_holder holder = {.name = i, .pages = i * 17 % 40};

		order_space_hold(&space, &holder);
	}
	expect_u64_eq(space.holder_count, ORDER_HOLDERS);
	for (uint64_t i = 0; i < ORDER_HOLDERS; i++)
		expect_u64_eq(space.holders[i].pages, 39 - i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_random),  cmocka_unit_test(test_at_start),
	    cmocka_unit_test(test_request), cmocka_unit_test(test_recorded),
	    cmocka_unit_test(test_holders),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
