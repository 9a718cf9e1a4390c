/*
 * The slow path: reclaim, OOM and the last reserves alone, then all steps under
 * random work whose owner keeps a map of what lies where and is told of every
 * move. Compaction and kswapd have tests of their own.
 */
#include "replay/page_gfp.h"

#include "tests/replay/slow_bed.h"

enum { RANDOM_OPS = 20000 };

static const struct page_slow_policy only_reclaim = {.reclaim =
							 page_reclaim_zone};
static const struct page_slow_policy only_oom = {.oom = page_oom_owner};
static const struct page_slow_policy nothing = {.name = "nothing"};

static void reclaim_takes_the_oldest(void **state)
{
	struct page_request req = fixture_request(0);
	const struct page_counters *counters;
	struct page_fixture fix;
	struct owner owner;
	uint64_t pfn;

	(void)state;
	slow_ready(&fix, &owner, &only_reclaim);
	counters = page_alloc_counters(fix.pa);
	slow_fill(&fix, &owner, 40, PAGE_MARK_RECLAIMABLE);
	expect_u64_eq(fixture_zone(&fix, 0).reclaimable, FRAMES - 40);
	fixture_check(&fix);
	/* Who must not wait gets nothing at the min mark. */
	req.flags = PAGE_REQ_NONBLOCK;
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
	expect_u64_eq(counters->reclaim_stalls, 0);
	req.flags = 0;
	fixture_alloc(&fix, req);
	expect_u64_eq(counters->reclaim_stalls, 1);
	expect_u64_eq(counters->reclaimed, 32);
	expect_u64_eq(owner.reclaimed, 32);
	/* Pages were marked in the order 0, 1, 2, ... */
	expect_u64_eq(owner.last_reclaimed, 31);
	fixture_check(&fix);
	fixture_free(&fix);
}

/* GFP_NOWAIT as the versions spell it: what there is, or nothing. */
static void nowait_never_reclaims(void **state)
{
	static const struct gfp_bits bits = {
#define X(field, name, value) .field = value,
	    GFP_TABLE(X)
#undef X
	};

	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		struct page_request req = fixture_request(0);
		struct page_fixture fix;
		struct owner owner;
		uint64_t pfn;

		slow_init(&fix, &owner, &only_reclaim);
		fix.config.version = (enum page_version)version;
		fix.zones[0].wmark_min = fix.zones[0].wmark_low = 40;
		fix.zones[0].wmark_high = 40;
		slow_make(&fix);
		slow_fill(&fix, &owner, 40, PAGE_MARK_RECLAIMABLE);
		page_gfp_request(fix.pa, &bits, bits.kswapd_reclaim, &req);
		expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
		expect_u64_eq(page_alloc_counters(fix.pa)->reclaim_stalls, 0);
		fixture_free(&fix);
	}
}

static void what_is_not_marked_stays(void **state)
{
	struct page_request req = fixture_request(4);
	const struct page_counters *counters;
	struct page_fixture fix;
	struct owner owner;
	uint64_t pfn;

	(void)state;
	slow_holes(&fix, &owner, &page_slow_linux, 0, PAGE_VERSION_6_1);
	counters = page_alloc_counters(fix.pa);
	for (int i = 0; i < 8; i++)
		expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
	expect_u64_eq(owner.moved, 0);
	expect_u64_eq(owner.reclaimed, 0);
	expect_u64_eq(counters->failures, 8);
	/* In vain: the pauses grow. */
	expect_true(counters->compact_stalls > 0);
	expect_u64_eq(counters->compact_fails, counters->compact_stalls);
	expect_true(counters->compact_deferred > 0);
	fixture_check(&fix);
	fixture_free(&fix);
}

