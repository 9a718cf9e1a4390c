/*
 * kswapd: who wakes it, how far it goes, and what it leaves on per-CPU lists.
 */
#include "replay/page_kswapd.h"

#include <string.h>

#include "tests/replay/slow_bed.h"

static const struct page_slow_policy only_kswapd = {.kswapd =
							page_kswapd_balance};

/*
 * A kswapd that is seen at work limits its node's lists to four batches, until
 * a free finds the zone above the high mark; another node's does not.
 */
static void lists_are_short_while_kswapd_runs(void **state)
{
	(void)state;
	for (uint64_t high = 0; high <= 2048; high += 2048) {
		struct page_fixture fix;
		uint64_t pfn = 0;

		fixture_init(&fix, 1024);
		fix.config.cpu_count = 1;
		fix.zones[0].pcp_batch = 4;
		fix.zones[0].pcp_high_min = fix.zones[0].pcp_high_max = 512;
		fix.zones[0].wmark_high = high;
		fixture_make(&fix);
		fixture_seed_all(&fix);
		for (int i = 0; i < 100; i++)
			fixture_alloc(&fix, fixture_request(0));
		for (; pfn < 40; pfn++)
			assert_int_equal(page_free(fix.pa, pfn, 0, 0), 0);
		page_kswapd_seen(fix.pa, 1);
		assert_int_equal(page_free(fix.pa, pfn++, 0, 0), 0);
		expect_u64_eq(page_pcp_count(fix.pa, 0, 0), 41);
		page_kswapd_seen(fix.pa, 0);
		assert_int_equal(page_free(fix.pa, pfn++, 0, 0), 0);
		expect_true(page_pcp_count(fix.pa, 0, 0) < 41);
		for (; pfn < 100; pfn++)
			assert_int_equal(page_free(fix.pa, pfn, 0, 0), 0);
		expect_true((page_pcp_count(fix.pa, 0, 0) > 16) == !high);
		fixture_check(&fix);
		fixture_free(&fix);
	}
}

static void kswapd_works_to_the_high_mark(void **state)
{
	const struct page_counters *counters;
	struct page_fixture fix;
	struct owner owner;

	(void)state;
	slow_ready(&fix, &owner, &only_kswapd);
	counters = page_alloc_counters(fix.pa);
	slow_fill(&fix, &owner, 61, PAGE_MARK_RECLAIMABLE);
	expect_u64_eq(counters->kswapd_wakes, 0);
	/* This one still passes; the next finds 60, the low mark. */
	fixture_alloc(&fix, fixture_request(0));
	expect_u64_eq(counters->slow, 0);
	fixture_alloc(&fix, fixture_request(0));
	expect_u64_eq(counters->slow, 1);
	expect_u64_eq(counters->kswapd_wakes, 1);
	/* 59 + 32 are above 80. */
	expect_u64_eq(counters->kswapd_reclaimed, 32);
	expect_u64_eq(owner.reclaimed, 32);
	expect_u64_eq(page_free_total(fix.pa), 59 + 32);
	fixture_check(&fix);
	fixture_free(&fix);
	/* Who may not wake it, does not. */
	slow_ready(&fix, &owner, &only_kswapd);
	slow_fill(&fix, &owner, 60, PAGE_MARK_RECLAIMABLE);
	fixture_alloc(&fix, (struct page_request){.zone = PAGE_ZONE_NORMAL,
						  .node = PAGE_NODE_LOCAL,
						  .flags = PAGE_REQ_NOKSWAPD});
	expect_u64_eq(page_alloc_counters(fix.pa)->kswapd_wakes, 0);
	expect_u64_eq(owner.reclaimed, 0);
	fixture_free(&fix);
}

/* Marks pages reclaimable that are in use from the start: first, +step, ... */
static void mark(struct page_fixture *fix, struct owner *owner, uint64_t first,
		 uint64_t step, uint64_t count)
{
	for (uint64_t pfn = first; count--; pfn += step) {
		owner->id[pfn] = 1;
		expect_i64_eq(page_mark(fix->pa, pfn, 0, PAGE_MARK_RECLAIMABLE),
			      0);
	}
}

