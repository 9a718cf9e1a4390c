/*
 * Random work against two references.
 *
 * The first is a map of one byte per frame: who holds it. It knows nothing of
 * orders or lists, so it can only be right: no frame is given twice, none is
 * lost, blocks are aligned, and the free blocks of a zone are what the largest
 * aligned pieces of its free frames would be.
 *
 * The second is a naive buddy allocator: lists as plain arrays, moved about by
 * memmove. It must give the very same pfn for every request.
 *
 * A failing run prints its seed and step (tests/support/long_run.h).
 */
#include "tests/replay/page_fixture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/support/long_run.h"

enum { STEPS = 10000, LIVE_MAX = 4096 };

static const char *const version_names[PAGE_VERSIONS] = {
    [PAGE_VERSION_5_15] = "5.15",
    [PAGE_VERSION_6_1] = "6.1",
    [PAGE_VERSION_6_12] = "6.12",
    [PAGE_VERSION_6_18] = "6.18",
};

struct live {
	uint64_t pfn;
	uint32_t order;
};

struct run {
	struct page_fixture fix;
	uint8_t *held; /* by the test, per frame from pfn 0 */
	uint64_t frames;
	struct live live[LIVE_MAX];
	uint32_t live_count;
	uint64_t random, seed, step;
	uint64_t compared; /* blocks held against the map */
	uint64_t digest;   /* of all answers, for "same seed, same result" */
};