/* Compaction that is not allowed is no reason to leave out reclaim, once. */
static void costly_without_io_reclaims_once(void **state)
{
	static const uint32_t flags[] = {PAGE_REQ_NORETRY,
					 PAGE_REQ_RETRY_MAYFAIL, 0};

	(void)state;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		struct page_request req = fixture_request(8);
		const struct page_counters *counters;
		struct page_fixture fix;
		struct owner owner;
		uint64_t pfn;

		slow_init(&fix, &owner, &page_slow_linux);
		slow_make(&fix);
		counters = page_alloc_counters(fix.pa);
		for (uint64_t n = 0; n < FRAMES; n++) {
			pfn = fixture_alloc(&fix, fixture_request(0));
			owner.id[pfn] = 1;
			/* Every other one stays, so no block can come of it. */
			expect_i64_eq(
			    page_mark(fix.pa, pfn, 0,
				      pfn % 2 ? PAGE_MARK_RECLAIMABLE : 0),
			    0);
		}
		req.flags = flags[i] | PAGE_REQ_NOIO | PAGE_REQ_NOKSWAPD;
		expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
		expect_u64_eq(counters->reclaim_stalls, 1);
		expect_u64_eq(counters->slow_retries, 0);
		expect_u64_eq(counters->compact_stalls, 0);
		fixture_free(&fix);
	}
}

static void oom_asks_the_owner(void **state)
{
	static const struct {
		uint32_t order, flags;
		enum page_zone_kind zone;
		uint64_t called;
	} cases[] = {
	    {0, 0, PAGE_ZONE_NORMAL, 1},
	    {4, 0, PAGE_ZONE_NORMAL, 0},
	    {0, PAGE_REQ_RETRY_MAYFAIL, PAGE_ZONE_NORMAL, 0},
	    {0, PAGE_REQ_NORETRY, PAGE_ZONE_NORMAL, 0},
	    {0, PAGE_REQ_NONBLOCK, PAGE_ZONE_NORMAL, 0},
	    {0, PAGE_REQ_MEMALLOC, PAGE_ZONE_NORMAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct page_request req = fixture_request(cases[i].order);
		struct page_fixture fix;
		struct owner owner;
		uint64_t pfn = 77;

		slow_ready(&fix, &owner, &only_oom);
		slow_fill(&fix, &owner, 40, 0);
		owner.victim = 500;
		req.flags = cases[i].flags;
		req.zone = cases[i].zone;
		if (cases[i].flags & PAGE_REQ_MEMALLOC) {
			expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), 0);
		} else if (cases[i].called) {
			/* 41 free: above the mark again. */
			expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), 0);
			expect_u64_eq(page_free_total(fix.pa), 40);
			/* There is no other victim. */
			expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn),
				      ERR_NOMEM);
			expect_u64_eq(owner.oom_called, 2);
			owner.oom_called--;
		} else {
			expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn),
				      ERR_NOMEM);
			expect_u64_eq(pfn, 77);
		}
		expect_u64_eq(owner.oom_called, cases[i].called);
		fixture_check(&fix);
		fixture_free(&fix);
	}
}

static void who_cannot_fail_reaches_deeper(void **state)
{
	struct page_request req = fixture_request(0);
	struct page_fixture fix;
	struct owner owner;
	uint64_t pfn;

	(void)state;
	slow_ready(&fix, &owner, &nothing);
	slow_fill(&fix, &owner, 40, 0);
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
	/* No OOM on behalf of a node: half of min is the end. */
	req.flags = PAGE_REQ_NOFAIL | PAGE_REQ_THISNODE;
	for (int i = 0; i < 20; i++)
		fixture_alloc(&fix, req);
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
	expect_u64_eq(page_free_total(fix.pa), 20);
	/* With OOM there is no end but that of memory. */
	req.flags = PAGE_REQ_NOFAIL;
	for (int i = 0; i < 20; i++)
		fixture_alloc(&fix, req);
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
	expect_u64_eq(page_free_total(fix.pa), 0);
	fixture_free(&fix);
}

/*
 * In 5.15 the end is ALLOC_HARDER's: a quarter of min, 10, and for an order its
 * high-atomic pageblocks.
 */
