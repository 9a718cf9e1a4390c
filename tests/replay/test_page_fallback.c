/*
 * Fallback cases small enough to be worked out by hand: 128 frames, pageblocks
 * of 8 (order 3) or 64 frames, only what is named is free.
 */
#include "tests/replay/page_fixture.h"

static void fixture_small(struct page_fixture *fix, enum page_version version,
			  uint32_t pageblock_order)
{
	fixture_init(fix, 128);
	fix->config.version = version;
	fix->config.max_order = 6;
	fix->config.pageblock_order = pageblock_order;
	fixture_make(fix);
}

static void seed(struct page_fixture *fix, uint64_t pfn, uint32_t order)
{
	expect_i64_eq(
	    page_alloc_seed_free(fix->pa, pfn, order, PAGE_TYPE_OF_BLOCK), 0);
}

static void set_type(struct page_fixture *fix, uint64_t pfn, int type)
{
	expect_i64_eq(page_block_set_type(fix->pa, pfn, type, false), 0);
}

static uint64_t alloc_type(struct page_fixture *fix, uint32_t order,
			   enum page_migratetype type)
{
	struct page_request req = fixture_request(order);
	uint64_t pfn;

	req.migratetype = type;
	pfn = fixture_alloc(fix, req);
	fixture_check(fix);
	return pfn;
}

/* Orders from a pageblock up change hands at once, in all versions. */
static void whole_pageblocks_are_claimed(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		struct page_fixture fix;
		struct page_zone_info info;

		fixture_small(&fix, (enum page_version)version, 3);
		seed(&fix, 32, 4);
		seed(&fix, 64, 3);
		expect_u64_eq(alloc_type(&fix, 0, PAGE_UNMOVABLE), 32);
		expect_i64_eq(page_block_type(fix.pa, 32), PAGE_UNMOVABLE);
		expect_i64_eq(page_block_type(fix.pa, 40), PAGE_UNMOVABLE);
		expect_i64_eq(page_block_type(fix.pa, 64), PAGE_MOVABLE);
		info = fixture_zone(&fix, 0);
		for (int order = 0; order < 4; order++)
			expect_u64_eq(info.free_blocks[PAGE_UNMOVABLE][order],
				      1);
		expect_u64_eq(info.free_blocks[PAGE_MOVABLE][3], 1);
		expect_u64_eq(page_alloc_counters(fix.pa)->fallbacks, 1);
		expect_u64_eq(page_alloc_counters(fix.pa)->claims, 1);
		fixture_free(&fix);
	}
}

/*
 * 2 of 8 frames are free, 6 in use are movable: too little to be claimed. The
 * old rule moves the 2 all the same, the new one leaves the second behind.
 */
static void poor_pageblocks_keep_their_type(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		bool old = version < PAGE_VERSION_6_12;
		struct page_fixture fix;
		struct page_zone_info info;

		fixture_small(&fix, (enum page_version)version, 3);
		seed(&fix, 6, 1);
		expect_u64_eq(alloc_type(&fix, 0, PAGE_UNMOVABLE), 6);
		info = fixture_zone(&fix, 0);
		expect_u64_eq(info.free_blocks[PAGE_UNMOVABLE][0], old);
		expect_u64_eq(info.free_blocks[PAGE_MOVABLE][0], !old);
		expect_i64_eq(page_block_type(fix.pa, 6), PAGE_MOVABLE);
		expect_u64_eq(page_alloc_counters(fix.pa)->fallbacks, 1);
		expect_u64_eq(page_alloc_counters(fix.pa)->claims, 0);
		fixture_free(&fix);
	}
}

/* Free and alike together are half of the pageblock: it changes hands. */
static void alike_frames_count(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		struct page_fixture fix;

		fixture_small(&fix, (enum page_version)version, 3);
		/* Two frames in use that are not movable, two free. */
		seed(&fix, 0, 2);
		expect_u64_eq(alloc_type(&fix, 2, PAGE_UNMOVABLE), 0);
		set_type(&fix, 0, PAGE_MOVABLE);
		expect_i64_eq(page_free(fix.pa, 0, 1, 0), 0);
		expect_u64_eq(
		    fixture_zone(&fix, 0).free_blocks[PAGE_MOVABLE][1], 1);
		expect_u64_eq(alloc_type(&fix, 1, PAGE_RECLAIMABLE), 0);
		expect_i64_eq(page_block_type(fix.pa, 0), PAGE_RECLAIMABLE);
		fixture_free(&fix);
	}
}

