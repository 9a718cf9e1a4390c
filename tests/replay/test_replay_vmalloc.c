/*
 * Areas of address space in a replay: those of the trace, and those that a
 * model makes in the place of kmallocs.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/replay/replay_bed.h"

enum { PAGE = 4096, DIRECT = 0x400, KV_SITE = 0x2080 };

static void trace_make(struct trace *trace)
{
	small_trace(trace);
	trace->info.version_minor = 12;
	trace->info.gfp.direct_reclaim = DIRECT;
}

static void play(struct trace *trace, const char *model, const char *setting,
		 const struct kmem_event *events, size_t count,
		 struct replay_result *result)
{
	struct replay_config config = bed_config(trace, model, setting, 10);

	bed_play(&config, events, count, NULL, result);
}

static struct kmem_event area(enum event_kind kind, uint64_t addr,
			      uint64_t pages, uint64_t most)
{
	static uint64_t now;

	return (struct kmem_event){.ts_ns = ++now,
				   .kind = (uint8_t)kind,
				   .addr = addr,
				   .bytes_req = pages * PAGE,
				   .bytes_alloc = most * PAGE,
				   .node = -1};
}

static struct kmem_event object(enum event_kind kind, uint32_t slot,
				uint64_t bytes_req, uint32_t gfp_flags)
{
	static uint64_t now;

	return (struct kmem_event){.ts_ns = ++now,
				   .kind = (uint8_t)kind,
				   .addr = 0x10000 + slot * 65536u,
				   .bytes_req = bytes_req,
				   .object = slot + 1,
				   .slot = slot,
				   .gfp_flags = gfp_flags,
				   .call_site = KV_SITE,
				   .node = -1};
}

/* Books of the trace's areas, the same in both modes. */
static void test_recorded_areas(void **state)
{
	static const char *const models[] = {"recorded", "slub"};
	struct kmem_event events[] = {
	    area(EV_VMAP_FREE, 0x9000, 100, 16384), /* from before */
	    area(EV_VMAP_ALLOC, 0x1000, 5, 0),
	    area(EV_VMAP_ALLOC, 0x8000, 2, 0),
	    area(EV_VMAP_ALLOC, 0, 9, 0), /* failed */
	    area(EV_VMAP_FREE, 0x1000, 105, 16384),
	    area(EV_VMAP_PURGE, 0x1000, 8, 0),
	    area(EV_VMAP_PURGE, 0x1000, 0, 0), /* finds nothing */
	    area(EV_VMAP_ALLOC, 0x1000, 3, 0),
	    area(EV_VMAP_ALLOC, 0x8000, 4, 0), /* its end was lost */
	    area(EV_VMAP_FREE, 0x8000, 4, 16384),
	};
	struct replay_result r;
	struct trace trace;

	(void)state;
	events[3].flags = EVF_FAILED;
	trace_make(&trace);
	for (int i = 0; i < 2; i++) {
		play(&trace, models[i], NULL, events,
		     sizeof(events) / sizeof(*events), &r);
		expect_u64_eq(r.vmap_areas, 1);
		expect_u64_eq(r.vmap_areas_peak, 2);
		expect_u64_eq(r.vmap_pages, 3);
		expect_u64_eq(r.vmap_pages_peak, 7);
		expect_u64_eq(r.vmap_lazy_peak, 105);
		expect_u64_eq(r.vmap_purges, 1);
		expect_u64_eq(r.vmalloc_pages_peak, 0);
	}
	trace_fini(&trace);
}

