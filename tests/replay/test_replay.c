/*
 * The engine on recorded captures, held against what the kernel's own snapshot
 * says happened, and on small traces made by hand.
 */
#include "replay/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/capture.h"
#include "parser/link.h"
#include "tests/support/test.h"

struct outcome {
	struct replay_result result;
	struct replay_notes notes;
	struct replay_costs costs;
	size_t samples, cache_samples, caches;
	uint64_t last_ts_ns, peak_pages;
	uint64_t last_cache_pages; /* at the last sample */
	uint64_t hash;		   /* of all rows */
	uint64_t cache_slabs_end;
	struct replay_sample last;
};

/* FNV-1a: equal rows, equal sums. */
static void hash_in(struct outcome *outcome, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++)
		outcome->hash = (outcome->hash ^ bytes[i]) * 1099511628211u;
}

static int take_sample(void *context, const struct replay_sample *sample)
{
	struct outcome *outcome = context;

	expect_true(sample->ts_ns >= outcome->last_ts_ns);
	outcome->last_ts_ns = sample->ts_ns;
	outcome->samples++;
	outcome->last_cache_pages = 0;
	outcome->last = *sample;
	if (sample->slab_pages > outcome->peak_pages)
		outcome->peak_pages = sample->slab_pages;
	hash_in(outcome, sample, sizeof(*sample));
	return 0;
}

static int take_cache_sample(void *context,
			     const struct replay_cache_sample *sample)
{
	struct outcome *outcome = context;

	expect_u64_eq(sample->ts_ns, outcome->last_ts_ns);
	outcome->cache_samples++;
	outcome->last_cache_pages += sample->pages;
	hash_in(outcome, &sample->slabs, sizeof(sample->slabs));
	return 0;
}

static int take_cache(void *context, const struct replay_cache_result *cache)
{
	struct outcome *outcome = context;

	expect_true(cache->slabs_peak >= cache->slabs_end);
	expect_true(cache->slabs_peak >= cache->slabs_start);
	outcome->caches++;
	outcome->cache_slabs_end += cache->slabs_end;
	hash_in(outcome, cache, sizeof(*cache));
	return 0;
}

static void must(int ret, const struct err *err)
{
	if (ret) {
		print_error("%s\n", err->text);
		fail();
	}
}

/* Plays a capture; free_after: free pages of the kernel's own snapshot. */
static void play(const char *name, const char *model, const char *setting,
		 struct outcome *outcome, uint64_t *free_after)
{
	const char *dir = test_capture(name);
	struct replay_sink sink = {.sample = take_sample,
				   .cache_sample = take_cache_sample,
				   .cache = take_cache,
				   .context = outcome};
	struct kmem_event events[SOURCE_BATCH];
	struct trace trace = {0};
	struct source *raw, *source;
	struct replay_config config = {.trace = &trace,
				       .model = model,
				       .settings = replay_settings_none(),
				       .samples = 100};
	struct replay *replay;
	struct err err = {0};
	size_t count;

	assert_non_null(dir);
	must(capture_open(dir, &trace, &raw, &err), &err);
	must(link_open(raw, &trace, &source, &err), &err);
	if (setting)
		must(replay_settings_parse(&config.settings, setting, &err),
		     &err);
	must(replay_create(&replay, &config, &err), &err);
	do {
		must(source_read(source, events, SOURCE_BATCH, &count, &err),
		     &err);
		must(replay_feed(replay, events, count, &err), &err);
	} while (count);
	*outcome = (struct outcome){.hash = 14695981039346656037u};
	must(replay_finish(replay, &sink, &outcome->result, &err), &err);
	must(replay_check(replay, &err), &err);
	outcome->notes = *replay_notes(replay);
	outcome->costs = *replay_costs(replay);
	*free_after = 0;
	for (uint32_t i = 0; i < trace.after.zone_count; i++)
		*free_after += trace.after.zones[i].free;
	replay_destroy(replay);
	source_close(source);
	trace_fini(&trace);
}

