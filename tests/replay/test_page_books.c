/*
 * Page books, the machine they lie on, and the small tables of the engine.
 */
#include "replay/page_books.h"

#include <string.h>

#include "replay/page_machine.h"
#include "replay/samples.h"
#include "replay/slab_pages.h"
#include "tests/support/test.h"

enum { ZONE_START = 1024, ZONE_PAGES = 4096 };

struct bed {
	struct trace trace;
	struct snapshot_zone zones[2];
	struct snapshot_pcp pcps[2];
	struct snapshot_block blocks[3];
	struct page_machine *machine;
	struct page_model *model;
};

/* One zone of 16 MiB: a block of order 10, one of 3 and one of 0 are free. */
static void bed_make(struct bed *bed, enum page_start start)
{
	struct snapshot *snapshot = &bed->trace.before;
	struct page_machine_config config = {.info = &bed->trace.info,
					     .snapshot = snapshot,
					     .start = start,
					     .cpus = 2,
					     .memory = memory_libc()};
	struct err err = {0};

	memset(bed, 0, sizeof(*bed));
	bed->trace.info.version_major = 6;
	bed->trace.info.version_minor = 1;
	bed->trace.info.page_size = 4096;
	bed->trace.info.cpu_count = 2;
	bed->pcps[0] = (struct snapshot_pcp){
	    .cpu = 0, .count = 5, .high = 60, .batch = 15};
	bed->pcps[1] = (struct snapshot_pcp){
	    .cpu = 1, .count = 2, .high = 60, .batch = 15};
	bed->zones[0] = (struct snapshot_zone){.name = "DMA32",
					       .start_pfn = ZONE_START,
					       .spanned = ZONE_PAGES,
					       .present = ZONE_PAGES,
					       .managed = ZONE_PAGES - 96,
					       .pcps = bed->pcps,
					       .pcp_count = 2};
	bed->zones[0].free_by_type[PAGE_UNMOVABLE][0] = 1;
	bed->zones[0].free_by_type[PAGE_RECLAIMABLE][3] = 1;
	bed->zones[0].free_by_type[PAGE_MOVABLE][10] = 1;
	bed->zones[0].blocks_by_type[PAGE_MOVABLE] = 6;
	bed->zones[0].blocks_by_type[PAGE_UNMOVABLE] = 1;
	bed->zones[0].blocks_by_type[PAGE_RECLAIMABLE] = 1;
	bed->zones[1] = (struct snapshot_zone){.name = "Normal"};
	bed->blocks[0] = (struct snapshot_block){2048, 10};
	bed->blocks[1] = (struct snapshot_block){3072 + 512, 3};
	bed->blocks[2] = (struct snapshot_block){4096 + 33, 0};
	*snapshot = (struct snapshot){
	    .parts = SNAPSHOT_ZONEINFO | SNAPSHOT_KPAGEFLAGS,
	    .order_count = 11,
	    .pageblock_order = 9,
	    .migratetype_count = 4,
	    .zones = bed->zones,
	    .zone_count = 2,
	    .blocks = bed->blocks,
	    .block_count = 3,
	};
	assert_int_equal(page_machine_create(&bed->machine, &config, &err), 0);
	bed->model = page_machine_model(bed->machine);
}

static void bed_check(const struct bed *bed)
{
	struct err err = {0};

	assert_int_equal(bed->model->ops->check(bed->model, &err), 0);
}