static void who_cannot_fail_is_urgent_in_5_15(void **state)
{
	struct page_request req = fixture_request(0);
	struct page_fixture fix;
	struct owner owner;
	uint64_t pfn;

	(void)state;
	slow_init(&fix, &owner, &nothing);
	fix.config.version = PAGE_VERSION_5_15;
	fix.zones[0].wmark_min = fix.zones[0].wmark_low = 40;
	slow_make(&fix);
	slow_fill(&fix, &owner, 40, 0);
	req.flags = PAGE_REQ_NOFAIL | PAGE_REQ_THISNODE;
	for (int i = 0; i < 10; i++)
		fixture_alloc(&fix, req);
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
	fixture_free(&fix);
	slow_init(&fix, &owner, &nothing);
	fix.config.version = PAGE_VERSION_5_15;
	fixture_make(&fix);
	expect_i64_eq(page_block_set_type(fix.pa, 128, PAGE_HIGHATOMIC, false),
		      0);
	expect_i64_eq(page_alloc_seed_free(fix.pa, 128, 6, PAGE_TYPE_OF_BLOCK),
		      0);
	req.order = 4;
	req.flags = 0;
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
	req.flags = PAGE_REQ_NOFAIL | PAGE_REQ_THISNODE;
	expect_u64_eq(fixture_alloc(&fix, req), 128);
	fixture_check(&fix);
	fixture_free(&fix);
}

/* Nodes 0 and 1; all of node 1's 1024 frames are free, none of node 0's. */
static void full_and_free_node(struct page_fixture *fix,
			       enum page_version version)
{
	fixture_init(fix, FRAMES);
	fix->config.version = version;
	fix->zones[1] = fix->zones[0];
	fix->zones[1].node = 1;
	fix->zones[1].start_pfn = FRAMES;
	fix->config.zone_count = 2;
	fix->config.slow = &nothing;
	fixture_make(fix);
	expect_i64_eq(
	    page_alloc_seed_free(fix->pa, FRAMES, 10, PAGE_TYPE_OF_BLOCK), 0);
}

/*
 * "retry:": who is urgent, and who has the reserves, is not bound by a policy
 * to node 0, but by __GFP_THISNODE.
 */
static void urgency_knows_no_policy(void **state)
{
	enum { URGENT = PAGE_REQ_HIGH | PAGE_REQ_NONBLOCK };
	static const struct {
		uint32_t flags;
		bool served[PAGE_VERSIONS];
	} cases[] = {
	    {0, {false}},
	    {PAGE_REQ_NONBLOCK, {false}},
	    {PAGE_REQ_HIGH, {false}},
	    {URGENT, {false, true, true, true}},
	    {URGENT | PAGE_REQ_NOMEMALLOC, {false, true, true, true}},
	    {URGENT | PAGE_REQ_HARDER, {true, true, true, true}},
	    {PAGE_REQ_NONBLOCK | PAGE_REQ_HARDER, {true}},
	    {PAGE_REQ_MEMALLOC, {true, true, true, true}},
	    {PAGE_REQ_MEMALLOC | PAGE_REQ_NOMEMALLOC, {false}},
	    {PAGE_REQ_MEMALLOC | PAGE_REQ_THISNODE, {false}},
	    {URGENT | PAGE_REQ_HARDER | PAGE_REQ_THISNODE, {false}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int version = 0; version < PAGE_VERSIONS; version++) {
			struct page_request req = fixture_request(0);
			struct page_fixture fix;
			uint64_t pfn = 0;

			full_and_free_node(&fix, (enum page_version)version);
			req.flags = cases[i].flags;
			req.nodemask = 1;
			expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn),
				      cases[i].served[version] ? 0 : ERR_NOMEM);
			/* Node 0 was asked. */
			expect_u64_eq(page_alloc_counters(fix.pa)->remote,
				      cases[i].served[version]);
			fixture_check(&fix);
			fixture_free(&fix);
		}
	}
}

