/*
 * blame: a planted call site is found first; random traces against a naive
 * recount that keeps one record per page and compares all pairs.
 */
#include "analysis/blame.h"

#include <stdlib.h>
#include <string.h>

#include "tests/support/test.h"

enum {
	PAGES = 64, /* of the machine: 8 pageblocks of 8 pages */
	BLOCK_ORDER = 3,
	PER_SLAB = 4, /* objects of 1024 bytes in a page */
	OBJECT = 1024,
	SITES = 4,
	LIVE_MAX = PAGES * PER_SLAB,
};

#define BASE 0xffff888000000000u

struct bed {
	struct trace trace;
	struct snapshot_zone zone;
	struct snapshot_block blocks[PAGES];
	struct blame_sink *sink;
	uint64_t ts_ns;
	uint32_t cache; /* name id */
};

static void must(int ret, const struct err *err)
{
	if (ret)
		fail_msg("%s", err->text);
}

/* A machine whose pages are all free before. */
static void bed_init(struct bed *bed)
{
	struct trace *trace = &bed->trace;
	struct err err = {0};
	uint32_t id;

	*bed = (struct bed){0};
	trace->info.linked = true;
	trace->info.page_size = 4096;
	trace->info.long_size = 8;
	trace->info.direct_map_base = BASE;
	trace->info.gfp.movable = 8;
	must(names_intern(&trace->names, "", 0, &id), &err);
	must(names_intern(&trace->names, "victim", 6, &bed->cache), &err);
	bed->zone = (struct snapshot_zone){.spanned = PAGES, .managed = PAGES};
	for (uint64_t i = 0; i < PAGES; i++)
		bed->blocks[i] = (struct snapshot_block){i, 0};
	trace->before =
	    (struct snapshot){.parts = SNAPSHOT_KPAGEFLAGS | SNAPSHOT_ZONEINFO,
			      .pageblock_order = BLOCK_ORDER,
			      .zones = &bed->zone,
			      .zone_count = 1,
			      .blocks = bed->blocks,
			      .block_count = PAGES};
	must(blame_open(&bed->sink, &(struct blame_options){trace, UINT64_MAX},
			&err),
	     &err);
}

static void bed_fini(struct bed *bed)
{
	blame_close(bed->sink);
	bed->trace.before = (struct snapshot){0};
	trace_fini(&bed->trace);
}

static void feed(struct bed *bed, struct kmem_event ev)
{
	struct err err = {0};

	ev.ts_ns = ++bed->ts_ns;
	ev.object = ev.slot + 1;
	must(blame_feed(bed->sink, &ev, 1, &err), &err);
}

/* Slots 0 .. PAGES - 1 are pages, those behind are objects. */
static struct kmem_event page(enum event_kind kind, uint64_t pfn,
			      uint32_t flags, uint32_t gfp)
{
	return (struct kmem_event){.kind = (uint8_t)kind,
				   .addr = pfn,
				   .slot = (uint32_t)pfn,
				   .flags = flags,
				   .gfp_flags = gfp,
				   .migratetype = gfp ? 1 : 0};
}

static struct kmem_event object(const struct bed *bed, enum event_kind kind,
				uint32_t place, uint64_t site)
{
	return (struct kmem_event){.kind = (uint8_t)kind,
				   .addr = BASE + (uint64_t)place * OBJECT,
				   .slot = PAGES + place,
				   .name = bed->cache,
				   .bytes_req = OBJECT - 24,
				   .bytes_alloc = OBJECT,
				   .call_site = site};
}

/* Slots may not be larger than the number of events seen. */
static void warm_up(struct bed *bed)
{
	for (uint32_t i = 0; i < PAGES + LIVE_MAX; i++)
		feed(bed, (struct kmem_event){.kind = EV_OTHER});
}

static const struct blame_row *site_row(const struct blame_report *report,
					uint64_t site)
{
	for (size_t i = 0; i < report->row_count; i++)
		if (report->rows[i].kind == BLAME_SITE &&
		    report->rows[i].call_site == site)
			return &report->rows[i];
	return NULL;
}

static int64_t cell(const struct table *table, size_t row, const char *column)
{
	for (unsigned int i = 0; i < table->column_count; i++)
		if (!strcmp(table->columns[i].name, column))
			return table_cell(table, row, i)->as.number;
	fail_msg("no column %s", column);
	return 0;
}

/*
 * One object of site 0xbad in each slab that site 0x60d has filled and given
 * up again: it pins all of them, with few bytes.
 */
