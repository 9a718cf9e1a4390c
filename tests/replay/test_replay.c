/*
 * The engine on small traces made by hand.
 */
#include <string.h>

#include "tests/replay/replay_bed.h"

static void play(struct trace *trace, const char *model,
		 const struct kmem_event *events, size_t count,
		 struct replay_result *result)
{
	struct replay_config config = bed_config(trace, model, NULL, 10);

	bed_play(&config, events, count, NULL, result);
}

/* Failed, repeated and unknown events bring nothing to life. */
static void test_not_objects(void **state)
{
	struct kmem_event events[6];
	struct replay_result result;
	struct trace trace;

	(void)state;
	small_trace(&trace);
	events[0] = object_event(EV_KMALLOC, 1, 0, 50, 64);
	events[1] = object_event(EV_KMALLOC, 2, 0, 50, 64);
	events[1].flags = EVF_FAILED;
	events[2] = object_event(EV_KMALLOC, 3, 0, 50, 64);
	events[2].flags = EVF_DUPLICATE;
	events[3] = object_event(EV_KFREE, 4, 0, 0, 64);
	events[3].flags = EVF_NO_OBJECT;
	events[4] = object_event(EV_KFREE, 5, 9, 0, 64);
	events[4].object = 0;
	events[4].flags = EVF_UNKNOWN_OBJECT;
	events[5] = object_event(EV_KMALLOC, 6, 1, 33, 64);
	play(&trace, "slub", events, 6, &result);
	expect_u64_eq(result.bytes_req_live, 83);
	expect_u64_eq(result.bytes_alloc_live, 128);
	expect_u64_eq(result.waste_live, 45);
	expect_u64_eq(result.slab_pages_end, 1);
	expect_u64_eq(result.bytes_alloc_checked, 2);
	expect_str_eq(result.start, "cold: zones unknown, pages only counted");
	play(&trace, "recorded", events, 6, &result);
	expect_u64_eq(result.bytes_alloc_live, 128);
	trace_fini(&trace);
}

/* SLAB's reaper runs on the trace's clock: a quiet time takes all back. */
static void test_reaper(void **state)
{
	enum { OBJECTS = 1000, EVENTS = 2 * OBJECTS + 1 };
	static struct kmem_event events[EVENTS];
	struct replay_result result;
	struct trace trace;
	uint64_t kept;

	(void)state;
	small_trace(&trace);
	for (uint32_t i = 0; i < OBJECTS; i++) {
		events[i] = object_event(EV_KMALLOC, i, i, 50, 64);
		events[OBJECTS + i] =
		    object_event(EV_KFREE, OBJECTS + i, i, 50, 64);
	}
	events[EVENTS - 1] = object_event(EV_KMALLOC, EVENTS, OBJECTS, 50, 64);
	play(&trace, "slab", events, EVENTS, &result);
	kept = result.slab_pages_end;
	events[EVENTS - 1].ts_ns = 1000000000000u;
	play(&trace, "slab", events, EVENTS, &result);
	expect_u64_eq(result.slab_pages_end, 1);
	expect_true(kept > 1);
	trace_fini(&trace);
}

/* A prediction that does not come true is counted. */
static void test_mismatch(void **state)
{
	struct kmem_event event = object_event(EV_KMALLOC, 1, 0, 65, 64);
	struct replay_result result;
	struct trace trace;

	(void)state;
	small_trace(&trace);
	play(&trace, "slub", &event, 1, &result); /* 96, not 64 */
	expect_u64_eq(result.bytes_alloc_checked, 1);
	expect_u64_eq(result.bytes_alloc_mismatch, 1);
	expect_u64_eq(result.bytes_alloc_live, 96);
	trace_fini(&trace);
}

/* A large kmalloc takes pages of its own, and gives them back. */
static void test_large(void **state)
{
	struct kmem_event events[3];
	struct replay_result result;
	struct trace trace;

	(void)state;
	small_trace(&trace);
	events[0] = object_event(EV_KMALLOC, 1, 0, 9000, 64);
	events[0].bytes_alloc = 16384;
	events[0].flags = EVF_LARGE;
	events[1] = object_event(EV_KMALLOC, 2, 1, 64, 64);
	events[2] = object_event(EV_KFREE, 3, 1, 64, 64);
	play(&trace, "slub", events, 3, &result);
	expect_u64_eq(result.bytes_alloc_live, 16384);
	expect_u64_eq(result.bytes_req_live, 9000);
	expect_u64_eq(result.bytes_alloc_mismatch, 0);
	trace_fini(&trace);
}

/*
 * krealloc() that moves is an allocation and a free, one that finds room is
 * nothing: the object keeps its first request until it is freed.
 */
static void test_krealloc(void **state)
{
	static const char *const models[] = {"recorded", "slub", "slab"};
	struct kmem_event events[3];
	struct trace trace;

	(void)state;
	small_trace(&trace);
	events[0] = object_event(EV_KMALLOC, 1, 0, 40, 64);
	/* 60 bytes now, without an event; then 100. */
	events[1] = object_event(EV_KMALLOC, 2, 1, 100, 64);
	events[1].bytes_alloc = 128;
	events[2] = object_event(EV_KFREE, 3, 0, 40, 64);
	for (int i = 0; i < 3; i++) {
		struct replay_result result;

		play(&trace, models[i], events, 1, &result);
		expect_u64_eq(result.bytes_req_live, 40);
		expect_u64_eq(result.waste_live, 24);
		play(&trace, models[i], events, 3, &result);
		expect_u64_eq(result.bytes_req_live, 100);
		expect_u64_eq(result.waste_live, 28);
	}
	trace_fini(&trace);
}