/*
 * A movable request that cannot claim a pageblock takes the smallest block
 * that fits, not the largest.
 */
static void movable_takes_the_smallest(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		struct page_fixture fix;
		struct page_zone_info info;

		fixture_small(&fix, (enum page_version)version, 6);
		set_type(&fix, 0, PAGE_UNMOVABLE);
		set_type(&fix, 64, PAGE_UNMOVABLE);
		seed(&fix, 4, 2);
		seed(&fix, 66, 1);
		expect_u64_eq(alloc_type(&fix, 0, PAGE_MOVABLE), 66);
		info = fixture_zone(&fix, 0);
		expect_u64_eq(info.free_blocks[PAGE_UNMOVABLE][2], 1);
		/* The old rule took all of the block, the new one a page. */
		expect_u64_eq(info.free_blocks[PAGE_MOVABLE][0],
			      version < PAGE_VERSION_6_12);
		expect_u64_eq(info.free_blocks[PAGE_UNMOVABLE][0],
			      version >= PAGE_VERSION_6_12);
		fixture_free(&fix);
	}
}

/* Unmovable looks at reclaimable first, and at the largest order first. */
static void order_of_search(void **state)
{
	struct page_fixture fix;

	(void)state;
	fixture_small(&fix, PAGE_VERSION_6_1, 3);
	set_type(&fix, 16, PAGE_RECLAIMABLE);
	seed(&fix, 16, 2);
	seed(&fix, 32, 2);
	expect_u64_eq(alloc_type(&fix, 1, PAGE_UNMOVABLE), 16);
	fixture_free(&fix);
	fixture_small(&fix, PAGE_VERSION_6_1, 3);
	set_type(&fix, 16, PAGE_RECLAIMABLE);
	seed(&fix, 16, 1);
	seed(&fix, 32, 2);
	expect_u64_eq(alloc_type(&fix, 1, PAGE_UNMOVABLE), 32);
	fixture_free(&fix);
}

/* Normal leaves its pageblocks alone as long as DMA32 can serve. */
static void normal_spares_its_pageblocks(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		struct page_fixture fix;
		struct page_request req = fixture_request(0);

		fixture_init(&fix, 128);
		fix.config.version = (enum page_version)version;
		fix.config.max_order = 6;
		fix.config.pageblock_order = 6;
		fix.zones[1] = fix.zones[0];
		fix.zones[1].kind = PAGE_ZONE_DMA32;
		fix.zones[1].start_pfn = 128;
		fix.config.zone_count = 2;
		fixture_make(&fix);
		seed(&fix, 8, 2);
		seed(&fix, 136, 0);
		set_type(&fix, 128, PAGE_UNMOVABLE);
		expect_i64_eq(
		    page_alloc_seed_free(fix.pa, 138, 0, PAGE_UNMOVABLE), 0);
		req.migratetype = PAGE_UNMOVABLE;
		expect_u64_eq(fixture_alloc(&fix, req), 138);
		/* Then nothing is left but to fall back, at home. */
		expect_u64_eq(fixture_alloc(&fix, req), 8);
		fixture_check(&fix);
		expect_u64_eq(page_alloc_counters(fix.pa)->slow, 0);
		fixture_free(&fix);
	}
}

/* To fall back at home is better than to be served by another node. */
static void home_is_better_than_whole(void **state)
{
	struct page_fixture fix;
	struct page_request req = fixture_request(0);

	(void)state;
	fixture_init(&fix, 128);
	fix.config.max_order = 6;
	fix.config.pageblock_order = 6;
	fix.zones[1] = fix.zones[0];
	fix.zones[1].kind = PAGE_ZONE_DMA32;
	fix.zones[1].start_pfn = 128;
	fix.zones[2] = fix.zones[0];
	fix.zones[2].node = 1;
	fix.zones[2].start_pfn = 256;
	fix.config.zone_count = 3;
	fixture_make(&fix);
	seed(&fix, 8, 2);
	expect_i64_eq(page_alloc_seed_free(fix.pa, 256, 2, PAGE_UNMOVABLE), 0);
	req.migratetype = PAGE_UNMOVABLE;
	expect_u64_eq(fixture_alloc(&fix, req), 8);
	expect_u64_eq(page_alloc_counters(fix.pa)->remote, 0);
	fixture_free(&fix);
}