#define run_expect(run, condition)                                             \
	do {                                                                   \
		if (!(condition))                                              \
			fail_msg("seed %" PRIu64 ", step %" PRIu64 ": %s",     \
				 (run)->seed, (run)->step, #condition);        \
	} while (0)

/* Marks frames as held or not; they must not be so already. */
static void run_hold(struct run *run, uint64_t pfn, uint32_t order, bool held)
{
	run_expect(run, !(pfn & ((1ull << order) - 1)));
	run_expect(run, pfn + (1ull << order) <= run->frames);
	run->compared++;
	for (uint64_t i = 0; i < 1ull << order; i++) {
		run_expect(run, run->held[pfn + i] != held);
		run->held[pfn + i] = held;
	}
}

static void run_alloc(struct run *run)
{
	uint64_t r = fixture_random(&run->random), pfn = 0;
	struct page_request req = {
	    .order = (uint32_t)__builtin_ctzll(r | 1u << 11),
	    .migratetype = (enum page_migratetype)(r >> 12 & 3) % PAGE_PCPTYPES,
	    .zone = (enum page_zone_kind)((r >> 16) % PAGE_ZONE_KINDS),
	    .flags = (uint32_t)(r >> 20) & 7,
	    .cpu = (uint32_t)(r >> 24) % 4,
	    .node = (int32_t)(r >> 28 & 1) - 1};
	int rc;

	if (req.order > run->fix.config.max_order)
		req.order = run->fix.config.max_order;
	if (run->fix.config.cpu_count)
		req.cpu %= run->fix.config.cpu_count;
	rc = page_alloc_pages(run->fix.pa, &req, &pfn);
	run->digest = run->digest * 31 + (rc ? 7 : pfn);
	if (rc) {
		run_expect(run, rc == ERR_NOMEM);
		return;
	}
	run_hold(run, pfn, req.order, true);
	run_expect(run, fixture_zone(&run->fix,
				     (uint32_t)page_zone_of(run->fix.pa, pfn))
				.kind <= req.zone);
	run->live[run->live_count].pfn = pfn;
	run->live[run->live_count++].order = req.order;
}

/* Frees a block whole, or one half of it, which then stays live. */
static void run_free(struct run *run)
{
	uint64_t r = fixture_random(&run->random);
	uint32_t at = (uint32_t)(r % run->live_count);
	uint32_t cpu = run->fix.config.cpu_count
			   ? (uint32_t)(r >> 32) % run->fix.config.cpu_count
			   : 0;
	struct live gone = run->live[at];

	if (gone.order && !(r >> 20 & 7)) {
		gone.order--;
		run->live[at].order--;
		if (r >> 24 & 1)
			gone.pfn += 1ull << gone.order;
		else
			run->live[at].pfn += 1ull << gone.order;
	} else {
		run->live[at] = run->live[--run->live_count];
	}
	run_hold(run, gone.pfn, gone.order, false);
	run_expect(run, !page_free(run->fix.pa, gone.pfn, gone.order, cpu));
	/* A second free is refused. */
	run_expect(run, page_free(run->fix.pa, gone.pfn, gone.order, cpu) ==
			    ERR_USAGE);
}

/* Recorded mode in between: takes a range where it lies, or puts one back. */
static void run_range(struct run *run)
{
	uint64_t r = fixture_random(&run->random), count = 0, expected = 0;
	uint32_t order = (uint32_t)(r & 3);
	uint64_t pfn = (r >> 8) % run->frames & ~((1ull << order) - 1);
	int zone = page_zone_of(run->fix.pa, pfn);

	if (zone < 0 || order > run->fix.config.max_order ||
	    run->live_count + (1u << order) > LIVE_MAX ||
	    page_zone_of(run->fix.pa, pfn + (1ull << order) - 1) != zone)
		return;
	for (uint64_t i = 0; i < 1ull << order; i++) {
		uint64_t at = pfn + i;

		if (page_lookup(run->fix.pa, at, NULL, NULL) != PAGE_USE_FREE)
			continue;
		run_hold(run, at, 0, true);
		run->live[run->live_count].pfn = at;
		run->live[run->live_count++].order = 0;
		expected++;
	}
	run_expect(run,
		   !page_take(run->fix.pa, pfn, order, PAGE_UNMOVABLE, &count));
	run_expect(run, count == expected);
}

/* Free blocks per order as the largest aligned pieces of the free frames. */
static void run_compare(struct run *run, uint32_t zone_id)
{
	struct page_zone_info info = fixture_zone(&run->fix, zone_id);
	uint64_t blocks[PAGE_ORDERS] = {0}, held = 0, pcp = 0;
	uint64_t end = info.start_pfn + info.spanned;

	for (uint64_t pfn = info.start_pfn; pfn < end; pfn++) {
		enum page_use use = page_lookup(run->fix.pa, pfn, NULL, NULL);

		held += run->held[pfn];
		pcp += use == PAGE_USE_PCP;
		run_expect(run, run->held[pfn] == (use == PAGE_USE_IN_USE));
	}
	run_expect(run, pcp == info.pcp_pages);
	run_expect(run, held + pcp + info.free_pages == info.spanned);
	for (uint64_t pfn = info.start_pfn; pfn < end;) {
		uint32_t order = run->fix.config.max_order;
		bool fits = false;

		for (; !fits; order--) {
			uint64_t size = 1ull << order;

			fits = !(pfn & (size - 1)) && end - pfn >= size;
			for (uint64_t i = 0; fits && i < size; i++)
				fits = page_lookup(run->fix.pa, pfn + i, NULL,
						   NULL) == PAGE_USE_FREE;
			if (fits || !order)
				break;
		}
		if (fits)
			blocks[order]++;
		pfn += 1ull << order;
	}
	for (uint32_t order = 0; order < info.order_count; order++)
		run_expect(run, info.free_blocks_any[order] == blocks[order]);
}

static void run_end(struct run *run)
{
	struct page_zone_info info;

	while (run->live_count) {
		run->step++;
		run_free(run);
	}
	page_pcp_drain_all(run->fix.pa);
	fixture_check(&run->fix);
	/* Everything is free again: each zone is as large pieces as can be. */
	for (uint32_t i = 0; i < run->fix.config.zone_count; i++) {
		run_compare(run, i);
		info = fixture_zone(&run->fix, i);
		run_expect(run, info.free_pages == info.spanned);
	}
	free(run->held);
	fixture_free(&run->fix);
}

/*
 * Mostly allocations, then mostly frees, over and over, until so many blocks
 * were held against the map.
 */
static uint64_t run_random(struct run *run, uint64_t seed, uint64_t blocks)
{
	run->seed = seed;
	run->random = seed;
	run->frames = 0;
	for (uint32_t i = 0; i < run->fix.config.zone_count; i++) {
		uint64_t end =
		    run->fix.zones[i].start_pfn + run->fix.zones[i].spanned;

		if (end > run->frames)
			run->frames = end;
	}
	run->held = calloc(run->frames + 1, 1);
	expect_true(run->held);
	fixture_make(&run->fix);
	fixture_seed_all(&run->fix);
	for (run->step = 0; run->compared < blocks; run->step++) {
		uint64_t r = fixture_random(&run->random) % 100;
		uint64_t grow = run->step / 512 % 2 ? 35 : 65;

		if (r < 2)
			run_range(run);
		else if (r < 4)
			page_pcp_tick(run->fix.pa, (uint32_t)(r & 1));
		else if (run->live_count < LIVE_MAX &&
			 (r < grow || !run->live_count))
			run_alloc(run);
		else
			run_free(run);
		if (long_run_checks(run->step))
			fixture_check(&run->fix);
		if (run->step % 64 == 0) {
			for (uint32_t i = 0; i < run->fix.config.zone_count;
			     i++)
				run_compare(run, i);
		}
	}
	run_end(run);
	return run->digest;
}

/* Two nodes, every kind of zone, odd borders. */
static void fixture_many_zones(struct page_fixture *fix)
{
	static const struct page_zone_config zones[] = {
	    {.node = 0, .kind = PAGE_ZONE_DMA, .start_pfn = 1, .spanned = 63},
	    {.node = 0,
	     .kind = PAGE_ZONE_DMA32,
	     .start_pfn = 64,
	     .spanned = 448},
	    {.node = 0,
	     .kind = PAGE_ZONE_NORMAL,
	     .start_pfn = 512,
	     .spanned = 700},
	    {.node = 1,
	     .kind = PAGE_ZONE_MOVABLE,
	     .start_pfn = 2000,
	     .spanned = 177},
	    {.node = 1,
	     .kind = PAGE_ZONE_NORMAL,
	     .start_pfn = 1212,
	     .spanned = 788},
	    {.node = 1, .kind = PAGE_ZONE_HIGHMEM},
	};

	memcpy(fix->zones, zones, sizeof(zones));
	fix->config.zone_count = sizeof(zones) / sizeof(zones[0]);
	for (uint32_t i = 0; i < fix->config.zone_count; i++) {
		struct page_zone_config *zone = &fix->zones[i];

		zone->managed = zone->spanned;
		zone->wmark_min = zone->spanned / 64;
		zone->wmark_low = zone->spanned / 48;
		zone->wmark_high = zone->spanned / 32;
		for (int kind = (int)zone->kind + 1; kind < PAGE_ZONE_KINDS;
		     kind++)
			zone->lowmem_reserve[kind] = zone->spanned / 32;
	}
}

static void random_zones_and_versions(void **state)
{
	static struct run run;
	uint64_t blocks = long_run_part(long_run_steps(STEPS), 2);

	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		uint64_t compared = 0;
		char what[80];

		for (int pcp = 0; pcp < 2; pcp++) {
			memset(&run, 0, sizeof(run));
			fixture_init(&run.fix, 0);
			fixture_many_zones(&run.fix);
			run.fix.config.version = (enum page_version)version;
			run.fix.config.max_order = 8;
			run.fix.config.pageblock_order = 5;
			run.fix.config.watermark_boost_factor = 15000;
			run.fix.config.cpu_count = pcp ? 3 : 0;
			run.fix.config.thp_order = pcp ? 5 : 0;
			run.fix.cpu_node[1] = 1;
			for (uint32_t i = 0; i < run.fix.config.zone_count;
			     i++) {
				run.fix.zones[i].pcp_batch = 3;
				run.fix.zones[i].pcp_high_min = 12;
				run.fix.zones[i].pcp_high_max =
				    version < PAGE_VERSION_6_12 ? 12 : 40;
			}
			run_random(&run,
				   long_run_seed((unsigned int)version * 2u +
						 (unsigned int)pcp),
				   blocks);
			compared += run.compared;
		}
		snprintf(what, sizeof(what),
			 "page allocator %s with a map of frames",
			 version_names[version]);
		long_run_compared(what, compared);
	}
}