static int64_t growth(const struct outcome *outcome)
{
	return (int64_t)(outcome->result.slab_pages_end -
			 outcome->result.slab_pages_start);
}

static void expect_within(int64_t got, int64_t want, int64_t per_mille)
{
	int64_t error = got > want ? got - want : want - got;

	if (error * 1000 > want * per_mille) {
		print_error("%lld is not within %lld/1000 of %lld\n",
			    (long long)got, (long long)per_mille,
			    (long long)want);
		fail();
	}
}

/* What the README of the captures says happened between the snapshots. */
struct known {
	const char *name;
	int64_t growth;
	bool compacted; /* compaction moved pages without events */
};

static const struct known recorded[] = {
    {"mixed-slub", 3516, false},    {"mixed-slab", 3759, false},
    {"mixed-slob", 3860, false},    {"files-slub", 2679, false},
    {"mixed-arm64-64k", 192, true},
};

/* Books of what the kernel did: exact, or something was entered wrongly. */
static void test_recorded(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(recorded) / sizeof(*recorded); i++) {
		struct outcome outcome;
		uint64_t free_after;

		play(recorded[i].name, "recorded", NULL, &outcome, &free_after);
		expect_i64_eq(growth(&outcome), recorded[i].growth);
		expect_u64_eq(outcome.result.bytes_alloc_mismatch, 0);
		expect_str_eq(outcome.result.start, "warm");
		expect_true(outcome.samples >= 40);
		expect_true(outcome.samples <= 202);
		expect_u64_eq(outcome.peak_pages,
			      outcome.result.slab_pages_peak);
		if (!recorded[i].compacted)
			expect_within((int64_t)outcome.result.free_pages_end,
				      (int64_t)free_after, 2);
	}
}

/* SLUB from the same start, on the captures of SLUB kernels. */
static void test_slub(void **state)
{
	static const struct known slub[] = {{"mixed-slub", 3516, false},
					    {"files-slub", 2679, false}};

	(void)state;
	for (size_t i = 0; i < sizeof(slub) / sizeof(*slub); i++) {
		struct outcome outcome;
		uint64_t free_after;

		play(slub[i].name, "slub", NULL, &outcome, &free_after);
		expect_within(growth(&outcome), slub[i].growth, 5);
		expect_true(outcome.notes.silent_ends > 100);
		expect_u64_eq(outcome.notes.silent_ends_wrong, 0);
		expect_within((int64_t)outcome.result.free_pages_end,
			      (int64_t)free_after, 10);
		expect_true(outcome.result.bytes_alloc_checked > 80000);
		expect_u64_eq(outcome.result.bytes_alloc_mismatch, 0);
		expect_u64_eq(outcome.result.failed, 0);
		expect_u64_eq(outcome.last_cache_pages,
			      outcome.last.slab_pages);
	}
}

/* SLAB from its own start, and what a SLUB kernel would have done with it. */
static void test_slab(void **state)
{
	struct outcome outcome;
	uint64_t free_after;

	(void)state;
	play("mixed-slab", "slab", NULL, &outcome, &free_after);
	expect_within(growth(&outcome), 3759, 10);
	expect_within((int64_t)outcome.result.free_pages_end,
		      (int64_t)free_after, 10);
	expect_true(outcome.result.bytes_alloc_checked > 140000);
	expect_u64_eq(outcome.result.bytes_alloc_mismatch, 0);
	expect_u64_eq(outcome.result.failed, 0);
	expect_u64_eq(outcome.last_cache_pages, outcome.last.slab_pages);
	expect_str_eq(outcome.result.start, "warm");
	/* The same workload: the kernel built with SLAB grew by 3759. */
	play("mixed-slub", "slab", NULL, &outcome, &free_after);
	expect_within(growth(&outcome), 3759, 30);
	expect_u64_eq(outcome.result.bytes_alloc_checked, 0);
	expect_u64_eq(outcome.result.failed, 0);
	play("mixed-arm64-64k", "slab", NULL, &outcome, &free_after);
	expect_within(growth(&outcome), 192, 60);
}