/*
 * A movable request may claim from half a pageblock's order up, so the largest
 * block comes first; in the new way only if the pageblock can be had.
 */
static void movable_claims_large_blocks(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		struct page_fixture fix;

		fixture_small(&fix, (enum page_version)version, 6);
		set_type(&fix, 0, PAGE_UNMOVABLE);
		set_type(&fix, 64, PAGE_UNMOVABLE);
		seed(&fix, 8, 3);
		seed(&fix, 66, 0);
		expect_u64_eq(alloc_type(&fix, 0, PAGE_MOVABLE),
			      version < PAGE_VERSION_6_12 ? 8 : 66);
		fixture_free(&fix);
	}
}

/* Four single pages are half of a pageblock: all of them come along. */
static void unmovable_claims_small_blocks(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		struct page_fixture fix;

		fixture_small(&fix, (enum page_version)version, 3);
		for (uint64_t pfn = 0; pfn < 8; pfn += 2)
			seed(&fix, pfn, 0);
		expect_u64_eq(alloc_type(&fix, 0, PAGE_UNMOVABLE), 0);
		expect_u64_eq(
		    fixture_zone(&fix, 0).free_blocks[PAGE_UNMOVABLE][0], 3);
		expect_i64_eq(page_block_type(fix.pa, 0), PAGE_UNMOVABLE);
		fixture_free(&fix);
	}
}

/* For a movable request, what movable requests hold is alike. */
static void movable_frames_count(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		struct page_fixture fix;

		fixture_small(&fix, (enum page_version)version, 3);
		seed(&fix, 0, 2);
		expect_u64_eq(alloc_type(&fix, 2, PAGE_MOVABLE), 0);
		set_type(&fix, 0, PAGE_UNMOVABLE);
		seed(&fix, 4, 1);
		expect_u64_eq(alloc_type(&fix, 0, PAGE_MOVABLE), 4);
		expect_i64_eq(page_block_type(fix.pa, 4), PAGE_MOVABLE);
		fixture_free(&fix);
	}
}

/* A recorded owner's type counts just as a request's. */
static void taken_frames_count(void **state)
{
	(void)state;
	for (int owner = PAGE_UNMOVABLE; owner <= PAGE_MOVABLE; owner++) {
		struct page_fixture fix;
		uint64_t taken;

		fixture_small(&fix, PAGE_VERSION_6_1, 3);
		seed(&fix, 0, 2);
		expect_i64_eq(page_take(fix.pa, 0, 1, owner, &taken), 0);
		expect_u64_eq(taken, 2);
		expect_u64_eq(alloc_type(&fix, 1, PAGE_RECLAIMABLE), 2);
		expect_i64_eq(page_block_type(fix.pa, 0),
			      owner == PAGE_MOVABLE ? PAGE_MOVABLE
						    : PAGE_RECLAIMABLE);
		fixture_free(&fix);
	}
}

/* A refill that had to steal goes on stealing: the search is made once. */
static void a_refill_remembers(void **state)
{
	struct page_fixture fix;

	(void)state;
	fixture_init(&fix, 128);
	fix.config.version = PAGE_VERSION_6_12;
	fix.config.max_order = 6;
	fix.config.pageblock_order = 4;
	fix.config.watermark_boost_factor = 15000;
	fix.config.slow = &fixture_no_kswapd;
	fix.config.cpu_count = 1;
	fix.zones[0].wmark_high = 1;
	fix.zones[0].pcp_batch = 4;
	fix.zones[0].pcp_high_min = fix.zones[0].pcp_high_max = 16;
	fixture_make(&fix);
	seed(&fix, 4, 2);
	expect_u64_eq(alloc_type(&fix, 0, PAGE_UNMOVABLE), 4);
	expect_u64_eq(page_pcp_count(fix.pa, 0, 0), 3);
	expect_u64_eq(page_alloc_counters(fix.pa)->fallbacks, 4);
	expect_u64_eq(page_alloc_counters(fix.pa)->boosts, 1);
	fixture_free(&fix);
}