static void seed(struct page_fixture *fix, uint64_t pfn, uint32_t order)
{
	expect_i64_eq(
	    page_alloc_seed_free(fix->pa, pfn, order, PAGE_TYPE_OF_BLOCK), 0);
}

/* DMA32 up to 512, Normal above, min 20, low 30, high 40; all in use. */
static void two_zones(struct page_fixture *fix, struct owner *owner,
		      enum page_version version)
{
	slow_init(fix, owner, &only_kswapd);
	fix->config.version = version;
	fix->config.zone_count = 2;
	fix->zones[0].kind = PAGE_ZONE_DMA32;
	fix->zones[1].kind = PAGE_ZONE_NORMAL;
	fix->zones[1].start_pfn = FRAMES / 2;
	for (uint32_t i = 0; i < 2; i++) {
		fix->zones[i].spanned = fix->zones[i].managed = FRAMES / 2;
		fix->zones[i].wmark_min = 20;
		fix->zones[i].wmark_low = 30;
		fix->zones[i].wmark_high = 40;
	}
}

/*
 * All that can be reclaimed lies in DMA32, of which 100 frames are kept from
 * requests that may use Normal: it goes on until those find theirs.
 */
static void what_is_kept_does_not_count(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		struct page_request req = fixture_request(0);
		struct page_fixture fix;
		struct owner owner;
		uint64_t pfn;

		two_zones(&fix, &owner, (enum page_version)version);
		fix.zones[0].lowmem_reserve[PAGE_ZONE_NORMAL] = 100;
		fixture_make(&fix);
		mark(&fix, &owner, 0, 1, 400);
		req.flags = PAGE_REQ_NONBLOCK;
		req.zone = PAGE_ZONE_NORMAL;
		expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
		/* The first batch that is above 40 + 100. */
		expect_u64_eq(page_free_total(fix.pa), 160);
		for (int i = 0; i < 100; i++) {
			fixture_alloc(&fix, req);
			expect_true(page_free_total(fix.pa) >= 130);
		}
		fixture_check(&fix);
		fixture_free(&fix);
	}
}

/* Who may use both zones needs one of them; who may not, that one. */
static void one_zone_is_enough(void **state)
{
	struct page_fixture fix;
	struct owner owner;

	(void)state;
	two_zones(&fix, &owner, PAGE_VERSION_6_1);
	fixture_make(&fix);
	mark(&fix, &owner, 128, 1, 100);
	mark(&fix, &owner, 768, 1, 100);
	seed(&fix, 512, 6);
	expect_true(kswapd_balanced(fix.pa, 0, 0, PAGE_ZONE_NORMAL));
	expect_true(!kswapd_wake(fix.pa, 0, 0, PAGE_ZONE_NORMAL));
	page_kswapd_balance(fix.pa, 0, 0, PAGE_ZONE_NORMAL);
	expect_u64_eq(owner.reclaimed, 0);
	expect_true(!kswapd_balanced(fix.pa, 0, 0, PAGE_ZONE_DMA32));
	expect_true(kswapd_wake(fix.pa, 0, 0, PAGE_ZONE_DMA32));
	kswapd_run(fix.pa);
	/* What it was woken for in vain is not forgotten: Normal, too. */
	expect_u64_eq(owner.reclaimed, 0);
	expect_true(kswapd_wake(fix.pa, 0, 0, PAGE_ZONE_DMA32));
	kswapd_run(fix.pa);
	expect_u64_eq(owner.reclaimed, 64);
	expect_u64_eq(fixture_zone(&fix, 0).free_pages, 64);
	/* A node without such zones wants for nothing. */
	expect_true(kswapd_balanced(fix.pa, 0, 0, PAGE_ZONE_DMA));
	fixture_free(&fix);
}

/*
 * A block is wanted and none comes of every other page: after compact_gap(),
 * 2 << order frames, single pages are enough, of which there are plenty.
 */