/* A block's part is freed: the rest keeps its marks, the part has none. */
static void marks_follow_the_pieces(void **state)
{
	struct page_fixture fix;
	struct owner owner;
	uint64_t pfn;

	(void)state;
	slow_ready(&fix, &owner, &nothing);
	pfn = fixture_alloc(&fix, fixture_request(4));
	expect_i64_eq(page_mark(fix.pa, pfn, 4, PAGE_MARK_RECLAIMABLE), 0);
	expect_u64_eq(fixture_zone(&fix, 0).reclaimable, 16);
	expect_i64_eq(page_free(fix.pa, pfn + 4, 2, 0), 0);
	expect_u64_eq(fixture_zone(&fix, 0).reclaimable, 12);
	fixture_check(&fix);
	expect_i64_eq(page_mark(fix.pa, pfn + 8, 1, 0), 0);
	expect_u64_eq(fixture_zone(&fix, 0).reclaimable, 10);
	/* Free, outside, and no such mark. */
	expect_i64_eq(page_mark(fix.pa, pfn + 4, 0, 1), ERR_USAGE);
	expect_i64_eq(page_mark(fix.pa, FRAMES, 0, 1), ERR_USAGE);
	expect_i64_eq(page_mark(fix.pa, pfn, 0, 4), ERR_USAGE);
	expect_i64_eq(page_mark(fix.pa, pfn, 77, 1), ERR_USAGE);
	fixture_check(&fix);
	/* Freed as a whole after being in pieces. */
	expect_i64_eq(page_free(fix.pa, pfn + 8, 3, 0), 0);
	expect_u64_eq(fixture_zone(&fix, 0).reclaimable, 4);
	fixture_check(&fix);
	fixture_free(&fix);
}

/* The steps by themselves, with what no request could be. */
static void bad_steps(void **state)
{
	struct page_request req = fixture_request(0);
	struct page_fixture fix;
	struct owner owner;

	(void)state;
	slow_ready(&fix, &owner, &nothing);
	expect_u64_eq(page_reclaim_zone(fix.pa, 1, 10), 0);
	expect_u64_eq(page_reclaim_zone(fix.pa, 0, 10), 0);
	page_kswapd_balance(fix.pa, 1, 0, PAGE_ZONE_NORMAL);
	page_kswapd_unboost(fix.pa, UINT32_MAX, 0, PAGE_ZONE_NORMAL);
	expect_i64_eq(page_compact_zone(fix.pa, 1, &req, PAGE_COMPACT_FULL),
		      PAGE_COMPACT_SKIPPED);
	req.order = UINT32_MAX;
	expect_i64_eq(page_compact_zone(fix.pa, 0, &req, PAGE_COMPACT_FULL),
		      PAGE_COMPACT_SKIPPED);
	req.order = 1;
	req.migratetype = PAGE_MIGRATETYPES;
	expect_i64_eq(page_compact_zone(fix.pa, 0, &req, PAGE_COMPACT_FULL),
		      PAGE_COMPACT_SKIPPED);
	fixture_check(&fix);
	fixture_free(&fix);
}

/* ---- Random work ---- */

static void random_alloc(struct page_fixture *fix, struct owner *owner,
			 uint64_t r)
{
	struct page_request req = fixture_request((uint32_t)(r >> 8) % 5);
	uint64_t pfn = 0;

	req.migratetype = (enum page_migratetype)((r >> 16) % PAGE_PCPTYPES);
	req.flags = (uint32_t)(r >> 20) & 0x7ff;
	req.cpu = (uint32_t)(r >> 32) & 1;
	if (page_alloc_pages(fix->pa, &req, &pfn))
		return;
	for (uint64_t i = 0; i < 1ull << req.order; i++) {
		if (owner->id[pfn + i])
			fail_msg("frame %d is given twice", (int)(pfn + i));
		owner->id[pfn + i] = (uint32_t)(r >> 40) + 1;
	}
	if (req.migratetype != PAGE_UNMOVABLE)
		expect_i64_eq(
		    page_mark(fix->pa, pfn, req.order, (uint32_t)(r >> 36) & 3),
		    0);
}