static void fallback_boosts_watermarks(void **state)
{
	struct page_fixture fix;

	(void)state;
	fixture_init(&fix, 128);
	fix.config.max_order = 6;
	fix.config.pageblock_order = 3;
	fix.config.watermark_boost_factor = 15000;
	fix.config.slow = &fixture_no_kswapd;
	fix.zones[0].wmark_high = 10;
	fixture_make(&fix);
	seed(&fix, 6, 1);
	seed(&fix, 14, 1);
	alloc_type(&fix, 1, PAGE_UNMOVABLE);
	expect_u64_eq(fixture_zone(&fix, 0).boost, 8);
	alloc_type(&fix, 1, PAGE_UNMOVABLE);
	/* 1.5 times high is the most. */
	expect_u64_eq(fixture_zone(&fix, 0).boost, 15);
	expect_u64_eq(page_alloc_counters(fix.pa)->boosts, 2);
	fixture_free(&fix);
	/* But never less than one pageblock. */
	fixture_init(&fix, 128);
	fix.config.max_order = 6;
	fix.config.pageblock_order = 3;
	fix.config.watermark_boost_factor = 15000;
	fix.config.slow = &fixture_no_kswapd;
	fix.zones[0].wmark_high = 4;
	fixture_make(&fix);
	seed(&fix, 6, 1);
	seed(&fix, 14, 1);
	alloc_type(&fix, 1, PAGE_UNMOVABLE);
	alloc_type(&fix, 1, PAGE_UNMOVABLE);
	expect_u64_eq(fixture_zone(&fix, 0).boost, 8);
	fixture_free(&fix);
	/* Not in a zone of less than four pageblocks. */
	fixture_init(&fix, 128);
	fix.config.pageblock_order = 6;
	fix.config.watermark_boost_factor = 15000;
	fix.config.slow = &fixture_no_kswapd;
	fix.zones[0].wmark_high = 10;
	fixture_make(&fix);
	seed(&fix, 6, 1);
	alloc_type(&fix, 1, PAGE_UNMOVABLE);
	expect_u64_eq(fixture_zone(&fix, 0).boost, 0);
	fixture_free(&fix);
}

/*
 * A machine too small for it asks for one type only: its pageblocks, movable
 * since boot, are claimed one after the other, and none becomes movable again.
 */
static void without_grouping(void **state)
{
	struct page_fixture fix;
	uint64_t pfn;

	(void)state;
	fixture_init(&fix, 1024);
	fix.config.group_by_mobility = false;
	fixture_make(&fix);
	fixture_seed_all(&fix);
	expect_i64_eq(page_block_type(fix.pa, 0), PAGE_MOVABLE);
	pfn = alloc_type(&fix, 2, PAGE_MOVABLE);
	expect_u64_eq(page_alloc_counters(fix.pa)->fallbacks, 1);
	expect_i64_eq(page_block_type(fix.pa, pfn), PAGE_UNMOVABLE);
	alloc_type(&fix, 2, PAGE_RECLAIMABLE);
	expect_u64_eq(page_alloc_counters(fix.pa)->fallbacks, 1);
	fixture_free(&fix);
}

/* Reserved pageblocks do not merge with others; the last resort opens them. */
static void highatomic_stays_apart(void **state)
{
	struct page_request req = fixture_request(3);
	struct page_fixture fix;
	uint64_t pfn;

	(void)state;
	fixture_small(&fix, PAGE_VERSION_6_1, 3);
	set_type(&fix, 0, PAGE_HIGHATOMIC);
	seed(&fix, 0, 3);
	seed(&fix, 8, 3);
	fixture_check(&fix);
	expect_u64_eq(fixture_zone(&fix, 0).free_blocks[PAGE_HIGHATOMIC][3], 1);
	expect_u64_eq(fixture_alloc(&fix, req), 8);
	expect_u64_eq(page_alloc_counters(fix.pa)->below_min, 0);
	expect_u64_eq(fixture_alloc(&fix, req), 0);
	expect_u64_eq(page_alloc_counters(fix.pa)->highatomic_unreserved, 1);
	expect_i64_eq(page_block_type(fix.pa, 0), PAGE_MOVABLE);
	expect_i64_eq(page_alloc_pages(fix.pa, &req, &pfn), ERR_NOMEM);
	fixture_check(&fix);
	fixture_free(&fix);
	/* A page of one on an ordinary list is taken, the pageblock is not. */
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		fixture_small(&fix, (enum page_version)version, 3);
		set_type(&fix, 0, PAGE_HIGHATOMIC);
		expect_i64_eq(page_alloc_seed_free(fix.pa, 0, 2, PAGE_MOVABLE),
			      0);
		expect_u64_eq(alloc_type(&fix, 0, PAGE_UNMOVABLE), 0);
		expect_i64_eq(page_block_type(fix.pa, 0), PAGE_HIGHATOMIC);
		fixture_free(&fix);
	}
	/* 5.15 looked at isolated pageblocks only. */
	fixture_small(&fix, PAGE_VERSION_5_15, 3);
	set_type(&fix, 0, PAGE_HIGHATOMIC);
	seed(&fix, 0, 3);
	seed(&fix, 8, 3);
	expect_u64_eq(fixture_zone(&fix, 0).free_blocks[PAGE_MOVABLE][4], 1);
	fixture_free(&fix);
}