static void a_high_order_is_not_for_ever(void **state)
{
	(void)state;
	for (uint32_t order = 1; order < 8; order++) {
		struct page_request req = fixture_request(order);
		uint64_t gap = 2u << order, pfn;
		struct page_fixture fix;
		struct owner owner;

		slow_init(&fix, &owner, &only_kswapd);
		fix.zones[0].wmark_high = 40;
		fixture_make(&fix);
		for (pfn = 0; pfn < 100; pfn += 2)
			seed(&fix, pfn, 0);
		mark(&fix, &owner, 100, 2, 400);
		req.flags = PAGE_REQ_NONBLOCK;
		expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
		/* In batches of 32. */
		expect_u64_eq(owner.reclaimed, (gap + 31) / 32 * 32);
		fixture_free(&fix);
		/* Where the first batch makes one, that is all. */
		slow_init(&fix, &owner, &only_kswapd);
		fix.zones[0].wmark_high = 40;
		fixture_make(&fix);
		for (pfn = 0; pfn < 100; pfn += 2)
			seed(&fix, pfn, 0);
		mark(&fix, &owner, 128, 1, 400);
		page_kswapd_balance(fix.pa, 0, order < 6 ? order : 5,
				    PAGE_ZONE_NORMAL);
		expect_u64_eq(owner.reclaimed, 32);
		fixture_free(&fix);
	}
}

/*
 * Beyond the mark as much is taken back as the boost is; a zone that is short
 * with it has what it lacks, and no more. Either way the boost ends.
 */
static void a_boost_is_made_good(void **state)
{
	static const struct {
		uint64_t free_pages, boost, reclaimed;
	} cases[] = {
	    {256, 0, 0}, {256, 50, 64}, {128, 100, 32}, {128, 150, 64}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct page_fixture fix;
		struct owner owner;

		slow_init(&fix, &owner, &only_kswapd);
		fix.zones[0].wmark_high = 40;
		fix.zones[0].boost = cases[i].boost;
		fixture_make(&fix);
		seed(&fix, 0, cases[i].free_pages == 256 ? 8 : 7);
		mark(&fix, &owner, 512, 1, 400);
		expect_true(kswapd_wake(fix.pa, 0, 0, PAGE_ZONE_NORMAL) ==
			    (cases[i].boost > 0));
		kswapd_run(fix.pa);
		expect_u64_eq(owner.reclaimed, cases[i].reclaimed);
		expect_u64_eq(fixture_zone(&fix, 0).boost, 0);
		fixture_check(&fix);
		fixture_free(&fix);
	}
}

/* After 16 turns in vain it is left alone until anything is reclaimed. */
static void a_hopeless_node_is_left_alone(void **state)
{
	struct page_request req = fixture_request(0);
	const struct page_counters *counters;
	struct page_fixture fix;
	struct owner owner;
	uint64_t pfn;

	(void)state;
	slow_ready(&fix, &owner, &only_kswapd);
	counters = page_alloc_counters(fix.pa);
	slow_fill(&fix, &owner, 40, 0);
	req.flags = PAGE_REQ_NONBLOCK;
	/* From the low mark down to the min mark it was in vain. */
	expect_u64_eq(counters->kswapd_wakes, 1);
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
	mark(&fix, &owner, 0, 1, 100);
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
	expect_u64_eq(counters->kswapd_wakes, 1);
	expect_u64_eq(page_reclaim_zone(fix.pa, 0, 1), 1);
	fixture_alloc(&fix, req);
	expect_u64_eq(counters->kswapd_wakes, 2);
	expect_u64_eq(counters->kswapd_reclaimed, 64);
	fixture_free(&fix);
}

/* What kswapd_notes() was told last, and how often it was. */
static struct {
	uint32_t turns, node, order;
	enum page_zone_kind highest;
} noted;

static void kswapd_notes(struct page_alloc *pa, uint32_t node, uint32_t order,
			 enum page_zone_kind highest)
{
	(void)pa;
	noted.turns++;
	noted.node = node;
	noted.order = order;
	noted.highest = highest;
}