static void test_machine_warm(void **state)
{
	struct page_zone_info info;
	struct page_counts counts;
	uint64_t blocks[PAGE_MIGRATETYPES];
	struct bed bed;

	(void)state;
	bed_make(&bed, PAGE_START_WARM);
	bed.model->ops->counts(bed.model, &counts);
	expect_u64_eq(counts.free_pages, 1024 + 8 + 1);
	expect_u64_eq(counts.pcp_pages, 0);
	expect_u64_eq(page_machine_pcp_start(bed.machine), 7);
	assert_int_equal(
	    page_zone_info(page_machine_alloc(bed.machine), 0, &info), 0);
	expect_u64_eq(info.free_blocks[PAGE_MOVABLE][10], 1);
	expect_u64_eq(info.free_blocks[PAGE_RECLAIMABLE][3], 1);
	expect_u64_eq(info.free_blocks[PAGE_UNMOVABLE][0], 1);
	assert_int_equal(
	    page_zone_blocks(page_machine_alloc(bed.machine), 0, blocks), 0);
	expect_u64_eq(blocks[PAGE_UNMOVABLE], 1);
	expect_u64_eq(blocks[PAGE_RECLAIMABLE], 1);
	/* Start pages can be claimed once; free ones never. */
	expect_true(page_machine_claim(bed.machine, 1024, 4));
	expect_true(!page_machine_claim(bed.machine, 1030, 0));
	expect_true(!page_machine_claim(bed.machine, 2050, 0));
	expect_true(!page_machine_claim(bed.machine, 5120, 0));
	expect_true(!page_machine_claim(bed.machine, 5119, 1));
	bed_check(&bed);
	page_model_destroy(bed.model);
}

static void test_machine_pcp(void **state)
{
	struct page_counts counts;
	uint64_t other;
	struct bed bed;

	(void)state;
	bed_make(&bed, PAGE_START_WARM);
	assert_int_equal(page_machine_fill_pcp(bed.machine, &bed.trace.before,
					       NULL, 0, &other),
			 0);
	expect_u64_eq(other, 0);
	bed.model->ops->counts(bed.model, &counts);
	expect_u64_eq(counts.free_pages, 1033);
	expect_u64_eq(counts.pcp_pages, 7);
	/* The last page is on a list; another stands in when it is freed. */
	expect_true(!page_machine_claim(bed.machine, 5119, 0));
	expect_true(page_machine_claim_other(bed.machine, 5119, 0, &other));
	expect_true(other < 5113 && other != 5119);
	expect_true(!page_machine_claim(bed.machine, other, 0));
	/* No page of this block is on a list. */
	expect_true(!page_machine_claim_other(bed.machine, 2048, 0, &other));
	bed_check(&bed);
	page_model_destroy(bed.model);
}

/* From head to tail: what was allocated, what is not known, what was drained. */
static void test_machine_pcp_revealed(void **state)
{
	static const struct reveal_listed reveals[] = {
	    {.pfn = 1100, .cpu = 0, .migratetype = PAGE_MOVABLE},
	    {.pfn = 1200, .cpu = 0, .migratetype = 1, .drained = true},
	    {.pfn = 1101, .cpu = 0, .migratetype = PAGE_MOVABLE},
	    {.pfn = 2048, .cpu = 0, .migratetype = 1}, /* it was free */
	    {.pfn = 1201, .cpu = 1, .migratetype = 1},
	    {.pfn = 9999, .cpu = 1, .migratetype = 1}, /* no memory */
	};
	static const uint64_t wanted[] = {1100, 1101};
	struct page_request request = {.migratetype = PAGE_MOVABLE,
				       .zone = PAGE_ZONE_DMA32,
				       .node = PAGE_NODE_LOCAL};
	struct page_counts counts;
	uint64_t revealed, pfn;
	struct bed bed;

	(void)state;
	bed_make(&bed, PAGE_START_WARM);
	assert_int_equal(page_machine_fill_pcp(bed.machine, &bed.trace.before,
					       reveals, 6, &revealed),
			 0);
	expect_u64_eq(revealed, 4);
	bed.model->ops->counts(bed.model, &counts);
	expect_u64_eq(counts.pcp_pages, 7);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
		    bed.model->ops->alloc(bed.model, &request, &pfn), 0);
		expect_u64_eq(pfn, wanted[i]);
	}
	/* The other two are not known; the drained one is the last. */
	for (int i = 0; i < 3; i++)
		assert_int_equal(
		    bed.model->ops->alloc(bed.model, &request, &pfn), 0);
	expect_u64_eq(pfn, 1200);
	bed_check(&bed);
	page_model_destroy(bed.model);
}