static void same_seed_same_result(void **state)
{
	static struct run run;
	uint64_t digests[3];

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		memset(&run, 0, sizeof(run));
		fixture_init(&run.fix, 0);
		fixture_many_zones(&run.fix);
		run.fix.config.max_order = 8;
		run.fix.config.pageblock_order = 6;
		digests[i] = run_random(&run, i == 2 ? 8 : 7, 4000);
	}
	expect_u64_eq(digests[1], digests[0]);
	expect_true(digests[2] != digests[0]);
}

/* Every max_order that is possible, pageblocks of one frame to all. */
static void random_max_orders(void **state)
{
	static struct run run;
	uint64_t blocks = long_run_part(long_run_steps(4 * STEPS), PAGE_ORDERS);
	uint64_t compared = 0;

	(void)state;
	for (uint32_t order = 0; order <= PAGE_ORDER_MAX; order++) {
		memset(&run, 0, sizeof(run));
		fixture_init(&run.fix, 1000);
		run.fix.config.version = (enum page_version)(order % 4);
		run.fix.config.max_order = order;
		run.fix.config.pageblock_order = order > 3 ? order - 3 : order;
		/* Small zones have a low end of high above its upper end. */
		run.fix.config.cpu_count = 2;
		run.fix.zones[0].pcp_batch = 2;
		run.fix.zones[0].pcp_high_min = 9;
		run.fix.zones[0].pcp_high_max = order & 4 ? 5 : 9;
		run_random(&run, long_run_seed(100 + order), blocks);
		compared += run.compared;
	}
	long_run_compared("page allocators of every largest order with a map "
			  "of frames",
			  compared);
}

/* ---- The naive buddy allocator ------------------------------------------ */

enum { NAIVE_ORDERS = 9, NAIVE_FRAMES = 1024 };

