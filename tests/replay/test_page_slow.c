/*
 * The slow path: each step alone, then all of them under random work whose
 * owner keeps a map of what lies where and is told of every move.
 */
#include "replay/page_gfp.h"

#include "tests/replay/page_fixture.h"

#include "replay/page_compact.h"

enum { FRAMES = 1024, RANDOM_OPS = 20000 };

/* An owner of single pages: which id lies at which frame. */
struct owner {
	struct page_owner calls;
	uint32_t id[FRAMES]; /* 0: not the owner's */
	uint64_t moved, reclaimed, last_reclaimed;
	struct page_fixture *fix;
	uint64_t victim; /* pfn that oom() gives up; FRAMES: none */
	uint64_t oom_called;
};

static void owner_moved(void *context, uint64_t from, uint64_t to,
			uint32_t order)
{
	struct owner *owner = context;

	for (uint64_t i = 0; i < 1ull << order; i++) {
		expect_true(owner->id[from + i] && !owner->id[to + i]);
		owner->id[to + i] = owner->id[from + i];
		owner->id[from + i] = 0;
	}
	owner->moved += 1ull << order;
}

static void owner_reclaimed(void *context, uint64_t pfn, uint32_t order)
{
	struct owner *owner = context;

	for (uint64_t i = 0; i < 1ull << order; i++) {
		expect_true(owner->id[pfn + i]);
		owner->id[pfn + i] = 0;
	}
	owner->reclaimed += 1ull << order;
	owner->last_reclaimed = pfn;
}

static bool owner_oom(void *context, const struct page_request *req)
{
	struct owner *owner = context;

	(void)req;
	owner->oom_called++;
	if (owner->victim >= FRAMES)
		return false;
	expect_i64_eq(page_free(owner->fix->pa, owner->victim, 0, 0), 0);
	owner->id[owner->victim] = 0;
	owner->victim = FRAMES;
	return true;
}

/* 1024 frames, pageblocks of 64, no marks; change it, then make it. */
static void slow_init(struct page_fixture *fix, struct owner *owner,
		      const struct page_slow_policy *policy)
{
	fixture_init(fix, FRAMES);
	fix->config.max_order = 8;
	fix->config.pageblock_order = 6;
	fix->config.slow = policy;
	*owner = (struct owner){
	    .calls = {owner, owner_moved, owner_reclaimed, owner_oom},
	    .fix = fix,
	    .victim = FRAMES};
	fix->config.owner = &owner->calls;
}

static void slow_make(struct page_fixture *fix)
{
	fixture_make(fix);
	fixture_seed_all(fix);
}

/* The same with min 40, low 60, high 80; all free. */
static void fixture_slow(struct page_fixture *fix, struct owner *owner,
			 const struct page_slow_policy *policy)
{
	slow_init(fix, owner, policy);
	fix->zones[0].wmark_min = 40;
	fix->zones[0].wmark_low = 60;
	fix->zones[0].wmark_high = 80;
	slow_make(fix);
}

/* Takes single pages while so many are free, and marks them. */
static void fill(struct page_fixture *fix, struct owner *owner, uint64_t leave,
		 uint32_t marks)
{
	while (page_free_total(fix->pa) > leave) {
		uint64_t pfn = fixture_alloc(fix, fixture_request(0));

		owner->id[pfn] = (uint32_t)pfn + 1;
		expect_i64_eq(page_mark(fix->pa, pfn, 0, marks), 0);
	}
}

static const struct page_slow_policy only_kswapd = {.kswapd =
							page_kswapd_balance};
static const struct page_slow_policy only_reclaim = {.reclaim =
							 page_reclaim_zone};
static const struct page_slow_policy only_compact = {.compact =
							 page_compact_zone};
static const struct page_slow_policy only_oom = {.oom = page_oom_owner};
static const struct page_slow_policy nothing = {.name = "nothing"};

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
	fixture_slow(&fix, &owner, &only_kswapd);
	counters = page_alloc_counters(fix.pa);
	fill(&fix, &owner, 61, PAGE_MARK_RECLAIMABLE);
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
	fixture_slow(&fix, &owner, &only_kswapd);
	fill(&fix, &owner, 60, PAGE_MARK_RECLAIMABLE);
	fixture_alloc(&fix, (struct page_request){.zone = PAGE_ZONE_NORMAL,
						  .node = PAGE_NODE_LOCAL,
						  .flags = PAGE_REQ_NOKSWAPD});
	expect_u64_eq(page_alloc_counters(fix.pa)->kswapd_wakes, 0);
	expect_u64_eq(owner.reclaimed, 0);
	fixture_free(&fix);
}