static void test_planted(void **state)
{
	struct table tables[BLAME_TABLES];
	struct blame_report report;
	struct err err = {0};
	struct bed bed;

	(void)state;
	bed_init(&bed);
	warm_up(&bed);
	for (uint32_t slab = 0; slab < 16; slab++) {
		feed(&bed, page(EV_PAGE_ALLOC, slab, EVF_BACKS_SLAB, 0));
		for (uint32_t i = 0; i < PER_SLAB; i++)
			feed(&bed,
			     object(&bed, EV_CACHE_ALLOC, slab * PER_SLAB + i,
				    i == 2 ? 0xbad : 0x60d));
		for (uint32_t i = 0; slab && i < PER_SLAB; i++)
			if (i != 2)
				feed(&bed, object(&bed, EV_CACHE_FREE,
						  slab * PER_SLAB + i, 0));
	}
	feed(&bed, page(EV_PAGE_ALLOC, 17, 0, 8));
	feed(&bed, page(EV_PAGE_ALLOC, 24, 0, 8));
	feed(&bed, page(EV_PAGE_ALLOC, 32, 0, 0));
	must(blame_report_make(bed.sink, &report, &err), &err);
	blame_tables(&report, &bed.trace, 10, tables);
	expect_str_eq(table_text_at(&tables[0], table_cell(&tables[0], 0, 0)),
		      "0xbad");
	expect_u64_eq(tables[0].row_count, 2);
	expect_i64_eq(cell(&tables[0], 0, "objects"), 16);
	expect_i64_eq(cell(&tables[0], 0, "live_bytes"), 16 * OBJECT);
	expect_i64_eq(cell(&tables[0], 0, "pinned_bytes"), 16 * 4096);
	expect_i64_eq(cell(&tables[0], 0, "alone_bytes"), 15 * 4096);
	expect_i64_eq(cell(&tables[0], 0, "share_bytes"), 1024);
	expect_i64_eq(cell(&tables[0], 1, "alone_bytes"), 0);
	expect_i64_eq(cell(&tables[0], 1, "share_bytes"), 3072);
	/* Two blocks are the cache's; of the second the site has all. */
	expect_i64_eq(cell(&tables[2], 0, "blocks_alone"), 2);
	expect_i64_eq(cell(&tables[2], 0, "free_bytes"), 2 * 8 * 4096);
	expect_i64_eq(cell(&tables[3], 0, "blocks"), 2);
	expect_i64_eq(cell(&tables[3], 0, "blocks_alone"), 1);
	expect_u64_eq(report.blocks.total, 8);
	expect_u64_eq(report.blocks.free, 3);
	expect_u64_eq(report.blocks.movable, 2);
	expect_u64_eq(report.blocks.pinned, 3);
	expect_u64_eq(report.blocks.pinned_by_one, 3);
	for (int i = 0; i < BLAME_TABLES; i++)
		table_fini(&tables[i]);
	blame_report_fini(&report);
	bed_fini(&bed);
}

/* ---- Random traces against the naive recount ---- */

struct naive {
	int use[PAGES];		 /* 0 free, 1 movable, 2 unmovable, 3 slab */
	uint64_t site[LIVE_MAX]; /* 0: no object */
};

static uint64_t draw(uint64_t *seed, uint64_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (*seed >> 33) % below;
}

static void slab_free(struct bed *bed, struct naive *naive, uint32_t pfn)
{
	for (uint32_t i = 0; i < PER_SLAB; i++) {
		uint32_t place = pfn * PER_SLAB + i;

		if (naive->site[place])
			feed(bed, object(bed, EV_CACHE_FREE, place, 0));
		naive->site[place] = 0;
	}
}

static void step(struct bed *bed, struct naive *naive, uint64_t *seed)
{
	uint32_t pfn = (uint32_t)draw(seed, PAGES);
	uint32_t place = pfn * PER_SLAB + (uint32_t)draw(seed, PER_SLAB);
	static const uint32_t flags[] = {0, 0, 0, EVF_BACKS_SLAB};

	if (!naive->use[pfn]) {
		int use = 1 + (int)draw(seed, 3);

		naive->use[pfn] = use;
		feed(bed,
		     page(EV_PAGE_ALLOC, pfn, flags[use], use == 1 ? 8 : 0));
	} else if (naive->use[pfn] != 3 || !draw(seed, 12)) {
		if (naive->use[pfn] == 3)
			slab_free(bed, naive, pfn);
		feed(bed, page(EV_PAGE_FREE, pfn, flags[naive->use[pfn]], 0));
		naive->use[pfn] = 0;
	} else if (naive->site[place]) {
		feed(bed, object(bed, EV_CACHE_FREE, place, 0));
		naive->site[place] = 0;
	} else {
		naive->site[place] = 1 + draw(seed, SITES);
		feed(bed,
		     object(bed, EV_CACHE_ALLOC, place, naive->site[place]));
	}
}