/* Another kernel's trace: nothing is predicted, everything is served. */
static void test_slub_elsewhere(void **state)
{
	struct outcome outcome;
	uint64_t free_after;

	(void)state;
	play("mixed-slab", "slub", NULL, &outcome, &free_after);
	expect_u64_eq(outcome.result.bytes_alloc_checked, 0);
	expect_u64_eq(outcome.result.failed, 0);
	expect_true(growth(&outcome) > 3000);
	play("mixed-slob", "slub", NULL, &outcome, &free_after);
	expect_u64_eq(outcome.result.failed, 0);
	expect_str_eq(outcome.result.start,
		      "warm pages, cold slabs: no slab counts in before/");
	play("mixed-arm64-64k", "slub", NULL, &outcome, &free_after);
	expect_within(growth(&outcome), 192, 60);
}

/* Boot captures have no "before"; a partial one is replayed as far as it is. */
static void test_cold(void **state)
{
	struct outcome outcome;
	uint64_t free_after;

	(void)state;
	play("debian61-boot-kmalloc", "slub", NULL, &outcome, &free_after);
	expect_str_eq(outcome.result.start, "cold: no free blocks in before/");
	expect_u64_eq(outcome.result.slab_pages_start, 0);
	expect_u64_eq(outcome.result.bytes_alloc_mismatch, 0);
	expect_true(outcome.result.bytes_alloc_checked > 50000);
	play("arm32-partial", "recorded", NULL, &outcome, &free_after);
	expect_u64_eq(outcome.result.bytes_alloc_mismatch, 0);
	expect_true(outcome.result.bytes_alloc_checked > 3000);
}

static void test_setting(void **state)
{
	struct outcome plain, flat;
	uint64_t free_after;

	(void)state;
	play("files-slub", "slub", NULL, &plain, &free_after);
	play("files-slub", "slub", "slub.max_order=0", &flat, &free_after);
	expect_str_eq(flat.result.settings, "slub.max_order=0");
	expect_true(flat.result.slab_pages_end != plain.result.slab_pages_end);
	/* The objects of the start are the same, in slabs of other sizes. */
	expect_within((int64_t)flat.result.slab_pages_start,
		      (int64_t)plain.result.slab_pages_start, 50);
	expect_u64_eq(flat.result.bytes_alloc_live,
		      plain.result.bytes_alloc_live);
}

/* The page allocator's: slabs stay as they are, unless a slab's node changes. */
static void test_page_settings(void **state)
{
	struct outcome plain, changed;
	uint64_t free_after;

	(void)state;
	play("files-slub", "slub", NULL, &plain, &free_after);
	expect_true(plain.last.pcp_pages > 0);
	play("files-slub", "slub", "pcp.high=0", &changed, &free_after);
	expect_u64_eq(changed.result.slab_pages_end,
		      plain.result.slab_pages_end);
	expect_true(changed.last.pcp_pages < plain.last.pcp_pages);
	expect_true(changed.costs.pcp_drains > plain.costs.pcp_drains);
	play("files-slub", "slub", "pcp.batch=1", &changed, &free_after);
	expect_true(changed.costs.pcp_refills > plain.costs.pcp_refills);
	play("files-slub", "slub", "pages.group=0", &changed, &free_after);
	expect_u64_eq(changed.result.slab_pages_end,
		      plain.result.slab_pages_end);
	expect_true(memcmp(changed.last.free_blocks, plain.last.free_blocks,
			   sizeof(plain.last.free_blocks)) != 0);
	/* What was recorded stays what it was. */
	play("files-slub", "recorded", NULL, &plain, &free_after);
	play("files-slub", "recorded", "pcp.high=0", &changed, &free_after);
	expect_u64_eq(changed.result.free_pages_end,
		      plain.result.free_pages_end);
}

