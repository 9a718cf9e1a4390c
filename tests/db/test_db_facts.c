/* All that is known about a recording survives the database. */
#include <stdlib.h>
#include <string.h>

#include "core/result.h"
#include "tests/db/db_support.h"
#include "tests/support/test.h"

static void expect_same_info(const struct capture_info *got,
			     const struct capture_info *want)
{
	expect_str_eq(got->title, want->title);
	expect_str_eq(got->release, want->release);
	expect_str_eq(got->machine, want->machine);
	expect_str_eq(got->clock, want->clock);
	expect_str_eq(got->command, want->command);
	expect_i64_eq(got->version_major, want->version_major);
	expect_i64_eq(got->version_minor, want->version_minor);
	expect_u64_eq(got->page_size, want->page_size);
	expect_u64_eq(got->long_size, want->long_size);
	expect_u64_eq(got->big_endian, want->big_endian);
	expect_u64_eq(got->markers, want->markers);
	expect_u64_eq(got->filtered, want->filtered);
	expect_u64_eq(got->partial, want->partial);
	expect_str_eq(got->partial_reason, want->partial_reason);
	expect_i64_eq(got->command_status, want->command_status);
	expect_u64_eq(got->slab_kind, want->slab_kind);
	expect_true(!memcmp(&got->gfp, &want->gfp, sizeof(got->gfp)));
	expect_u64_eq(got->direct_map_base, want->direct_map_base);
	expect_u64_eq(got->linked, want->linked);
	expect_str_eq(got->link_reason, want->link_reason);
	expect_u64_eq(got->cache_allocs, want->cache_allocs);
	expect_u64_eq(got->cache_allocs_named, want->cache_allocs_named);
	expect_u64_eq(got->cpu_count, want->cpu_count);
	expect_true(!memcmp(got->cpus, want->cpus,
			    want->cpu_count * sizeof(*want->cpus)));
}

static void expect_same_topology(const struct topology *got,
				 const struct topology *want)
{
	expect_u64_eq(got->from, want->from);
	expect_u64_eq(got->cpu_count, want->cpu_count);
	for (uint32_t cpu = 0; cpu < want->cpu_count; cpu++)
		expect_i64_eq(topology_node(got, cpu),
			      topology_node(want, cpu));
}

static void expect_same_zone(const struct snapshot_zone *got,
			     const struct snapshot_zone *want)
{
	expect_i64_eq(got->node, want->node);
	expect_str_eq(got->name, want->name);
	expect_u64_eq(got->start_pfn, want->start_pfn);
	expect_u64_eq(got->spanned, want->spanned);
	expect_u64_eq(got->present, want->present);
	expect_u64_eq(got->managed, want->managed);
	expect_u64_eq(got->free, want->free);
	expect_u64_eq(got->min, want->min);
	expect_u64_eq(got->low, want->low);
	expect_u64_eq(got->high, want->high);
	expect_u64_eq(got->boost, want->boost);
	expect_u64_eq(got->protection_count, want->protection_count);
	expect_true(!memcmp(got->protection, want->protection,
			    sizeof(got->protection)));
	expect_true(!memcmp(got->free_blocks, want->free_blocks,
			    sizeof(got->free_blocks)));
	expect_true(!memcmp(got->free_by_type, want->free_by_type,
			    sizeof(got->free_by_type)));
	expect_true(!memcmp(got->blocks_by_type, want->blocks_by_type,
			    sizeof(got->blocks_by_type)));
	expect_u64_eq(got->pcp_count, want->pcp_count);
	expect_true(!want->pcp_count ||
		    !memcmp(got->pcps, want->pcps,
			    want->pcp_count * sizeof(*want->pcps)));
}