/* Slab pages with an object of the site, and those with no other's. */
static void naive_site(const struct naive *naive, uint64_t site,
		       struct blame_row *want)
{
	*want = (struct blame_row){0};
	for (uint32_t pfn = 0; pfn < PAGES; pfn++) {
		uint64_t own = 0, others = 0;

		for (uint32_t i = 0; i < PER_SLAB; i++) {
			uint64_t at = naive->site[pfn * PER_SLAB + i];

			own += at == site;
			others += at && at != site;
		}
		if (!own)
			continue;
		want->objects += own;
		want->pinned_bytes += 4096;
		want->alone_bytes += others ? 0 : 4096;
		want->share_bytes += others ? (uint64_t)(4096.0 * (double)own /
							 (double)(own + others))
					    : 0;
	}
}

/* Blocks whose unmovable pages are all slabs of nobody but the site. */
static uint64_t naive_blocks(const struct naive *naive, uint64_t site)
{
	uint64_t blocks = 0;

	for (uint32_t b = 0; b < PAGES >> BLOCK_ORDER; b++) {
		bool other = false, own = false;

		for (uint32_t p = b << BLOCK_ORDER; p < (b + 1) << BLOCK_ORDER;
		     p++) {
			uint32_t found = 0;

			for (uint32_t i = 0; i < PER_SLAB; i++) {
				uint64_t at = naive->site[p * PER_SLAB + i];

				own |= at == site;
				other |= at && at != site;
				found += at != 0;
			}
			other |= naive->use[p] == 2 ||
				 (naive->use[p] == 3 && !found);
		}
		blocks += own && !other;
	}
	return blocks;
}

static void compare(const struct bed *bed, const struct naive *naive)
{
	struct blame_report report;
	struct err err = {0};
	uint64_t counts[4] = {0}, slab_bytes = 0;

	must(blame_report_make(bed->sink, &report, &err), &err);
	for (uint64_t site = 1; site <= SITES; site++) {
		const struct blame_row *row = site_row(&report, site);
		struct blame_row want;

		naive_site(naive, site, &want);
		if (!row) {
			expect_u64_eq(want.objects, 0);
			continue;
		}
		expect_u64_eq(row->objects, want.objects);
		expect_u64_eq(row->pinned_bytes, want.pinned_bytes);
		expect_u64_eq(row->alone_bytes, want.alone_bytes);
		expect_u64_eq(row->share_bytes, want.share_bytes);
		expect_u64_eq(row->blocks_alone, naive_blocks(naive, site));
	}
	for (uint32_t b = 0; b < PAGES >> BLOCK_ORDER; b++) {
		int most = 0;

		for (uint32_t p = b << BLOCK_ORDER; p < (b + 1) << BLOCK_ORDER;
		     p++)
			if (naive->use[p] > most)
				most = naive->use[p];
		counts[most > 2 ? 2 : most]++;
	}
	for (uint32_t p = 0; p < PAGES; p++)
		slab_bytes += naive->use[p] == 3 ? 4096 : 0;
	for (size_t i = 0; i < report.row_count; i++)
		if (report.rows[i].kind == BLAME_CACHE)
			slab_bytes -= report.rows[i].pinned_bytes;
	expect_u64_eq(slab_bytes, 0);
	expect_u64_eq(report.blocks.free, counts[0]);
	expect_u64_eq(report.blocks.movable, counts[1]);
	expect_u64_eq(report.blocks.pinned, counts[2]);
	expect_u64_eq(report.misplaced, 0);
	blame_report_fini(&report);
}

static void test_random(void **state)
{
	(void)state;
	for (uint64_t round = 1; round <= 20; round++) {
		struct naive naive = {{0}, {0}};
		uint64_t seed = round;
		struct bed bed;

		bed_init(&bed);
		warm_up(&bed);
		for (int i = 0; i < 2000; i++) {
			step(&bed, &naive, &seed);
			if (i % 50 == 0)
				compare(&bed, &naive);
		}
		compare(&bed, &naive);
		bed_fini(&bed);
	}
}