/* Lists of pfns, the head at 0; no migratetypes, no per-CPU lists. */
struct naive {
	uint64_t list[NAIVE_ORDERS][NAIVE_FRAMES];
	uint32_t count[NAIVE_ORDERS];
};

static void naive_insert(struct naive *naive, uint32_t order, uint64_t pfn,
			 bool to_tail)
{
	uint64_t *list = naive->list[order];

	if (to_tail) {
		list[naive->count[order]++] = pfn;
		return;
	}
	memmove(list + 1, list, naive->count[order]++ * sizeof(*list));
	list[0] = pfn;
}

static bool naive_find(const struct naive *naive, uint32_t order, uint64_t pfn,
		       uint32_t *at)
{
	for (uint32_t i = 0; i < naive->count[order]; i++) {
		if (naive->list[order][i] == pfn) {
			*at = i;
			return true;
		}
	}
	return false;
}

static void naive_remove(struct naive *naive, uint32_t order, uint32_t at)
{
	uint64_t *list = naive->list[order];

	naive->count[order]--;
	for (uint32_t i = at; i < naive->count[order]; i++)
		list[i] = list[i + 1];
}

static bool naive_alloc(struct naive *naive, uint32_t order, uint64_t *pfn)
{
	uint32_t from = order;

	while (from < NAIVE_ORDERS && !naive->count[from])
		from++;
	if (from == NAIVE_ORDERS)
		return false;
	*pfn = naive->list[from][0];
	naive_remove(naive, from, 0);
	while (from > order) {
		from--;
		naive_insert(naive, from, *pfn + (1ull << from), false);
	}
	return true;
}

static void naive_free(struct naive *naive, uint32_t order, uint64_t pfn)
{
	uint32_t at;
	bool to_tail;

	while (order < NAIVE_ORDERS - 1 &&
	       naive_find(naive, order, pfn ^ 1ull << order, &at)) {
		naive_remove(naive, order, at);
		pfn &= ~(1ull << order++);
	}
	/* The buddy of what would come of the next merge is free. */
	to_tail = order < NAIVE_ORDERS - 2 &&
		  naive_find(naive, order + 1,
			     (pfn & ~(1ull << order)) ^ 2ull << order, &at);
	naive_insert(naive, order, pfn, to_tail);
}

/* Of one type and with no lists of CPUs all versions do the same. */
static void naive_run(enum page_version version, uint64_t seed, uint64_t ops)
{
	static struct naive naive;
	static struct live live[NAIVE_FRAMES];
	struct page_fixture fix;
	uint64_t random = seed;
	uint32_t count = 0;

	memset(&naive, 0, sizeof(naive));
	fixture_init(&fix, NAIVE_FRAMES);
	fix.config.version = version;
	fix.config.max_order = NAIVE_ORDERS - 1;
	fix.config.pageblock_order = NAIVE_ORDERS - 1;
	fixture_make(&fix);
	fixture_seed_all(&fix);
	for (uint64_t pfn = 0; pfn < NAIVE_FRAMES; pfn += 1u << 8)
		naive_insert(&naive, 8, pfn, true);
	for (uint64_t step = 0; step < ops; step++) {
		uint64_t r = fixture_random(&random), got = 0, want = 0;
		uint64_t grow = step / 1024 % 2 ? 45 : 55;

		if (count && r % 100 >= grow) {
			uint32_t at = (uint32_t)(r >> 8) % count;

			expect_i64_eq(
			    page_free(fix.pa, live[at].pfn, live[at].order, 0),
			    0);
			naive_free(&naive, live[at].order, live[at].pfn);
			live[at] = live[--count];
		} else {
			uint32_t order =
			    (uint32_t)__builtin_ctzll(r >> 8 | 1u << 8);
			struct page_request req = fixture_request(order);
			int rc = page_alloc_pages(fix.pa, &req, &got);

			expect_true((rc == 0) ==
				    naive_alloc(&naive, order, &want));
			expect_u64_eq(got, want);
			if (!rc) {
				live[count].pfn = got;
				live[count++].order = order;
			}
		}
		if (long_run_checks(step))
			fixture_check(&fix);
	}
	fixture_free(&fix);
}

static void same_pfns_as_naive(void **state)
{
	uint64_t ops = long_run_steps(STEPS);
	char what[80];

	(void)state;
	for (unsigned int version = 0; version < PAGE_VERSIONS; version++) {
		naive_run((enum page_version)version,
			  long_run_seed(200 + version), ops);
		snprintf(what, sizeof(what),
			 "page allocator %s with a naive buddy",
			 version_names[version]);
		long_run_compared(what, ops);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_zones_and_versions),
	    cmocka_unit_test(same_seed_same_result),
	    cmocka_unit_test(random_max_orders),
	    cmocka_unit_test(same_pfns_as_naive),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