static void expect_same_cache(const struct snapshot_cache *got,
			      const struct snapshot_cache *want)
{
	expect_str_eq(got->name, want->name);
	expect_u64_eq(got->object_size, want->object_size);
	expect_u64_eq(got->slab_size, want->slab_size);
	expect_u64_eq(got->align, want->align);
	expect_u64_eq(got->objs_per_slab, want->objs_per_slab);
	expect_u64_eq(got->order, want->order);
	expect_u64_eq(got->cpu_partial, want->cpu_partial);
	expect_u64_eq(got->min_partial, want->min_partial);
	expect_u64_eq(got->has_parameters, want->has_parameters);
	expect_u64_eq(got->hwcache_align, want->hwcache_align);
	expect_u64_eq(got->reclaim_account, want->reclaim_account);
	expect_u64_eq(got->destroy_by_rcu, want->destroy_by_rcu);
	expect_u64_eq(got->cache_dma, want->cache_dma);
	expect_u64_eq(got->ctor, want->ctor);
	expect_u64_eq(got->red_zone, want->red_zone);
	expect_u64_eq(got->poison, want->poison);
	expect_u64_eq(got->store_user, want->store_user);
	expect_u64_eq(got->sanity_checks, want->sanity_checks);
	expect_u64_eq(got->usersize, want->usersize);
	expect_u64_eq(got->sheaf_capacity, want->sheaf_capacity);
	expect_u64_eq(got->active_objs, want->active_objs);
	expect_u64_eq(got->num_objs, want->num_objs);
	expect_u64_eq(got->active_slabs, want->active_slabs);
	expect_u64_eq(got->num_slabs, want->num_slabs);
	expect_u64_eq(got->limit, want->limit);
	expect_u64_eq(got->batchcount, want->batchcount);
	expect_u64_eq(got->sharedfactor, want->sharedfactor);
	expect_u64_eq(got->objects_partial, want->objects_partial);
	expect_u64_eq(got->partial, want->partial);
	expect_u64_eq(got->cpu_slabs, want->cpu_slabs);
	expect_u64_eq(got->slabs_cpu_partial, want->slabs_cpu_partial);
	expect_u64_eq(got->objects_cpu_partial, want->objects_cpu_partial);
}

static void expect_same_lists(const struct snapshot *got,
			      const struct snapshot *want)
{
	expect_u64_eq(got->zone_count, want->zone_count);
	for (uint32_t i = 0; i < want->zone_count; i++)
		expect_same_zone(&got->zones[i], &want->zones[i]);
	expect_u64_eq(got->block_count, want->block_count);
	for (size_t i = 0; i < want->block_count; i++) {
		expect_u64_eq(got->blocks[i].pfn, want->blocks[i].pfn);
		expect_u64_eq(got->blocks[i].order, want->blocks[i].order);
	}
	expect_u64_eq(got->cache_count, want->cache_count);
	for (uint32_t i = 0; i < want->cache_count; i++)
		expect_same_cache(&got->caches[i], &want->caches[i]);
	expect_u64_eq(got->alias_count, want->alias_count);
	for (uint32_t i = 0; i < want->alias_count; i++) {
		expect_str_eq(got->aliases[i].name, want->aliases[i].name);
		expect_u64_eq(got->aliases[i].cache, want->aliases[i].cache);
	}
}

static void expect_same_snapshot(const struct snapshot *got,
				 const struct snapshot *want)
{
	expect_u64_eq(got->parts, want->parts);
	/* Without parts nothing is stored, not even why. */
	if (!want->parts)
		return;
	expect_str_eq(got->why_missing, want->why_missing);
	expect_u64_eq(got->order_count, want->order_count);
	expect_u64_eq(got->pageblock_order, want->pageblock_order);
	expect_u64_eq(got->migratetype_count, want->migratetype_count);
	for (int i = 0; i < SNAPSHOT_MIGRATETYPES_MAX; i++)
		expect_str_eq(got->migratetypes[i], want->migratetypes[i]);
	expect_u64_eq(got->kpageflags_pages, want->kpageflags_pages);
	expect_u64_eq(got->slab_pages, want->slab_pages);
	expect_u64_eq(got->slab_map_pages, want->slab_map_pages);
	for (uint64_t pfn = 0; pfn < want->slab_map_pages; pfn++)
		expect_u64_eq(snapshot_is_slab(got, pfn),
			      snapshot_is_slab(want, pfn));
	expect_u64_eq(got->movable_map_pages, want->movable_map_pages);
	for (uint64_t pfn = 0; pfn < want->movable_map_pages; pfn++)
		expect_u64_eq(snapshot_is_movable(got, pfn),
			      snapshot_is_movable(want, pfn));
	expect_u64_eq(got->nr_slab_reclaimable, want->nr_slab_reclaimable);
	expect_u64_eq(got->nr_slab_unreclaimable, want->nr_slab_unreclaimable);
	expect_true(got->has_thp == want->has_thp);
	expect_same_lists(got, want);
}

