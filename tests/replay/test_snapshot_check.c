/*
 * Snapshots that agree, and each way in which they can fail to.
 */
#include "replay/snapshot_check.h"

#include <string.h>

#include "tests/support/test.h"

enum { PAGES = 65536, FREE = 4096 };

/* One zone of PAGES pages, FREE of them free; the caller owns it all. */
struct bed {
	struct snapshot snapshot;
	struct snapshot_zone zones[2];
	struct snapshot_block blocks[4];
	struct snapshot_cache caches[1];
};

static void bed_make(struct bed *bed)
{
	memset(bed, 0, sizeof(*bed));
	bed->snapshot = (struct snapshot){
	    .parts = SNAPSHOT_ZONEINFO | SNAPSHOT_BUDDYINFO |
		     SNAPSHOT_PAGETYPEINFO | SNAPSHOT_KPAGEFLAGS |
		     SNAPSHOT_SLABINFO,
	    .order_count = 11,
	    .migratetype_count = 2,
	    .zones = bed->zones,
	    .zone_count = 1,
	    .blocks = bed->blocks,
	    .block_count = 4,
	    .kpageflags_pages = 1024 + PAGES,
	    .slab_pages = 800,
	    .caches = bed->caches,
	    .cache_count = 1,
	};
	bed->zones[0] = (struct snapshot_zone){.name = "Normal",
					       .start_pfn = 1024,
					       .spanned = PAGES,
					       .managed = PAGES,
					       .free = FREE};
	bed->zones[0].free_blocks[10] = FREE / 1024;
	bed->zones[0].free_by_type[1][10] = FREE / 1024;
	for (int i = 0; i < 4; i++)
		bed->blocks[i] = (struct snapshot_block){
		    .pfn = 1024 * (uint64_t)(i + 1), .order = 10};
	bed->caches[0] =
	    (struct snapshot_cache){.name = "a", .num_slabs = 400, .order = 1};
}

static void expect_agrees(const struct bed *bed)
{
	char why[SNAPSHOT_WHY_MAX];

	expect_true(snapshot_agrees(&bed->snapshot, why));
	expect_str_eq(why, "");
}

static void expect_not(const struct bed *bed, const char *wanted)
{
	char why[SNAPSHOT_WHY_MAX];

	expect_true(!snapshot_agrees(&bed->snapshot, why));
	expect_str_eq(why, wanted);
}

static void test_agrees(void **state)
{
	struct bed bed;

	(void)state;
	bed_make(&bed);
	expect_agrees(&bed);
	/* What changes while files are read is no contradiction... */
	bed.zones[0].free += PAGES / 64;
	expect_agrees(&bed);
	/* ... and a file that is not there contradicts nothing. */
	bed.snapshot.parts = SNAPSHOT_BUDDYINFO | SNAPSHOT_SLABINFO;
	bed.zones[0].free_blocks[10] = 60;
	expect_agrees(&bed);
}

static void test_free_pages(void **state)
{
	struct bed bed;

	(void)state;
	bed_make(&bed);
	bed.zones[0].free_blocks[0] = PAGES / 64 + 1;
	expect_not(&bed, "buddyinfo has 5121 free pages and zoneinfo 4096: "
			 "they are not of one moment");
	bed_make(&bed);
	bed.zones[0].free_by_type[0][9] = 4;
	expect_not(&bed, "pagetypeinfo has 6144 free pages and zoneinfo 4096: "
			 "they are not of one moment");
	bed_make(&bed);
	bed.snapshot.block_count = 2;
	expect_not(&bed, "kpageflags has 2048 free pages and zoneinfo 4096: "
			 "they are not of one moment");
}

static void test_slab_pages(void **state)
{
	struct bed bed;

	(void)state;
	bed_make(&bed);
	bed.caches[0].num_slabs = 2000;
	expect_not(&bed, "slabinfo has 4000 pages of slabs and kpageflags 800: "
			 "they are not of one moment");
	/* SLOB's slabinfo counts none. */
	bed.caches[0].num_slabs = UINT64_MAX;
	expect_agrees(&bed);
}

static void test_other_size(void **state)
{
	struct bed bed;

	(void)state;
	bed_make(&bed);
	bed.snapshot.kpageflags_pages = PAGES;
	expect_not(&bed, "kpageflags covers 65536 pages and zoneinfo has zones "
			 "up to page 66560: another machine");
}

static void test_same_machine(void **state)
{
	char why[SNAPSHOT_WHY_MAX];
	struct bed before, after;

	(void)state;
	bed_make(&before);
	bed_make(&after);
	after.zones[0].managed = PAGES / 2;
	expect_true(
	    snapshot_same_machine(&before.snapshot, &after.snapshot, why));
	after.zones[0].spanned = PAGES / 2;
	expect_true(
	    !snapshot_same_machine(&before.snapshot, &after.snapshot, why));
	expect_str_eq(why, "zone Normal of node 0 has 65536 pages from page "
			   "1024 in before/, in after/ 32768 from 1024: "
			   "another machine");
	bed_make(&after);
	after.snapshot.zone_count = 2;
	after.zones[1] = after.zones[0];
	after.zones[1].node = 1;
	expect_true(
	    !snapshot_same_machine(&before.snapshot, &after.snapshot, why));
	expect_str_eq(why, "before/ has 1 zones and after/ 2: another machine");
	after.snapshot.parts = SNAPSHOT_SLABINFO;
	expect_true(
	    snapshot_same_machine(&before.snapshot, &after.snapshot, why));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_agrees),
	    cmocka_unit_test(test_free_pages),
	    cmocka_unit_test(test_slab_pages),
	    cmocka_unit_test(test_other_size),
	    cmocka_unit_test(test_same_machine),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