static void test_same_twice(void **state)
{
	struct outcome first, second;
	uint64_t free_after;

	(void)state;
	play("mixed-slub", "slub", NULL, &first, &free_after);
	play("mixed-slub", "slub", NULL, &second, &free_after);
	expect_u64_eq(first.hash, second.hash);
	expect_u64_eq(first.cache_samples, second.cache_samples);
}

/* ---- Small traces -------------------------------------------------------------- */

static void small_trace(struct trace *trace)
{
	memset(trace, 0, sizeof(*trace));
	strcpy(trace->info.machine, "x86_64");
	trace->info.version_major = 6;
	trace->info.version_minor = 1;
	trace->info.page_size = 4096;
	trace->info.long_size = 8;
	trace->info.cpu_count = 2;
	trace->info.slab_kind = SLAB_KIND_SLUB;
	trace->info.gfp.direct_reclaim = 0x400;
}

static struct kmem_event object_event(enum event_kind kind, uint64_t ts_ns,
				      uint32_t slot, uint64_t bytes_req)
{
	return (struct kmem_event){.ts_ns = ts_ns,
				   .addr = 0x1000 + slot * 64u,
				   .bytes_req = bytes_req,
				   .bytes_alloc = 64,
				   .object = slot + 1,
				   .slot = slot,
				   .kind = (uint8_t)kind,
				   .node = -1};
}

static void play_events(struct trace *trace, const char *model,
			const struct kmem_event *events, size_t count,
			struct replay_result *result)
{
	struct replay_config config = {.trace = trace,
				       .model = model,
				       .settings = replay_settings_none(),
				       .samples = 10};
	struct replay *replay;
	struct err err = {0};

	must(replay_create(&replay, &config, &err), &err);
	must(replay_feed(replay, events, count, &err), &err);
	must(replay_finish(replay, NULL, result, &err), &err);
	must(replay_check(replay, &err), &err);
	replay_destroy(replay);
}

/* Failed, repeated and unknown events bring nothing to life. */
static void test_not_objects(void **state)
{
	struct kmem_event events[6];
	struct replay_result result;
	struct trace trace;

	(void)state;
	small_trace(&trace);
	events[0] = object_event(EV_KMALLOC, 1, 0, 50);
	events[1] = object_event(EV_KMALLOC, 2, 0, 50);
	events[1].flags = EVF_FAILED;
	events[2] = object_event(EV_KMALLOC, 3, 0, 50);
	events[2].flags = EVF_DUPLICATE;
	events[3] = object_event(EV_KFREE, 4, 0, 0);
	events[3].flags = EVF_NO_OBJECT;
	events[4] = object_event(EV_KFREE, 5, 9, 0);
	events[4].object = 0;
	events[4].flags = EVF_UNKNOWN_OBJECT;
	events[5] = object_event(EV_KMALLOC, 6, 1, 33);
	play_events(&trace, "slub", events, 6, &result);
	expect_u64_eq(result.bytes_req_live, 83);
	expect_u64_eq(result.bytes_alloc_live, 128);
	expect_u64_eq(result.waste_live, 45);
	expect_u64_eq(result.slab_pages_end, 1);
	expect_u64_eq(result.bytes_alloc_checked, 2);
	expect_str_eq(result.start, "cold: zones unknown, pages only counted");
	play_events(&trace, "recorded", events, 6, &result);
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
		events[i] = object_event(EV_KMALLOC, i, i, 50);
		events[OBJECTS + i] =
		    object_event(EV_KFREE, OBJECTS + i, i, 50);
	}
	events[EVENTS - 1] = object_event(EV_KMALLOC, EVENTS, OBJECTS, 50);
	play_events(&trace, "slab", events, EVENTS, &result);
	kept = result.slab_pages_end;
	events[EVENTS - 1].ts_ns = 1000000000000u;
	play_events(&trace, "slab", events, EVENTS, &result);
	expect_u64_eq(result.slab_pages_end, 1);
	expect_true(kept > 1);
	trace_fini(&trace);
}