static void reclaim_takes_the_oldest(void **state)
{
	struct page_request req = fixture_request(0);
	const struct page_counters *counters;
	struct page_fixture fix;
	struct owner owner;
	uint64_t pfn;

	(void)state;
	fixture_slow(&fix, &owner, &only_reclaim);
	counters = page_alloc_counters(fix.pa);
	fill(&fix, &owner, 40, PAGE_MARK_RECLAIMABLE);
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
		fill(&fix, &owner, 40, PAGE_MARK_RECLAIMABLE);
		page_gfp_request(fix.pa, &bits, bits.kswapd_reclaim, &req);
		expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
		expect_u64_eq(page_alloc_counters(fix.pa)->reclaim_stalls, 0);
		fixture_free(&fix);
	}
}

/* All but every eighth frame is in use; nothing of order 1 is free. */
static void fixture_holes(struct page_fixture *fix, struct owner *owner,
			  const struct page_slow_policy *policy, uint32_t marks,
			  enum page_version version)
{
	slow_init(fix, owner, policy);
	fix->config.version = version;
	slow_make(fix);
	fill(fix, owner, 0, marks);
	for (uint64_t pfn = 0; pfn < FRAMES; pfn += 8) {
		owner->id[pfn] = 0;
		expect_i64_eq(page_free(fix->pa, pfn, 0, 0), 0);
	}
	expect_u64_eq(page_free_total(fix->pa), FRAMES / 8);
}