/* Requests above so many KiB that may sleep; nothing else changes. */
static void test_above(void **state)
{
	struct kmem_event events[] = {
	    object(EV_KMALLOC, 0, 9000, DIRECT),
	    object(EV_KMALLOC, 1, 9000, 0), /* atomic */
	    object(EV_KMALLOC, 2, 8192, DIRECT),
	    object(EV_KMALLOC, 3, 12289, DIRECT),
	    object(EV_CACHE_ALLOC, 4, 9000, DIRECT),
	    object(EV_KFREE, 3, 12289, 0),
	};
	struct replay_result plain, r;
	struct trace trace;

	(void)state;
	trace_make(&trace);
	play(&trace, "slub", NULL, events, 6, &plain);
	play(&trace, "slub", "vmalloc.above_kib=8", events, 6, &r);
	expect_u64_eq(plain.vmalloc_allocs, 0);
	expect_u64_eq(r.vmalloc_allocs, 2);
	expect_u64_eq(r.kvmalloc_fallbacks, 0);
	expect_u64_eq(r.vmalloc_pages, 3);
	expect_u64_eq(r.vmalloc_pages_peak, 7);
	expect_u64_eq(r.vmalloc_lazy_peak, 5);
	expect_u64_eq(r.vmalloc_purges, 0);
	expect_u64_eq(r.bytes_req_live, plain.bytes_req_live);
	/* 16 KiB of kmalloc's became 12. */
	expect_u64_eq(r.bytes_alloc_live, plain.bytes_alloc_live - PAGE);
	expect_u64_eq(r.vmap_areas_peak, 0);
	/* What is predicted is what the recorded kernel did. */
	expect_u64_eq(r.bytes_alloc_checked, plain.bytes_alloc_checked);
	play(&trace, "recorded", "vmalloc.above_kib=8", events, 6, &r);
	expect_u64_eq(r.vmalloc_allocs, 0);
	trace_fini(&trace);
}

/* Half of 64 pages are free, no two of them neighbours. */
static void machine_make(struct trace *trace)
{
	struct snapshot *before = &trace->before;

	before->parts = SNAPSHOT_ZONEINFO | SNAPSHOT_KPAGEFLAGS;
	before->order_count = 11;
	before->zones = calloc(1, sizeof(*before->zones));
	before->blocks = calloc(32, sizeof(*before->blocks));
	assert_non_null(before->zones);
	assert_non_null(before->blocks);
	before->zone_count = 1;
	before->block_count = 32;
	before->kpageflags_pages = 64;
	strcpy(before->zones->name, "Normal");
	before->zones->spanned = before->zones->present = 64;
	before->zones->managed = 64;
	before->zones->free = 32;
	for (uint64_t i = 0; i < 32; i++)
		before->blocks[i].pfn = 2 * i + 1;
}

/* kvmalloc() takes single pages where kmalloc has no block. */
static void test_kvmalloc(void **state)
{
	struct kmem_event events[] = {
	    object(EV_KMALLOC, 0, 9000, DIRECT),
	    object(EV_KMALLOC, 1, 9000, 0), /* atomic */
	    object(EV_KMALLOC, 2, 9000, DIRECT),
	    object(EV_KFREE, 0, 9000, 0),
	    object(EV_KMALLOC, 3, 33 * PAGE, DIRECT), /* more than there is */
	};
	struct replay_result r;
	struct trace trace;

	(void)state;
	trace_make(&trace);
	machine_make(&trace);
	/* Nobody knows kvmalloc() without symbols. */
	play(&trace, "slub", NULL, events, 5, &r);
	expect_str_eq(r.start, "warm pages, cold slabs: no slab counts in "
			       "before/");
	expect_u64_eq(r.failed, 4);
	expect_u64_eq(r.kvmalloc_fallbacks, 0);
	assert_int_equal(
	    symbols_add(&trace.symbols, 0x2000, "__kvmalloc_node_noprof", NULL),
	    0);
	assert_int_equal(symbols_add(&trace.symbols, 0x2100, "next", NULL), 0);
	play(&trace, "slub", NULL, events, 5, &r);
	expect_u64_eq(r.kvmalloc_fallbacks, 2);
	expect_u64_eq(r.vmalloc_allocs, 0);
	expect_u64_eq(r.failed, 2);
	expect_u64_eq(r.vmalloc_pages, 3);
	expect_u64_eq(r.vmalloc_pages_peak, 6);
	expect_u64_eq(r.free_pages_start, 32);
	expect_u64_eq(r.free_pages_end, 29);
	expect_u64_eq(r.bytes_alloc_live, 3 * PAGE);
	trace_fini(&trace);
}

/* Requests that no kmalloc serves are not the business of a setting. */
static void test_beyond(void **state)
{
	struct kmem_event event = object(EV_KMALLOC, 0, 1ull << 40, DIRECT);
	struct replay_result r;
	struct trace trace;

	(void)state;
	trace_make(&trace);
	play(&trace, "slub", "vmalloc.above_kib=0", &event, 1, &r);
	expect_u64_eq(r.vmalloc_allocs, 0);
	expect_u64_eq(r.failed, 1);
	trace_fini(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_recorded_areas),
	    cmocka_unit_test(test_above),
	    cmocka_unit_test(test_kvmalloc),
	    cmocka_unit_test(test_beyond),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