/* A prediction that does not come true is counted. */
static void test_mismatch(void **state)
{
	struct kmem_event event = object_event(EV_KMALLOC, 1, 0, 65);
	struct replay_result result;
	struct trace trace;

	(void)state;
	small_trace(&trace);
	play_events(&trace, "slub", &event, 1, &result); /* 96, not 64 */
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
	events[0] = object_event(EV_KMALLOC, 1, 0, 9000);
	events[0].bytes_alloc = 16384;
	events[0].flags = EVF_LARGE;
	events[1] = object_event(EV_KMALLOC, 2, 1, 64);
	events[2] = object_event(EV_KFREE, 3, 1, 64);
	play_events(&trace, "slub", events, 3, &result);
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
	events[0] = object_event(EV_KMALLOC, 1, 0, 40);
	/* 60 bytes now, without an event; then 100. */
	events[1] = object_event(EV_KMALLOC, 2, 1, 100);
	events[1].bytes_alloc = 128;
	events[2] = object_event(EV_KFREE, 3, 0, 40);
	for (int i = 0; i < 3; i++) {
		struct replay_result result;

		play_events(&trace, models[i], events, 1, &result);
		expect_u64_eq(result.bytes_req_live, 40);
		expect_u64_eq(result.waste_live, 24);
		play_events(&trace, models[i], events, 3, &result);
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
	play_events(&trace, "slub", events, 4, &result);
	expect_u64_eq(result.failed, 0);
	trace_fini(&trace);
}

/* ---- Anything at all -------------------------------------------------------------- */

struct machine {
	struct trace trace;
	struct snapshot_zone zone;
	struct snapshot_pcp pcp[2];
	struct snapshot_block blocks[4];
	struct snapshot_cache caches[3];
	uint64_t seed;
};

static uint64_t draw(struct machine *machine, uint64_t below)
{
	machine->seed =
	    machine->seed * 6364136223846793005ull + 1442695040888963407ull;
	return (machine->seed >> 20) % below;
}

static void machine_make(struct machine *machine, uint64_t seed)
{
	static const char *const names[] = {"kmalloc-64", "dentry", "big"};
	static const uint32_t sizes[] = {64, 192, 4096};
	struct snapshot *before = &machine->trace.before;

	memset(machine, 0, sizeof(*machine));
	small_trace(&machine->trace);
	machine->seed = seed;
	machine->trace.info.linked = true;
	machine->trace.info.direct_map_base = 0xffff888000000000u;
	machine->pcp[0] = (struct snapshot_pcp){
	    .cpu = 0, .count = 9, .high = 60, .batch = 15};
	machine->pcp[1] = machine->pcp[0];
	machine->pcp[1].cpu = 1;
	machine->zone = (struct snapshot_zone){.name = "Normal",
					       .start_pfn = 0,
					       .spanned = 8192,
					       .present = 8192,
					       .managed = 8000,
					       .free = 4096,
					       .pcps = machine->pcp,
					       .pcp_count = 2};
	for (uint32_t i = 0; i < 4; i++)
		machine->blocks[i] =
		    (struct snapshot_block){1024 * (i + 2), 10};
	for (int i = 0; i < 3; i++) {
		struct snapshot_cache *c = &machine->caches[i];

		strcpy(c->name, names[i]);
		c->object_size = c->slab_size = sizes[i];
		c->order = i == 2 ? 3 : 0;
		c->objs_per_slab = (4096u << c->order) / sizes[i];
		c->num_slabs = 10;
		c->num_objs = 10 * c->objs_per_slab;
		c->active_objs = c->num_objs - c->objs_per_slab;
		c->partial = 3;
		c->objects_partial = 2 * c->objs_per_slab;
		c->cpu_slabs = 3;
		c->slabs_cpu_partial = 1;
	}
	before->parts =
	    SNAPSHOT_ZONEINFO | SNAPSHOT_KPAGEFLAGS | SNAPSHOT_SLABINFO;
	before->order_count = 11;
	before->pageblock_order = 9;
	before->migratetype_count = 4;
	before->zones = &machine->zone;
	before->zone_count = 1;
	before->blocks = machine->blocks;
	before->block_count = 4;
	before->kpageflags_pages = 8192;
	before->caches = machine->caches;
	before->cache_count = 3;
}

/* Mostly plausible, never consistent. */
static struct kmem_event any_event(struct machine *machine, uint64_t ts_ns)
{
	static const uint32_t flags[] = {0,
					 0,
					 0,
					 EVF_UNKNOWN_OBJECT,
					 EVF_HIDDEN_OBJECT,
					 EVF_BACKS_SLAB,
					 EVF_BACKS_LARGE,
					 EVF_LARGE,
					 EVF_SPLIT | EVF_BLOCK_LIVES,
					 EVF_FAILED,
					 EVF_DUPLICATE,
					 EVF_NO_OBJECT,
					 EVF_SYNTHETIC};
	struct kmem_event ev = {
	    .ts_ns = ts_ns,
	    .kind = (uint8_t)draw(machine, EV_KIND_COUNT + 2),
	    .cpu = (uint16_t)draw(machine, 2),
	    .order = (uint8_t)draw(machine, 5),
	    .slot = (uint32_t)draw(machine, 1 + ts_ns / 4),
	    .object = draw(machine, 4),
	    .name = (uint32_t)draw(machine, names_count(&machine->trace.names)),
	    .bytes_req = draw(machine, 9000),
	    .bytes_alloc = 8 * draw(machine, 600),
	    .gfp_flags = (uint32_t)draw(machine, 1u << 24),
	    .migratetype = (int8_t)draw(machine, 6),
	    .node = (int16_t)((int)draw(machine, 4) - 2),
	    .flags = flags[draw(machine, sizeof(flags) / sizeof(*flags))],
	};

	if (ev.kind >= EV_PAGE_ALLOC)
		ev.addr = draw(machine, 9000) & ~((1ull << ev.order) - 1);
	else
		ev.addr = 0xffff888000000000u + 8 * draw(machine, 1u << 22);
	if (!draw(machine, 50))
		ev.addr = draw(machine, UINT64_MAX);
	if (!draw(machine, 50))
		ev.bytes_req = ev.bytes_alloc = draw(machine, UINT64_MAX);
	if (!draw(machine, 50))
		ev.order = (uint8_t)draw(machine, 256);
	return ev;
}

static void any_run(const char *model, const char *setting, uint64_t seed)
{
	struct machine machine;
	struct replay_config config = {.trace = &machine.trace,
				       .model = model,
				       .settings = replay_settings_none(),
				       .samples = 20};
	struct replay_result result;
	struct replay *replay;
	struct err err = {0};
	uint32_t id;

	machine_make(&machine, seed);
	assert_int_equal(names_intern(&machine.trace.names, "dentry", 6, &id),
			 0);
	assert_int_equal(names_intern(&machine.trace.names, "odd", 3, &id), 0);
	if (setting)
		must(replay_settings_parse(&config.settings, setting, &err),
		     &err);
	must(replay_create(&replay, &config, &err), &err);
	for (uint64_t ts = 0; ts < 20000; ts++) {
		struct kmem_event ev = any_event(&machine, ts);

		must(replay_feed(replay, &ev, 1, &err), &err);
		if (ts % 2000 == 0)
			must(replay_check(replay, &err), &err);
	}
	must(replay_finish(replay, NULL, &result, &err), &err);
	must(replay_check(replay, &err), &err);
	expect_true(result.events > 18000); /* all but the markers */
	replay_destroy(replay);
	machine.trace.before = (struct snapshot){0};
	trace_fini(&machine.trace);
}

static void test_anything(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++) {
		any_run("slub", NULL, seed);
		any_run("slub", "slub.debug=FZPU", seed);
		any_run("slub", "slub.merge=1", seed);
		any_run("slob", NULL, seed);
		any_run("slab", NULL, seed);
		any_run("recorded", NULL, seed);
	}
}

