/*
 * Machines as they are built: each is emptied by requests of every order, zone
 * and type to the last block that there can be, and filled again in another
 * order and in other pieces. Then it must be as it was at the start.
 */
#include "tests/replay/page_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "replay/page_limits.h"

struct shape {
	const char *name;
	uint32_t page_size, max_order, pageblock_order;
	uint32_t zone_count;
	struct {
		uint32_t node;
		enum page_zone_kind kind;
		uint64_t start_pfn, spanned;
	} zones[5];
};

static const struct shape shapes[] = {
    {"x86-64, 4K",
     4096,
     10,
     9,
     4,
     {{0, PAGE_ZONE_DMA, 1, 4095},
      {0, PAGE_ZONE_DMA32, 4096, 5000},
      {0, PAGE_ZONE_NORMAL, 16384, 6144},
      {0, PAGE_ZONE_MOVABLE, 0, 0}}},
    {"arm64, 16K",
     16384,
     11,
     11,
     3,
     {{0, PAGE_ZONE_DMA, 0x2000, 4096},
      {0, PAGE_ZONE_NORMAL, 0x3000, 6150},
      {0, PAGE_ZONE_MOVABLE, 0, 0}}},
    {"arm64, 64K",
     65536,
     13,
     13,
     2,
     {{0, PAGE_ZONE_NORMAL, 0x4000, 20000}, {0, PAGE_ZONE_MOVABLE, 0, 0}}},
    {"arm, 32 bits, HighMem",
     4096,
     10,
     10,
     3,
     {{0, PAGE_ZONE_NORMAL, 0x60000, 3072},
      {0, PAGE_ZONE_HIGHMEM, 0x60c00, 2048 + 3},
      {0, PAGE_ZONE_MOVABLE, 0, 0}}},
    {"two nodes, Movable on the second",
     4096,
     10,
     9,
     5,
     {{0, PAGE_ZONE_DMA32, 0, 2048},
      {0, PAGE_ZONE_NORMAL, 4096, 2048},
      {1, PAGE_ZONE_NORMAL, 6144, 1024},
      {1, PAGE_ZONE_MOVABLE, 7168, 3000},
      {0, PAGE_ZONE_MOVABLE, 0, 0}}},
    {"no orders at all", 4096, 0, 0, 1, {{0, PAGE_ZONE_NORMAL, 7, 300}}},
    {"the largest orders",
     4096,
     15,
     15,
     1,
     {{0, PAGE_ZONE_NORMAL, 32768, 65536 + 5}}},
};

struct run {
	const struct shape *shape;
	struct page_fixture fix;
	uint64_t *pfns; /* of the blocks that are held */
	uint64_t count, random;
};

static void run_make(struct run *run, enum page_version version)
{
	const struct shape *shape = run->shape;
	struct page_fixture *fix = &run->fix;
	struct page_limits limits =
	    page_limits_default(version, shape->page_size, 2);
	struct err err = {0};

	fixture_init(fix, 0);
	fix->config.version = version;
	fix->config.max_order = shape->max_order;
	fix->config.pageblock_order = shape->pageblock_order;
	fix->config.watermark_boost_factor = 15000;
	fix->config.cpu_count = 2;
	fix->config.zone_count = shape->zone_count;
	for (uint32_t i = 0; i < shape->zone_count; i++)
		fix->zones[i] = (struct page_zone_config){
		    .node = shape->zones[i].node,
		    .kind = shape->zones[i].kind,
		    .start_pfn = shape->zones[i].start_pfn,
		    .spanned = shape->zones[i].spanned,
		    .managed = shape->zones[i].spanned};
	limits.min_free_kbytes =
	    page_limits_min_free(&limits, fix->zones, fix->config.zone_count);
	if (page_limits_set(&limits, fix->zones, fix->config.zone_count, &err))
		fail_msg("%s", err.text);
	fixture_make(fix);
	fixture_seed_all(fix);
}