static void test_machine_cold(void **state)
{
	struct page_counts counts;
	struct bed bed;

	(void)state;
	bed_make(&bed, PAGE_START_COLD);
	bed.model->ops->counts(bed.model, &counts);
	expect_u64_eq(counts.free_pages, ZONE_PAGES - 96);
	bed_check(&bed);
	page_model_destroy(bed.model);
}

static struct kmem_event page_event(enum event_kind kind, uint64_t pfn,
				    unsigned int order)
{
	return (struct kmem_event){
	    .kind = (uint8_t)kind, .addr = pfn, .order = (uint8_t)order};
}

static void feed(struct page_books *books, enum event_kind kind, uint64_t pfn,
		 unsigned int order)
{
	struct kmem_event ev = page_event(kind, pfn, order);

	assert_int_equal(page_books_feed(books, &ev), 0);
}

static void expect_counts(const struct page_books *books, uint64_t free_pages,
			  uint64_t pcp_pages)
{
	struct page_counts counts;

	page_books_counts(books, &counts);
	expect_u64_eq(counts.free_pages, free_pages);
	expect_u64_eq(counts.pcp_pages, pcp_pages);
}

/* Free area, per-CPU list, user, per-CPU list, free area. */
static void test_books_round(void **state)
{
	struct memory memory = memory_libc();
	struct page_books books;
	struct bed bed;

	(void)state;
	bed_make(&bed, PAGE_START_WARM);
	page_books_init(&books, bed.model, page_machine_alloc(bed.machine), 7,
			false, &memory);
	expect_counts(&books, 1033, 7);
	feed(&books, EV_ZONE_LOCKED, 2048, 0);
	expect_counts(&books, 1032, 8);
	feed(&books, EV_PAGE_ALLOC, 2048, 0);
	expect_counts(&books, 1032, 7);
	feed(&books, EV_PAGE_FREE, 2048, 0);
	expect_counts(&books, 1032, 8);
	feed(&books, EV_PCPU_DRAIN, 2048, 0);
	expect_counts(&books, 1033, 7);
	/* A page that was on a list before the trace. */
	feed(&books, EV_PAGE_ALLOC, 1500, 0);
	expect_counts(&books, 1033, 6);
	/* Large blocks have no per-CPU list. */
	feed(&books, EV_ZONE_LOCKED, 2048, 5);
	feed(&books, EV_PAGE_ALLOC, 2048, 5);
	expect_counts(&books, 1001, 6);
	feed(&books, EV_PAGE_FREE, 2048, 5);
	expect_counts(&books, 1033, 6);
	expect_u64_eq(books.corrected_pages, 0);
	/* Freed past the list without an event, seen when it comes back. */
	feed(&books, EV_PAGE_FREE, 1600, 0);
	expect_counts(&books, 1033, 7);
	feed(&books, EV_ZONE_LOCKED, 1600, 0);
	expect_counts(&books, 1033, 7);
	expect_u64_eq(books.corrected_pages, 2);
	/* Nonsense changes nothing. */
	feed(&books, EV_ZONE_LOCKED, 1ull << 50, 0);
	feed(&books, EV_PAGE_FREE, 2048, 40);
	expect_counts(&books, 1033, 7);
	bed_check(&bed);
	page_books_fini(&books);
	page_model_destroy(bed.model);
}