struct merge_rows {
	const struct trace *trace;
	uint32_t caches;
};

static int merge_row(void *context, const struct replay_cache_result *cache)
{
	struct merge_rows *rows = context;
	const char *name = names_get(&rows->trace->names, cache->cache);
	bool old = strcmp(name, "old") == 0;

	rows->caches++;
	expect_true(old || strcmp(name, "dentry") == 0);
	expect_u64_eq(cache->slabs_start, old ? 20 : 10);
	expect_u64_eq(cache->allocs, old ? 1 : 0);
	return 0;
}

/* Two caches of one size are one; the older has the slabs of both. */
static void test_merge(void **state)
{
	struct machine machine;
	struct merge_rows rows = {.trace = &machine.trace};
	struct replay_sink sink = {.cache = merge_row, .context = &rows};
	struct replay_config config = {.trace = &machine.trace,
				       .model = "slub",
				       .settings = replay_settings_none(),
				       .samples = 2};
	struct snapshot_alias alias = {.name = ":0000192", .cache = 1};
	struct kmem_event ev = object_event(EV_CACHE_ALLOC, 1, 0, 64);
	struct replay_result result;
	struct replay *replay;
	struct err err = {0};

	(void)state;
	machine_make(&machine, 1);
	strcpy(machine.caches[0].name, "young");
	machine.caches[2] = machine.caches[0];
	strcpy(machine.caches[2].name, "old");
	assert_int_equal(
	    names_intern(&machine.trace.names, "young", 5, &ev.name), 0);
	must(replay_settings_parse(&config.settings, "slub.merge=1", &err),
	     &err);
	must(replay_create(&replay, &config, &err), &err);
	must(replay_feed(replay, &ev, 1, &err), &err);
	must(replay_finish(replay, &sink, &result, &err), &err);
	must(replay_check(replay, &err), &err);
	expect_u64_eq(rows.caches, 2);
	replay_destroy(replay);
	/* What was merged cannot be told apart, and that is said. */
	config.settings.slub_merge = 0;
	machine.trace.before.aliases = &alias;
	machine.trace.before.alias_count = 1;
	assert_int_equal(replay_create(&replay, &config, &err),
			 ERR_UNSUPPORTED);
	expect_true(strstr(err.text, "slab_nomerge") != NULL);
	machine.trace.before = (struct snapshot){0};
	trace_fini(&machine.trace);
}