/* Aligned blocks of that order in all zones up to the kind. */
static uint64_t blocks_possible(const struct shape *shape, uint32_t order,
				enum page_zone_kind kind)
{
	uint64_t size = 1ull << order, blocks = 0;

	for (uint32_t i = 0; i < shape->zone_count; i++) {
		uint64_t start = shape->zones[i].start_pfn;
		uint64_t end = start + shape->zones[i].spanned;

		start = (start + size - 1) / size;
		if (shape->zones[i].kind <= kind && end / size > start)
			blocks += end / size - start;
	}
	return blocks;
}

/* Frees what is held, in a random order, every other block in halves. */
static void give_back(struct run *run, uint32_t order)
{
	while (run->count) {
		uint64_t r = fixture_random(&run->random);
		uint64_t at = r % run->count, pfn = run->pfns[at];
		uint32_t cpu = (uint32_t)(r >> 32) & 1;
		uint32_t piece = order && r >> 33 & 1 ? order - 1 : order;

		run->pfns[at] = run->pfns[--run->count];
		expect_i64_eq(page_free(run->fix.pa, pfn, piece, cpu), 0);
		if (piece < order)
			expect_i64_eq(page_free(run->fix.pa,
						pfn + (1ull << piece), piece,
						cpu ^ 1),
				      0);
	}
}

/* Every zone in the largest pieces that it can be in, as seeded. */
static void expect_whole(const struct run *run)
{
	for (uint32_t i = 0; i < run->shape->zone_count; i++) {
		struct page_zone_info info = fixture_zone(&run->fix, i);
		uint64_t pfn = info.start_pfn, end = pfn + info.spanned;
		uint64_t blocks[PAGE_ORDERS] = {0};

		while (pfn < end) {
			uint32_t order = run->shape->max_order;

			while (pfn & ((1ull << order) - 1) ||
			       end - pfn < 1ull << order)
				order--;
			blocks[order]++;
			pfn += 1ull << order;
		}
		for (uint32_t order = 0; order < info.order_count; order++)
			expect_u64_eq(info.free_blocks_any[order],
				      blocks[order]);
		expect_u64_eq(info.free_pages, info.spanned);
	}
}

static void empty_and_fill(struct run *run, uint32_t order,
			   enum page_zone_kind kind, enum page_migratetype type)
{
	struct page_request req = fixture_request(order);
	uint64_t pfn = 0;
	int rc;

	req.zone = kind;
	req.migratetype = type;
	for (;;) {
		req.cpu = (uint32_t)run->count & 1;
		rc = page_alloc_pages(run->fix.pa, &req, &pfn);
		if (rc)
			break;
		expect_u64_eq(pfn & ((1ull << order) - 1), 0);
		expect_true(fixture_zone(&run->fix, (uint32_t)page_zone_of(
							run->fix.pa, pfn))
				.kind <= kind);
		run->pfns[run->count++] = pfn;
	}
	expect_i64_eq(rc, ERR_NOMEM);
	expect_u64_eq(run->count, blocks_possible(run->shape, order, kind));
	fixture_check(&run->fix);
	give_back(run, order);
	page_pcp_drain_all(run->fix.pa);
	fixture_check(&run->fix);
	expect_whole(run);
}

static void every_order_zone_and_type(void **state)
{
	uint64_t runs = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct run run = {.shape = &shapes[i], .random = i + 1};
		uint64_t frames =
		    blocks_possible(&shapes[i], 0, PAGE_ZONE_MOVABLE);

		run.pfns = calloc(frames + 1, sizeof(*run.pfns));
		expect_true(run.pfns);
		for (uint32_t order = 0; order <= shapes[i].max_order;
		     order++) {
			run_make(&run, (enum page_version)(order % 4));
			for (int kind = 0; kind < PAGE_ZONE_KINDS; kind++) {
				empty_and_fill(
				    &run, order, (enum page_zone_kind)kind,
				    (enum page_migratetype)(runs++ % 3));
			}
			fixture_free(&run.fix);
		}
		free(run.pfns);
	}
	print_message("%u runs\n", (unsigned int)runs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_order_zone_and_type),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