/* Every name, and the text of every call site of the events. */
static void expect_same_names(const char *path, const struct trace *got,
			      const struct trace *want)
{
	const struct map_entry *entry;
	size_t at = 0;

	(void)path;
	expect_u64_eq(names_count(&got->names), names_count(&want->names));
	for (uint32_t id = 0; id < names_count(&want->names); id++)
		expect_str_eq(names_get(&got->names, id),
			      names_get(&want->names, id));
	expect_u64_eq(map_count(&got->comms), map_count(&want->comms));
	while ((entry = map_next(&want->comms, &at)))
		expect_str_eq(trace_comm(got, (int32_t)entry->key),
			      trace_comm(want, (int32_t)entry->key));
	expect_u64_eq(map_count(&got->self_pids), map_count(&want->self_pids));
	at = 0;
	while ((entry = map_next(&want->self_pids, &at)))
		expect_true(trace_is_self(got, (int32_t)entry->key));
}

static void expect_same_counts(const struct trace *got,
			       const struct trace *want)
{
	for (int i = 0; i < ANOMALY_COUNT; i++)
		expect_u64_eq(got->anomalies.count[i],
			      want->anomalies.count[i]);
	expect_u64_eq(got->tracepoint_count, want->tracepoint_count);
	for (uint32_t i = 0; i < want->tracepoint_count; i++) {
		expect_u64_eq(got->tracepoints[i].name,
			      want->tracepoints[i].name);
		expect_u64_eq(got->tracepoints[i].count,
			      want->tracepoints[i].count);
	}
	expect_u64_eq(got->first_ts_ns, want->first_ts_ns);
	expect_u64_eq(got->last_ts_ns, want->last_ts_ns);
}

static void expect_same_symbols(struct source *source, const struct trace *got,
				const struct trace *want)
{
	static struct kmem_event events[SOURCE_BATCH];
	char got_text[SYMBOL_TEXT_MAX], want_text[SYMBOL_TEXT_MAX];
	struct err err = {0};
	uint64_t last = 0;
	size_t count;

	assert_int_equal(source_rewind(source, &err), 0);
	do {
		assert_int_equal(
		    source_read(source, events, SOURCE_BATCH, &count, &err), 0);
		for (size_t i = 0; i < count; i++) {
			uint64_t site = events[i].call_site;

			if (site == last)
				continue;
			last = site;
			expect_str_eq(
			    symbols_format(&got->symbols, site, got_text),
			    symbols_format(&want->symbols, site, want_text));
		}
	} while (count);
}

static void facts_round_trip(const char *name)
{
	struct trace want = {0}, got = {0};
	struct source *source, *again;
	struct err err = {0};
	const char *path = db_path(name);

	open_capture(name, &want, &source);
	write_source(path, source, &want);
	if (db_source_open(path, &got, &again, &err))
		fail_msg("%s", err.text);
	expect_same_info(&got.info, &want.info);
	expect_same_topology(&got.topology, &want.topology);
	expect_same_names(path, &got, &want);
	expect_same_counts(&got, &want);
	expect_same_snapshot(&got.before, &want.before);
	expect_same_snapshot(&got.after, &want.after);
	expect_same_symbols(source, &got, &want);
	source_close(again);
	source_close(source);
	trace_fini(&got);
	trace_fini(&want);
}

static void test_captures(void **state)
{
	static const char *const names[] = {
	    "mixed-slub",	    "mixed-slab",    "mixed-slob",
	    "files-slub",	    "arm32-partial", "mixed-arm64-64k",
	    "debian61-boot-kmalloc"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		facts_round_trip(names[i]);
}

/*
 * A member more in one of these needs a column more in db/schema.sql, a line
 * more in db/db_tables.c and in the tests here; then the size here.
 */
static void test_members(void **state)
{
	(void)state;
	if (sizeof(void *) != 8)
		skip();
	expect_u64_eq(sizeof(struct capture_info), 2144);
	expect_u64_eq(sizeof(struct cpu_loss), 40);
	expect_u64_eq(sizeof(struct snapshot), 792);
	expect_u64_eq(sizeof(struct snapshot_zone), 1400);
	expect_u64_eq(sizeof(struct snapshot_pcp), 24);
	expect_u64_eq(sizeof(struct snapshot_block), 16);
	expect_u64_eq(sizeof(struct snapshot_cache), 200);
	expect_u64_eq(sizeof(struct snapshot_alias), 68);
	/* Its context and line are a sink's own: no columns. */
	expect_u64_eq(sizeof(struct site_summary), 176);
	expect_u64_eq(sizeof(struct replay_result), 560);
	expect_u64_eq(sizeof(struct replay_sample), 240);
	expect_u64_eq(sizeof(struct replay_cache_sample), 40);
	expect_u64_eq(sizeof(struct replay_cache_result), 88);
	expect_u64_eq(sizeof(struct replay_waterfall), 144);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_members),
	    cmocka_unit_test(test_captures),
	};

	return test_exit(cmocka_run_group_tests(tests, NULL, NULL));
}
