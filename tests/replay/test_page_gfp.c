/*
 * What a gfp mask asks for, with the kernel's masks.
 */
#include "replay/page_gfp.h"

#include "tests/replay/page_fixture.h"

static const struct gfp_bits bits = {
#define X(field, name, value) .field = value,
    GFP_TABLE(X)
#undef X
};

static void gfp_flags(void **state)
{
	const uint32_t kernel =
	    bits.direct_reclaim | bits.kswapd_reclaim | bits.io | bits.fs;
	const uint32_t atomic = bits.high | bits.kswapd_reclaim;
	struct page_fixture fix;
	struct page_request req = {0};

	(void)state;
	fixture_numa(&fix);
	page_gfp_request(fix.pa, &bits, kernel, &req);
	expect_i64_eq(req.migratetype, PAGE_UNMOVABLE);
	expect_i64_eq(req.zone, PAGE_ZONE_NORMAL);
	expect_u64_eq(req.flags, 0);
	page_gfp_request(fix.pa, &bits, atomic | bits.reclaimable, &req);
	expect_i64_eq(req.migratetype, PAGE_RECLAIMABLE);
	expect_u64_eq(req.flags,
		      PAGE_REQ_HIGH | PAGE_REQ_NONBLOCK | PAGE_REQ_NOIO);
	page_gfp_request(fix.pa, &bits, kernel | bits.highmem | bits.movable,
			 &req);
	expect_i64_eq(req.migratetype, PAGE_MOVABLE);
	expect_i64_eq(req.zone, PAGE_ZONE_MOVABLE);
	/* Not built: HighMem. */
	expect_i64_eq(page_gfp_zone(fix.pa, &bits, kernel | bits.highmem),
		      PAGE_ZONE_NORMAL);
	expect_i64_eq(page_gfp_zone(fix.pa, &bits, bits.dma), PAGE_ZONE_DMA);
	expect_i64_eq(page_gfp_zone(fix.pa, &bits, bits.dma32 | bits.movable),
		      PAGE_ZONE_DMA32);
	page_gfp_request(
	    fix.pa, &bits,
	    kernel | bits.memalloc | bits.nomemalloc | bits.thisnode, &req);
	expect_u64_eq(req.flags, PAGE_REQ_MEMALLOC | PAGE_REQ_NOMEMALLOC |
				     PAGE_REQ_THISNODE);
	page_gfp_request(fix.pa, &bits,
			 bits.direct_reclaim | bits.io | bits.noretry |
			     bits.retry_mayfail | bits.nofail,
			 &req);
	expect_u64_eq(req.flags, PAGE_REQ_NORETRY | PAGE_REQ_RETRY_MAYFAIL |
				     PAGE_REQ_NOFAIL | PAGE_REQ_NOKSWAPD);
	fixture_free(&fix);
}

/*
 * Who may not reclaim does not, whether __GFP_ATOMIC makes it urgent or not; it
 * is a flag of its own, and none with direct reclaim.
 */
static void atomic_is_not_the_lack_of_reclaim(void **state)
{
	(void)state;
	for (int version = 0; version < PAGE_VERSIONS; version++) {
		struct page_fixture fix;
		struct page_request req = {0};

		fixture_init(&fix, 64);
		fix.config.version = (enum page_version)version;
		fixture_make(&fix);
		page_gfp_request(fix.pa, &bits, bits.kswapd_reclaim, &req);
		expect_u64_eq(req.flags, PAGE_REQ_NONBLOCK | PAGE_REQ_NOIO);
		page_gfp_request(fix.pa, &bits,
				 bits.kswapd_reclaim | bits.atomic, &req);
		expect_u64_eq(req.flags, PAGE_REQ_NONBLOCK | PAGE_REQ_HARDER |
					     PAGE_REQ_NOIO);
		page_gfp_request(fix.pa, &bits,
				 bits.kswapd_reclaim | bits.atomic |
				     bits.direct_reclaim,
				 &req);
		expect_u64_eq(req.flags, PAGE_REQ_NOIO);
		fixture_free(&fix);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(gfp_flags),
	    cmocka_unit_test(atomic_is_not_the_lack_of_reclaim),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