/* From 6.10 on a merge of two pageblocks makes them one type. */
static void merges_of_pageblocks(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		bool retypes = version >= PAGE_VERSION_6_12;
		struct page_fixture fix;
		struct page_zone_info info;

		fixture_small(&fix, (enum page_version)version, 3);
		set_type(&fix, 0, PAGE_UNMOVABLE);
		seed(&fix, 0, 3);
		seed(&fix, 8, 3);
		fixture_check(&fix);
		info = fixture_zone(&fix, 0);
		expect_u64_eq(info.free_blocks[PAGE_MOVABLE][4], 1);
		expect_i64_eq(page_block_type(fix.pa, 0),
			      retypes ? PAGE_MOVABLE : PAGE_UNMOVABLE);
		fixture_free(&fix);
	}
}

/*
 * A block of several pageblocks: freed under the first one's type up to 6.9,
 * then piece by piece, where the last one's type wins by merging.
 */
static void frees_of_several_pageblocks(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		bool pieces = version >= PAGE_VERSION_6_12;
		struct page_fixture fix;
		struct page_zone_info info;

		fixture_small(&fix, (enum page_version)version, 3);
		set_type(&fix, 0, PAGE_UNMOVABLE);
		expect_i64_eq(page_free(fix.pa, 0, 4, 0), 0);
		fixture_check(&fix);
		info = fixture_zone(&fix, 0);
		expect_u64_eq(info.free_blocks[PAGE_UNMOVABLE][4], !pieces);
		expect_u64_eq(info.free_blocks[PAGE_MOVABLE][4], pieces);
		fixture_free(&fix);
	}
}

/*
 * What an event tells of a fallback, in 6.1: all that is free in the pageblock
 * changes lists, or of a small block for movable pages that block alone.
 */
static void recorded_steals(void **state)
{
	struct page_fixture fix;

	(void)state;
	fixture_small(&fix, PAGE_VERSION_6_1, 6);
	seed(&fix, 0, 1);
	seed(&fix, 8, 2);
	seed(&fix, 64, 1);
	expect_i64_eq(page_fell_back(fix.pa, 8, 2, PAGE_UNMOVABLE, false), 0);
	expect_u64_eq(fixture_zone(&fix, 0).free_blocks[PAGE_UNMOVABLE][2], 1);
	expect_u64_eq(fixture_zone(&fix, 0).free_blocks[PAGE_UNMOVABLE][1], 1);
	expect_u64_eq(fixture_zone(&fix, 0).free_blocks[PAGE_MOVABLE][1], 1);
	expect_i64_eq(page_block_type(fix.pa, 8), PAGE_MOVABLE);
	expect_i64_eq(page_fell_back(fix.pa, 8, 2, PAGE_RECLAIMABLE, true), 0);
	expect_i64_eq(page_block_type(fix.pa, 8), PAGE_RECLAIMABLE);
	expect_i64_eq(page_block_type(fix.pa, 64), PAGE_MOVABLE);
	expect_i64_eq(page_fell_back(fix.pa, 8, 2, PAGE_MOVABLE, false), 0);
	expect_u64_eq(fixture_zone(&fix, 0).free_blocks[PAGE_MOVABLE][2], 1);
	expect_u64_eq(fixture_zone(&fix, 0).free_blocks[PAGE_RECLAIMABLE][1],
		      1);
	/* Nothing is free there, or as a block of that size. */
	expect_i64_eq(page_fell_back(fix.pa, 16, 1, PAGE_MOVABLE, false), 0);
	expect_i64_eq(page_fell_back(fix.pa, 8, 1, PAGE_MOVABLE, false), 0);
	expect_u64_eq(page_free_total(fix.pa), 8);
	fixture_check(&fix);
	expect_i64_eq(page_fell_back(fix.pa, 8, 2, PAGE_CMA, false), ERR_USAGE);
	expect_i64_eq(page_fell_back(fix.pa, 8, 2, -1, false), ERR_USAGE);
	expect_i64_eq(page_fell_back(fix.pa, 9, 2, 0, false), ERR_USAGE);
	expect_i64_eq(page_fell_back(fix.pa, 128, 0, 0, false), ERR_USAGE);
	expect_i64_eq(page_fell_back(fix.pa, 0, 7, 0, false), ERR_USAGE);
	fixture_free(&fix);
}