static void random_work(void **state)
{
	static const struct page_slow_policy *const policies[] = {
	    &page_slow_linux, &page_slow_replay};
	uint64_t moved = 0, reclaimed = 0;

	(void)state;
	for (unsigned int v = 0; v < 2 * PAGE_VERSIONS; v++) {
		struct page_fixture fix;
		struct owner owner;
		uint64_t random = v + 1;

		slow_init(&fix, &owner, policies[v & 1]);
		fix.config.version = (enum page_version)(v / 2);
		fix.config.cpu_count = 2;
		fix.zones[0].pcp_batch = 3;
		fix.zones[0].pcp_high_min = fix.zones[0].pcp_high_max = 24;
		fix.zones[0].wmark_min = 20;
		fix.zones[0].wmark_low = 30;
		fix.zones[0].wmark_high = 40;
		slow_make(&fix);
		for (uint32_t step = 0; step < RANDOM_OPS; step++) {
			uint64_t r = fixture_random(&random);
			uint64_t pfn = (r >> 8) % FRAMES;

			if (r % 10 < 6) {
				random_alloc(&fix, &owner, r);
			} else if (owner.id[pfn]) {
				owner.id[pfn] = 0;
				expect_i64_eq(page_free(fix.pa, pfn, 0, 0), 0);
			}
			if (step % 16 == 0)
				fixture_check(&fix);
		}
		for (uint64_t pfn = 0; pfn < FRAMES; pfn++) {
			enum page_use use =
			    page_lookup(fix.pa, pfn, NULL, NULL);

			expect_true((use == PAGE_USE_IN_USE) ==
				    (owner.id[pfn] != 0));
			if (owner.id[pfn])
				expect_i64_eq(page_free(fix.pa, pfn, 0, 1), 0);
		}
		page_pcp_drain_all(fix.pa);
		fixture_check(&fix);
		expect_u64_eq(fixture_zone(&fix, 0).free_pages, FRAMES);
		expect_u64_eq(fixture_zone(&fix, 0).reclaimable, 0);
		expect_u64_eq(page_alloc_counters(fix.pa)->reclaimed,
			      owner.reclaimed);
		expect_u64_eq(page_alloc_counters(fix.pa)->compact_moved,
			      owner.moved);
		moved += owner.moved;
		reclaimed += owner.reclaimed;
		fixture_free(&fix);
	}
	expect_true(moved > 1000 && reclaimed > 1000);
}

static uint64_t reclaims_nothing(struct page_alloc *pa, uint32_t zone,
				 uint64_t want)
{
	(void)pa;
	(void)zone;
	(void)want;
	return 0;
}

/*
 * should_reclaim_retry(): what could be reclaimed would be enough, but is never
 * had: MAX_RECLAIM_RETRIES, 16, times it is tried again.
 */
static void reclaim_gives_up(void **state)
{
	static const struct page_slow_policy in_vain = {.reclaim =
							    reclaims_nothing};
	struct page_request req = fixture_request(0);
	struct page_fixture fix;
	struct owner owner;
	uint64_t pfn;

	(void)state;
	slow_ready(&fix, &owner, &in_vain);
	slow_fill(&fix, &owner, 40, PAGE_MARK_RECLAIMABLE);
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
	expect_u64_eq(page_alloc_counters(fix.pa)->slow_retries, 16);
	expect_u64_eq(page_alloc_counters(fix.pa)->reclaim_stalls, 17);
	fixture_free(&fix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(reclaim_takes_the_oldest),
	    cmocka_unit_test(nowait_never_reclaims),
	    cmocka_unit_test(what_is_not_marked_stays),
	    cmocka_unit_test(costly_without_io_reclaims_once),
	    cmocka_unit_test(oom_asks_the_owner),
	    cmocka_unit_test(who_cannot_fail_reaches_deeper),
	    cmocka_unit_test(who_cannot_fail_is_urgent_in_5_15),
	    cmocka_unit_test(urgency_knows_no_policy),
	    cmocka_unit_test(marks_follow_the_pieces),
	    cmocka_unit_test(bad_steps),
	    cmocka_unit_test(random_work),
	    cmocka_unit_test(reclaim_gives_up),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