/* One block of pages freed in pieces, the model's own pages. */
static void test_split_free(void **state)
{
	struct kmem_event events[4] = {
	    {.ts_ns = 1,
	     .addr = 64,
	     .object = 1,
	     .kind = EV_PAGE_ALLOC,
	     .order = 2,
	     .node = -1},
	    {.ts_ns = 2,
	     .addr = 64,
	     .object = 1,
	     .kind = EV_PAGE_FREE,
	     .order = 1,
	     .flags = EVF_SPLIT | EVF_BLOCK_LIVES},
	    {.ts_ns = 3,
	     .addr = 66,
	     .object = 1,
	     .kind = EV_PAGE_FREE,
	     .flags = EVF_SPLIT | EVF_BLOCK_LIVES},
	    {.ts_ns = 4,
	     .addr = 67,
	     .object = 1,
	     .kind = EV_PAGE_FREE,
	     .flags = EVF_SPLIT},
	};
	struct replay_result result;
	struct trace trace;

	(void)state;
	small_trace(&trace);
	play(&trace, "slub", events, 4, &result);
	expect_u64_eq(result.failed, 0);
	trace_fini(&trace);
}

static void test_errors(void **state)
{
	struct replay_config config = {.model = "slop", .samples = 10};
	struct kmem_event event = object_event(EV_KMALLOC, 1, 0, 8, 8);
	struct trace trace;
	struct replay *replay;
	struct err err = {0};

	(void)state;
	small_trace(&trace);
	config.trace = &trace;
	config.settings = replay_settings_none();
	assert_int_equal(replay_create(&replay, &config, &err), ERR_USAGE);
	expect_true(strstr(err.text, "recorded, slub") != NULL);
	config.model = "slub";
	config.samples = 1;
	assert_int_equal(replay_create(&replay, &config, &err), ERR_USAGE);
	config.samples = 10;
	config.settings.slub_max_order = 15;
	assert_int_equal(replay_create(&replay, &config, &err), ERR_LIMIT);
	config.settings = replay_settings_none();
	trace.info.filtered = true;
	assert_int_equal(replay_create(&replay, &config, &err),
			 ERR_UNSUPPORTED);
	trace.info.filtered = false;
	trace.info.page_size = 5000;
	assert_int_equal(replay_create(&replay, &config, &err), ERR_FORMAT);
	trace.info.page_size = 4096;
	must(replay_create(&replay, &config, &err), &err);
	event.cpu = 2;
	assert_int_equal(replay_feed(replay, &event, 1, &err), ERR_FORMAT);
	replay_destroy(replay);
	trace_fini(&trace);
}

/* A free of a single page, by compaction if pid is 20. */
static struct kmem_event page_free_event(uint64_t pfn, int32_t pid,
					 uint32_t flags)
{
	return (struct kmem_event){
	    .kind = EV_PAGE_FREE, .addr = pfn, .pid = pid, .flags = flags};
}

/*
 * 40 pages of the trace and one from before are moved into a block of 64, whose
 * rest is released; then the owner of one frees it where it is now. An interrupt
 * that came upon kcompactd frees another one.
 */
static size_t compaction_events(struct kmem_event *events)
{
	enum { PAGES = 41, TARGETS = 7680, SPARE = 64 - PAGES };
	size_t count = 0;

	for (uint32_t i = 0; i < PAGES; i++)
		events[count++] = (struct kmem_event){.kind = EV_PAGE_ALLOC,
						      .addr = 2048 + i,
						      .object = i + 1,
						      .slot = i,
						      .gfp_flags = 0x408,
						      .pid = 30};
	for (uint32_t i = 0; i < PAGES; i++) {
		events[count] = page_free_event(2048 + i, 20, 0);
		events[count].object = i + 1;
		events[count++].slot = i;
	}
	events[count - 1].flags = EVF_SOFTIRQ;
	events[count++] = page_free_event(100, 20, EVF_UNKNOWN_OBJECT);
	for (uint32_t i = 0; i < SPARE; i++)
		events[count++] =
		    page_free_event(TARGETS + i, 20, EVF_HIDDEN_OBJECT);
	events[count++] = page_free_event(TARGETS + 63, 30, EVF_HIDDEN_OBJECT);
	return count;
}

static void test_compaction(void **state)
{
	static const char *const models[] = {"recorded", "slub"};
	struct kmem_event events[128];
	struct small_machine machine;
	size_t count = compaction_events(events);
	uint32_t name;

	(void)state;
	small_machine_make(&machine);
	machine.blocks[1] = (struct snapshot_block){7680, 6};
	machine.trace.before.block_count = 2;
	machine.zone.free = 1024 + 64;
	machine.zone.pcp_count = 0;
	machine.trace.info.gfp.movable = 8;
	assert_int_equal(
	    names_intern(&machine.trace.names, "kcompactd0", 10, &name), 0);
	assert_int_equal(map_put(&machine.trace.comms, 20, name), 0);
	for (int i = 0; i < 2; i++) {
		struct replay_result result;

		play(&machine.trace, models[i], events, count, &result);
		expect_u64_eq(result.free_pages_start, 1088);
		expect_u64_eq(result.free_pages_end, 1088 - 40 + 1);
	}
	small_machine_end(&machine);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_not_objects),
	    cmocka_unit_test(test_reaper),
	    cmocka_unit_test(test_mismatch),
	    cmocka_unit_test(test_large),
	    cmocka_unit_test(test_krealloc),
	    cmocka_unit_test(test_split_free),
	    cmocka_unit_test(test_compaction),
	    cmocka_unit_test(test_errors),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