/* Later nothing moves unless the pageblock is claimed; whole ones go at once. */
static void recorded_claims(void **state)
{
	struct page_fixture fix;

	(void)state;
	fixture_small(&fix, PAGE_VERSION_6_12, 3);
	seed(&fix, 0, 1);
	seed(&fix, 4, 2);
	seed(&fix, 64, 5);
	expect_i64_eq(page_fell_back(fix.pa, 4, 2, PAGE_UNMOVABLE, false), 0);
	expect_u64_eq(fixture_zone(&fix, 0).free_blocks[PAGE_UNMOVABLE][2], 0);
	expect_i64_eq(page_fell_back(fix.pa, 4, 2, PAGE_UNMOVABLE, true), 0);
	expect_u64_eq(fixture_zone(&fix, 0).free_blocks[PAGE_UNMOVABLE][2], 1);
	expect_u64_eq(fixture_zone(&fix, 0).free_blocks[PAGE_UNMOVABLE][1], 1);
	expect_i64_eq(page_fell_back(fix.pa, 64, 5, PAGE_UNMOVABLE, true), 0);
	for (uint64_t pfn = 64; pfn < 96; pfn += 8)
		expect_i64_eq(page_block_type(fix.pa, pfn), PAGE_UNMOVABLE);
	expect_i64_eq(page_block_type(fix.pa, 96), PAGE_MOVABLE);
	fixture_check(&fix);
	fixture_free(&fix);
}

/* fallbacks[][] of every version, from the first row to the last. */
static void whose_lists_come_first(void **state)
{
	static const enum page_migratetype order[PAGE_PCPTYPES][2] = {
	    [PAGE_UNMOVABLE] = {PAGE_RECLAIMABLE, PAGE_MOVABLE},
	    [PAGE_MOVABLE] = {PAGE_RECLAIMABLE, PAGE_UNMOVABLE},
	    [PAGE_RECLAIMABLE] = {PAGE_UNMOVABLE, PAGE_MOVABLE},
	};

	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		for (int type = 0; type < PAGE_PCPTYPES; type++) {
			struct page_fixture fix;

			fixture_small(&fix, (enum page_version)version, 3);
			for (int i = 0; i < 2; i++) {
				set_type(&fix, 16u * (unsigned int)i,
					 (int)order[type][i]);
				seed(&fix, 16u * (unsigned int)i, 3);
			}
			for (uint64_t i = 0; i < 2; i++)
				expect_u64_eq(
				    alloc_type(&fix, 3,
					       (enum page_migratetype)type),
				    16 * i);
			fixture_free(&fix);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(whole_pageblocks_are_claimed),
	    cmocka_unit_test(poor_pageblocks_keep_their_type),
	    cmocka_unit_test(alike_frames_count),
	    cmocka_unit_test(movable_takes_the_smallest),
	    cmocka_unit_test(order_of_search),
	    cmocka_unit_test(normal_spares_its_pageblocks),
	    cmocka_unit_test(fallback_boosts_watermarks),
	    cmocka_unit_test(without_grouping),
	    cmocka_unit_test(highatomic_stays_apart),
	    cmocka_unit_test(merges_of_pageblocks),
	    cmocka_unit_test(home_is_better_than_whole),
	    cmocka_unit_test(movable_claims_large_blocks),
	    cmocka_unit_test(unmovable_claims_small_blocks),
	    cmocka_unit_test(movable_frames_count),
	    cmocka_unit_test(taken_frames_count),
	    cmocka_unit_test(a_refill_remembers),
	    cmocka_unit_test(frees_of_several_pageblocks),
	    cmocka_unit_test(recorded_steals),
	    cmocka_unit_test(recorded_claims),
	    cmocka_unit_test(whose_lists_come_first),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