/* Counts that cannot be are refused before memory is made for them. */
static void test_impossible_counts(void **state)
{
	struct machine machine;
	struct replay_config config = {.trace = &machine.trace,
				       .model = "slub",
				       .settings = replay_settings_none(),
				       .samples = 20};
	struct kmem_event event = object_event(EV_KMALLOC, 1, 7, 8);
	struct replay *replay;
	struct err err = {0};

	(void)state;
	machine_make(&machine, 1);
	machine.caches[1].num_slabs = 1ull << 40;
	machine.trace.before.parts &= ~(uint32_t)SNAPSHOT_KPAGEFLAGS;
	assert_int_equal(replay_create(&replay, &config, &err), ERR_FORMAT);
	machine.caches[1].num_slabs = 10;
	machine.caches[2].order = 200;
	assert_int_equal(replay_create(&replay, &config, &err), ERR_FORMAT);
	machine.caches[2].order = 3;
	must(replay_create(&replay, &config, &err), &err);
	assert_int_equal(replay_feed(replay, &event, 1, &err), ERR_FORMAT);
	event.slot = 0;
	event.name = 1u << 30;
	assert_int_equal(replay_feed(replay, &event, 1, &err), ERR_FORMAT);
	replay_destroy(replay);
	machine.trace.before = (struct snapshot){0};
	trace_fini(&machine.trace);
}

