#include "tests/replay/replay_bed.h"

#include <string.h>

#include "parser/capture.h"
#include "parser/link.h"

void must(int ret, const struct err *err)
{
	if (ret) {
		print_error("%s\n", err->text);
		fail();
	}
}

void capture_bed_open(struct capture_bed *bed, const char *dir,
		      uint32_t unwanted)
{
	struct source *raw;
	struct err err = {0};

	assert_non_null(dir);
	bed->trace = (struct trace){.unwanted = unwanted};
	must(capture_open(dir, &bed->trace, &raw, &err), &err);
	must(link_open(raw, &bed->trace, &bed->source, &err), &err);
}

void capture_bed_close(struct capture_bed *bed)
{
	source_close(bed->source);
	trace_fini(&bed->trace);
}

uint64_t capture_bed_free_after(const struct capture_bed *bed)
{
	const struct snapshot *after = &bed->trace.after;
	uint64_t free = 0;

	for (uint32_t i = 0; i < after->zone_count; i++)
		free += after->zones[i].free;
	return free;
}

struct replay_config bed_config(struct trace *trace, const char *model,
				const char *setting, uint32_t samples)
{
	struct replay_config config = {.trace = trace,
				       .model = model,
				       .settings = replay_settings_none(),
				       .samples = samples};
	struct err err = {0};

	if (setting)
		must(replay_settings_parse(&config.settings, setting, &err),
		     &err);
	return config;
}

void bed_feed(struct replay *replay, struct source *source, bed_look *look,
	      void *context)
{
	struct kmem_event events[SOURCE_BATCH];
	struct err err = {0};
	size_t count;

	do {
		must(source_read(source, events, SOURCE_BATCH, &count, &err),
		     &err);
		must(replay_feed(replay, events, count, &err), &err);
		if (look)
			look(context, replay, events, count);
	} while (count);
}

void bed_finish(struct replay *replay, const struct replay_sink *sink,
		struct replay_result *result)
{
	struct err err = {0};

	must(replay_finish(replay, sink, result, &err), &err);
	must(replay_check(replay, &err), &err);
}

void bed_play(const struct replay_config *config,
	      const struct kmem_event *events, size_t count,
	      const struct replay_sink *sink, struct replay_result *result)
{
	struct replay *replay;
	struct err err = {0};

	must(replay_create(&replay, config, &err), &err);
	for (size_t i = 0; i < count; i++) {
		must(replay_feed(replay, &events[i], 1, &err), &err);
		must(replay_check(replay, &err), &err);
	}
	bed_finish(replay, sink, result);
	replay_destroy(replay);
}

void small_trace(struct trace *trace)
{
	*trace = (struct trace){0};
	strcpy(trace->info.machine, "x86_64");
	trace->info.version_major = 6;
	trace->info.version_minor = 1;
	trace->info.page_size = 4096;
	trace->info.long_size = 8;
	trace->info.cpu_count = 2;
	trace->info.slab_kind = SLAB_KIND_SLUB;
	trace->info.gfp.direct_reclaim = 0x400;
}

struct kmem_event object_event(enum event_kind kind, uint64_t ts_ns,
			       uint32_t slot, uint64_t bytes_req,
			       uint64_t bytes_alloc)
{
	return (struct kmem_event){.ts_ns = ts_ns,
				   .addr = 0x100000 + slot * 8192u,
				   .bytes_req = bytes_req,
				   .bytes_alloc = bytes_alloc,
				   .object = slot + 1,
				   .slot = slot,
				   .gfp_flags = 0x400,
				   .kind = (uint8_t)kind,
				   .node = -1};
}

void small_machine_make(struct small_machine *machine)
{
	static const char *const names[] = {"kmalloc-64", "dentry", "big"};
	static const uint32_t sizes[] = {64, 192, 4096};
	struct snapshot *before = &machine->trace.before;

	memset(machine, 0, sizeof(*machine));
	small_trace(&machine->trace);
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

void small_machine_end(struct small_machine *machine)
{
	machine->trace.before = (struct snapshot){0};
	trace_fini(&machine->trace);
}

int64_t slab_growth(const struct replay_result *result)
{
	return (int64_t)(result->slab_pages_end - result->slab_pages_start);
}

void expect_within(int64_t got, int64_t want, int64_t per_mille)
{
	int64_t error = got > want ? got - want : want - got;

	if (error * 1000 > want * per_mille) {
		print_error("%lld is not within %lld/1000 of %lld\n",
			    (long long)got, (long long)per_mille,
			    (long long)want);
		fail();
	}
}