static void compaction_moves_and_frees_nothing(void **state)
{
	struct page_fixture fix;
	struct owner owner;

	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		const struct page_counters *counters;
		uint64_t pfn, ids = 0;

		fixture_holes(&fix, &owner, &only_compact, PAGE_MARK_MOVABLE,
			      (enum page_version)version);
		counters = page_alloc_counters(fix.pa);
		pfn = fixture_alloc(&fix, fixture_request(4));
		for (uint64_t i = 0; i < 16; i++)
			expect_true(!owner.id[pfn + i]);
		expect_u64_eq(page_free_total(fix.pa), FRAMES / 8 - 16);
		expect_true(owner.moved >= 14);
		expect_u64_eq(counters->compact_moved, owner.moved);
		expect_u64_eq(counters->compact_stalls, 1);
		expect_u64_eq(counters->compact_successes, 1);
		expect_u64_eq(counters->reclaimed, 0);
		/* Nobody was lost, and all lie on frames in use. */
		for (uint64_t i = 0; i < FRAMES; i++) {
			ids += owner.id[i] != 0;
			if (owner.id[i])
				expect_i64_eq(
				    page_lookup(fix.pa, i, NULL, NULL),
				    PAGE_USE_IN_USE);
		}
		expect_u64_eq(ids, FRAMES / 8 * 7);
		fixture_check(&fix);
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
	fixture_holes(&fix, &owner, &page_slow_linux, 0, PAGE_VERSION_6_1);
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

/* Blocks above order 0 move since 6.10, if they are smaller than wanted. */
static void blocks_move_since_6_10(void **state)
{
	struct page_fixture fix;
	struct owner owner;

	(void)state;
	for (int newer = 0; newer < 2; newer++) {
		struct page_request req = fixture_request(3);
		uint64_t pfn;
		int rc;

		slow_init(&fix, &owner, &only_compact);
		fix.config.version =
		    newer ? PAGE_VERSION_6_12 : PAGE_VERSION_6_1;
		slow_make(&fix);
		for (pfn = 0; pfn < FRAMES; pfn += 2) {
			uint64_t at = fixture_alloc(&fix, fixture_request(1));

			owner.id[at] = owner.id[at + 1] = 1;
			expect_i64_eq(
			    page_mark(fix.pa, at, 1, PAGE_MARK_MOVABLE), 0);
		}
		for (pfn = 0; pfn < FRAMES; pfn += 4) {
			owner.id[pfn] = owner.id[pfn + 1] = 0;
			expect_i64_eq(page_free(fix.pa, pfn, 1, 0), 0);
		}
		rc = page_alloc_pages(fix.pa, &req, &pfn);
		expect_i64_eq(rc, newer ? 0 : ERR_NOMEM);
		expect_true(newer ? owner.moved > 0 : !owner.moved);
		fixture_check(&fix);
		fixture_free(&fix);
	}
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

		fixture_slow(&fix, &owner, &only_oom);
		fill(&fix, &owner, 40, 0);
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
	fixture_slow(&fix, &owner, &nothing);
	fill(&fix, &owner, 40, 0);
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

/* A block's part is freed: the rest keeps its marks, the part has none. */
static void marks_follow_the_pieces(void **state)
{
	struct page_fixture fix;
	struct owner owner;
	uint64_t pfn;

	(void)state;
	fixture_slow(&fix, &owner, &nothing);
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
	fixture_slow(&fix, &owner, &nothing);
	expect_u64_eq(page_reclaim_zone(fix.pa, 1, 10), 0);
	expect_u64_eq(page_reclaim_zone(fix.pa, 0, 10), 0);
	page_kswapd_balance(fix.pa, 1);
	page_kswapd_unboost(fix.pa, UINT32_MAX);
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

/*
 * compaction_suitable() wants compact_gap() = 2 << order frames above the mark:
 * min up to order 3, low above. All that is free is single frames.
 */
static void compaction_needs_room(void **state)
{
	struct page_fixture fix;
	struct owner owner;

	(void)state;
	fixture_holes(&fix, &owner, &nothing, PAGE_MARK_MOVABLE,
		      PAGE_VERSION_6_1);
	fix.pa->zones[0].wmark[ALLOC_WMARK_MIN] = 10;
	fix.pa->zones[0].wmark[ALLOC_WMARK_LOW] = 15;
	for (uint32_t order = 1; order < 6; order++) {
		const struct page_request req = fixture_request(order);
		uint64_t most = (order < 4 ? 10 : 15) + (2u << order);

		expect_i64_eq(
		    compact_suits(fix.pa, &fix.pa->zones[0], &req, most),
		    PAGE_COMPACT_SKIPPED);
		expect_i64_eq(
		    compact_suits(fix.pa, &fix.pa->zones[0], &req, most + 1),
		    PAGE_COMPACT_PARTIAL);
	}
	fixture_free(&fix);
}

/* defer_compaction(): pauses double up to 1 << COMPACT_MAX_DEFER_SHIFT, 64. */
static void pauses_have_an_end(void **state)
{
	struct page_fixture fix;
	struct page_zone *zone;
	struct owner owner;

	(void)state;
	fixture_slow(&fix, &owner, &nothing);
	zone = &fix.pa->zones[0];
	for (uint32_t failed = 1; failed < 10; failed++) {
		uint32_t passed = 0;

		compact_defer(zone, 3);
		while (compact_is_deferred(zone, 3))
			passed++;
		/* The last one of each pause is let through. */
		expect_u64_eq(passed, (1u << (failed < 6 ? failed : 6)) - 1);
	}
	fixture_free(&fix);
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
	fixture_slow(&fix, &owner, &in_vain);
	fill(&fix, &owner, 40, PAGE_MARK_RECLAIMABLE);
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
	expect_u64_eq(page_alloc_counters(fix.pa)->slow_retries, 16);
	expect_u64_eq(page_alloc_counters(fix.pa)->reclaim_stalls, 17);
	fixture_free(&fix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(kswapd_works_to_the_high_mark),
	    cmocka_unit_test(lists_are_short_while_kswapd_runs),
	    cmocka_unit_test(reclaim_takes_the_oldest),
	    cmocka_unit_test(nowait_never_reclaims),
	    cmocka_unit_test(compaction_moves_and_frees_nothing),
	    cmocka_unit_test(what_is_not_marked_stays),
	    cmocka_unit_test(blocks_move_since_6_10),
	    cmocka_unit_test(costly_without_io_reclaims_once),
	    cmocka_unit_test(oom_asks_the_owner),
	    cmocka_unit_test(who_cannot_fail_reaches_deeper),
	    cmocka_unit_test(marks_follow_the_pieces),
	    cmocka_unit_test(bad_steps),
	    cmocka_unit_test(random_work),
	    cmocka_unit_test(compaction_needs_room),
	    cmocka_unit_test(pauses_have_an_end),
	    cmocka_unit_test(reclaim_gives_up),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