/* Lists of types: a fallback's, and those that pages come back to. */
static void test_books_types(void **state)
{
	struct kmem_event steal = page_event(EV_EXTFRAG, 2048 + 512, 0);
	struct memory memory = memory_libc();
	struct page_zone_info info;
	struct page_books books;
	struct page_alloc *pa;
	struct bed bed;

	(void)state;
	bed_make(&bed, PAGE_START_WARM);
	pa = page_machine_alloc(bed.machine);
	page_books_init(&books, bed.model, pa, 7, false, &memory);
	feed(&books, EV_ZONE_LOCKED, 2048, 9);
	steal.fallback_order = 9;
	steal.migratetype = PAGE_RECLAIMABLE;
	steal.flags = EVF_CHANGE_OWNERSHIP;
	assert_int_equal(page_books_feed(&books, &steal), 0);
	expect_i64_eq(page_block_type(pa, 2048 + 512), PAGE_RECLAIMABLE);
	assert_int_equal(page_zone_info(pa, 0, &info), 0);
	expect_u64_eq(info.free_blocks[PAGE_RECLAIMABLE][9], 1);
	feed(&books, EV_ZONE_LOCKED, 2048 + 512, 6);
	feed(&books, EV_PAGE_ALLOC, 2048 + 512, 6);
	/* A free tells no type: it is the pageblock's. */
	feed(&books, EV_PAGE_FREE, 2048 + 512, 6);
	assert_int_equal(page_zone_info(pa, 0, &info), 0);
	expect_u64_eq(info.free_blocks[PAGE_RECLAIMABLE][9], 1);
	/* Nonsense changes nothing. */
	steal.fallback_order = 200;
	assert_int_equal(page_books_feed(&books, &steal), 0);
	steal.fallback_order = 3;
	steal.migratetype = 77;
	assert_int_equal(page_books_feed(&books, &steal), 0);
	expect_i64_eq(page_block_type(pa, 2048 + 512), PAGE_RECLAIMABLE);
	bed_check(&bed);
	page_books_fini(&books);
	page_model_destroy(bed.model);
}

static void test_samples_grid(void **state)
{
	struct memory memory = memory_libc();
	struct samples samples;
	uint64_t last = 0;

	(void)state;
	assert_int_equal(samples_init(&samples, 50, 0, &memory), 0);
	for (uint64_t ts = 0; ts < 30000000; ts += 700) {
		struct sample_row *row;

		if (!samples_due(&samples, ts))
			continue;
		assert_int_equal(samples_take(&samples, ts, 3, &row), 0);
		expect_u64_eq(row->cache_count, 3);
		expect_true(samples.count <= 100);
	}
	expect_true(samples.count >= 50);
	for (size_t i = 0; i < samples.count; i++) {
		expect_true(!i || samples.rows[i].sample.ts_ns > last);
		last = samples.rows[i].sample.ts_ns;
	}
	samples_fini(&samples);
}

static void test_slab_pages(void **state)
{
	struct memory memory = memory_libc();
	struct slab_pages pages;
	struct slab_page *slab;

	(void)state;
	slab_pages_init(&pages, &memory);
	expect_true(!slab_pages_find(&pages, 5));
	assert_int_equal(slab_pages_add(&pages, 8, 2, false, &slab), 0);
	slab->cache = 3;
	expect_true(slab_pages_find(&pages, 11) == slab_pages_find(&pages, 8));
	expect_true(!slab_pages_find(&pages, 12));
	/* A new slab on a part of it ends the old one. */
	assert_int_equal(slab_pages_add(&pages, 10, 0, true, &slab), 0);
	expect_true(!slab_pages_find(&pages, 8));
	expect_u64_eq(slab_pages_find(&pages, 10)->cache, SLAB_PAGES_NONE);
	assert_int_equal(slab_pages_remove(&pages, slab), 0);
	expect_true(!slab_pages_find(&pages, 10));
	assert_int_equal(slab_pages_add(&pages, 1ull << 50, 0, true, &slab),
			 ERR_LIMIT);
	slab_pages_fini(&pages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_machine_warm),
	    cmocka_unit_test(test_machine_pcp),
	    cmocka_unit_test(test_machine_pcp_revealed),
	    cmocka_unit_test(test_machine_cold),
	    cmocka_unit_test(test_books_round),
	    cmocka_unit_test(test_books_types),
	    cmocka_unit_test(test_samples_grid),
	    cmocka_unit_test(test_slab_pages),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