/* Objects in slabs from before: pinned, but never alone. */
static void test_before(void **state)
{
	struct blame_report report;
	const struct blame_row *row;
	struct err err = {0};
	uint64_t map = 1u << 5, movable = UINT64_C(0xff) << 48;
	struct bed bed;

	(void)state;
	bed_init(&bed);
	blame_close(bed.sink);
	bed.trace.before.block_count = 5; /* the first pages are free */
	bed.trace.before.slab_map = &map;
	bed.trace.before.slab_map_pages = 64;
	/* All of one block, and a page of the next. */
	movable |= UINT64_C(1) << 56;
	bed.trace.before.movable_map = &movable;
	bed.trace.before.movable_map_pages = 64;
	must(blame_open(&bed.sink,
			&(struct blame_options){&bed.trace, UINT64_MAX}, &err),
	     &err);
	warm_up(&bed);
	feed(&bed, object(&bed, EV_CACHE_ALLOC, 5 * PER_SLAB, 0xabc));
	must(blame_report_make(bed.sink, &report, &err), &err);
	row = site_row(&report, 0xabc);
	assert_non_null(row);
	expect_u64_eq(row->pinned_bytes, 4096);
	expect_u64_eq(row->alone_bytes, 0);
	expect_u64_eq(row->share_bytes, OBJECT);
	expect_u64_eq(report.blocks.pinned, 1);
	expect_u64_eq(report.blocks.unknown, 6);
	expect_u64_eq(report.blocks.movable, 1);
	blame_report_fini(&report);
	/* Its page goes: nothing is left of it. */
	feed(&bed, object(&bed, EV_CACHE_FREE, 5 * PER_SLAB, 0));
	feed(&bed, page(EV_PAGE_FREE, 5, EVF_BACKS_SLAB, 0));
	must(blame_report_make(bed.sink, &report, &err), &err);
	expect_u64_eq(report.blocks.pinned, 0);
	blame_report_fini(&report);
	bed_fini(&bed);
}

static void test_refused(void **state)
{
	struct trace trace = {.info.page_size = 4096};
	struct blame_sink *sink;
	struct err err = {0};

	(void)state;
	strcpy(trace.info.link_reason, "pointers are hashed");
	assert_int_equal(blame_open(&sink,
				    &(struct blame_options){&trace, UINT64_MAX},
				    &err),
			 ERR_UNSUPPORTED);
	expect_true(strstr(err.text, "pointers are hashed"));
	trace.info.linked = true;
	trace.info.page_size = 5000;
	assert_int_equal(blame_open(&sink,
				    &(struct blame_options){&trace, UINT64_MAX},
				    &err),
			 ERR_FORMAT);
}

/* What no kernel writes ends in an error or in numbers, never in a crash. */
static void test_anything(void **state)
{
	uint64_t seed = 7;
	struct blame_report report;
	struct err err = {0};
	struct bed bed;

	(void)state;
	bed_init(&bed);
	for (uint64_t i = 0; i < 50000; i++) {
		struct kmem_event ev = {
		    .kind = (uint8_t)draw(&seed, EV_KIND_COUNT + 1),
		    .flags = 1u << draw(&seed, 26),
		    .order = (uint8_t)(draw(&seed, 20) ? draw(&seed, 4)
						       : draw(&seed, 256)),
		    .slot = (uint32_t)draw(&seed, 1 + i / 8),
		    .object = draw(&seed, 3),
		    .name = (uint32_t)draw(&seed, 3),
		    .bytes_alloc = draw(&seed, 10000),
		    .call_site = draw(&seed, 5),
		    .gfp_flags = (uint32_t)draw(&seed, 16)};

		ev.addr = ev.kind >= EV_PAGE_ALLOC
			      ? draw(&seed, 2 * PAGES)
			      : BASE + draw(&seed, 2 * PAGES * 4096);
		if (!draw(&seed, 100))
			ev.addr = ~draw(&seed, UINT64_MAX);
		must(blame_feed(bed.sink, &ev, 1, &err), &err);
		if (i % 5000)
			continue;
		must(blame_report_make(bed.sink, &report, &err), &err);
		blame_report_fini(&report);
	}
	bed_fini(&bed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_planted),  cmocka_unit_test(test_random),
	    cmocka_unit_test(test_before),   cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_anything),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