/* One turn for all that asked: the largest order, the highest zone. */
static void the_most_that_was_asked_for(void **state)
{
	static const struct page_slow_policy notes = {.kswapd = kswapd_notes};
	struct page_request req = fixture_request(3);
	struct page_fixture fix;
	uint64_t pfn;

	(void)state;
	fixture_init(&fix, FRAMES);
	fix.zones[1] = fix.zones[0];
	fix.zones[1].node = 1;
	fix.zones[1].start_pfn = FRAMES;
	fix.config.zone_count = 2;
	fix.config.slow = &notes;
	fixture_make(&fix);
	memset(&noted, 0, sizeof(noted));
	expect_true(kswapd_wake(fix.pa, 1, 0, PAGE_ZONE_MOVABLE));
	expect_true(kswapd_wake(fix.pa, 1, 2, PAGE_ZONE_NORMAL));
	kswapd_run(fix.pa);
	expect_u64_eq(noted.turns, 1);
	expect_u64_eq(noted.node, 1);
	expect_u64_eq(noted.order, 2);
	expect_i64_eq(noted.highest, PAGE_ZONE_MOVABLE);
	/* A request wakes those of all nodes that it may use. */
	req.zone = PAGE_ZONE_NORMAL;
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
	expect_u64_eq(noted.turns, 3);
	expect_u64_eq(noted.order, 3);
	expect_i64_eq(noted.highest, PAGE_ZONE_NORMAL);
	req.flags = PAGE_REQ_THISNODE;
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
	expect_u64_eq(noted.turns, 4);
	expect_u64_eq(noted.node, 0);
	expect_u64_eq(page_alloc_counters(fix.pa)->kswapd_wakes, 2);
	fixture_free(&fix);
}

/*
 * An unmovable request takes of a movable pageblock and boosts; only one that
 * may wake it does, for single pages of that zone, whatever was asked for.
 */
static void a_boost_wakes_it(void **state)
{
	static const struct page_slow_policy notes = {.kswapd = kswapd_notes};

	(void)state;
	for (int v = 0; v < 2 * PAGE_VERSIONS; v++) {
		struct page_request req = fixture_request(1);
		bool may_wake = v % 2;
		struct page_fixture fix;
		struct owner owner;

		slow_init(&fix, &owner, &notes);
		fix.config.version = (enum page_version)(v / 2);
		fix.config.watermark_boost_factor = 15000;
		fix.zones[0].wmark_high = 10;
		fixture_make(&fix);
		seed(&fix, 0, 5);
		memset(&noted, 0, sizeof(noted));
		noted.highest = PAGE_ZONE_MOVABLE;
		req.migratetype = PAGE_UNMOVABLE;
		req.flags = may_wake ? 0 : PAGE_REQ_NOKSWAPD;
		fixture_alloc(&fix, req);
		expect_u64_eq(page_alloc_counters(fix.pa)->boosts, 1);
		expect_u64_eq(noted.turns, may_wake);
		expect_u64_eq(noted.order, 0);
		expect_i64_eq(noted.highest,
			      may_wake ? PAGE_ZONE_NORMAL : PAGE_ZONE_MOVABLE);
		/* Nor was it a request that found too little. */
		expect_u64_eq(page_alloc_counters(fix.pa)->slow, 0);
		fixture_free(&fix);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(kswapd_works_to_the_high_mark),
	    cmocka_unit_test(lists_are_short_while_kswapd_runs),
	    cmocka_unit_test(what_is_kept_does_not_count),
	    cmocka_unit_test(one_zone_is_enough),
	    cmocka_unit_test(a_high_order_is_not_for_ever),
	    cmocka_unit_test(a_boost_is_made_good),
	    cmocka_unit_test(a_hopeless_node_is_left_alone),
	    cmocka_unit_test(the_most_that_was_asked_for),
	    cmocka_unit_test(a_boost_wakes_it),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