/* Files that contradict each other are not believed, not one of them. */
static void test_contradiction(void **state)
{
	struct machine machine;
	struct replay_config config = {.trace = &machine.trace,
				       .model = "slub",
				       .settings = replay_settings_none(),
				       .samples = 20};
	struct replay_result result;
	struct replay *replay;
	struct err err = {0};

	(void)state;
	machine_make(&machine, 1);
	machine.trace.before.slab_pages = 1ull << 30;
	must(replay_create(&replay, &config, &err), &err);
	must(replay_finish(replay, NULL, &result, &err), &err);
	expect_str_eq(result.start, "cold: before/ contradicts itself");
	expect_u64_eq(result.slab_pages_start, 0);
	replay_destroy(replay);
	machine.trace.before = (struct snapshot){0};
	trace_fini(&machine.trace);
}

static void test_errors(void **state)
{
	struct replay_config config = {.model = "slop", .samples = 10};
	struct kmem_event event = object_event(EV_KMALLOC, 1, 0, 8);
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

static void test_settings(void **state)
{
	struct replay_settings settings = replay_settings_none();
	struct err err = {0};
	char text[128];

	(void)state;
	expect_str_eq(replay_settings_format(&settings, text, sizeof(text)),
		      "");
	must(replay_settings_parse(&settings, "slub.min_partial=0", &err),
	     &err);
	must(replay_settings_parse(&settings, "slub.max_order=2", &err), &err);
	expect_str_eq(replay_settings_format(&settings, text, sizeof(text)),
		      "slub.max_order=2 slub.min_partial=0");
	must(replay_settings_parse(&settings, "slub.debug=UZ", &err), &err);
	expect_str_eq(replay_settings_format(&settings, text, sizeof(text)),
		      "slub.max_order=2 slub.min_partial=0 slub.debug=ZU");
	assert_int_equal(replay_settings_parse(&settings, "slub.debug=", &err),
			 ERR_USAGE);
	assert_int_equal(replay_settings_parse(&settings, "slub.debug=A", &err),
			 ERR_USAGE);
	expect_true(strstr(err.text, "FZPUO") != NULL);
	assert_int_equal(replay_settings_parse(&settings, "slub.x=1", &err),
			 ERR_USAGE);
	expect_true(strstr(err.text, "slub.cpu_partial") != NULL);
	assert_int_equal(replay_settings_parse(&settings, "pcp.batch=0", &err),
			 ERR_USAGE);
	assert_int_equal(
	    replay_settings_parse(&settings, "slub.max_order", &err),
	    ERR_USAGE);
	assert_int_equal(
	    replay_settings_parse(&settings, "slub.max_order=16", &err),
	    ERR_USAGE);
	assert_int_equal(
	    replay_settings_parse(&settings, "slub.max_order=-1", &err),
	    ERR_USAGE);
	assert_int_equal(
	    replay_settings_parse(&settings, "slub.max_order=1x", &err),
	    ERR_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_recorded),
	    cmocka_unit_test(test_slub),
	    cmocka_unit_test(test_slab),
	    cmocka_unit_test(test_slub_elsewhere),
	    cmocka_unit_test(test_cold),
	    cmocka_unit_test(test_setting),
	    cmocka_unit_test(test_page_settings),
	    cmocka_unit_test(test_same_twice),
	    cmocka_unit_test(test_not_objects),
	    cmocka_unit_test(test_reaper),
	    cmocka_unit_test(test_mismatch),
	    cmocka_unit_test(test_large),
	    cmocka_unit_test(test_krealloc),
	    cmocka_unit_test(test_split_free),
	    cmocka_unit_test(test_anything),
	    cmocka_unit_test(test_merge),
	    cmocka_unit_test(test_impossible_counts),
	    cmocka_unit_test(test_contradiction),
	    cmocka_unit_test(test_errors),
	    cmocka_unit_test(test_settings),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
