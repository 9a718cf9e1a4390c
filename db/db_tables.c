#include "db/db_tables.h"

#include <stdbool.h>

#include "core/result.h"
#include "core/trace.h"
#include "db/db_timeline.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define TABLE(name, fields, ...)                                               \
	{                                                                      \
		name, {__VA_ARGS__}, fields, COUNT_OF(fields)                  \
	}

/* Members of trace->info, and two of the trace itself. */
#define INFO(member) ROW_AS(#member, struct trace, info.member)

static const struct row_field capture_fields[] = {
    INFO(title),
    INFO(release),
    INFO(machine),
    INFO(clock),
    INFO(command),
    INFO(version_major),
    INFO(version_minor),
    INFO(page_size),
    INFO(long_size),
    INFO(big_endian),
    INFO(markers),
    INFO(filtered),
    INFO(partial),
    INFO(partial_reason),
    INFO(command_status),
    INFO(cpu_count),
    INFO(slab_kind),
    INFO(direct_map_base),
    INFO(linked),
    INFO(link_reason),
    INFO(cache_allocs),
    INFO(cache_allocs_named),
    ROW_AS("gfp_nowait", struct trace, info.gfp.nowait),
    ROW(struct trace, first_ts_ns),
    ROW(struct trace, last_ts_ns),
};
const struct row_table table_capture = TABLE("capture", capture_fields, NULL);

static const struct row_field cpu_loss_fields[] = {
    ROW(struct cpu_loss, entries),	  ROW(struct cpu_loss, overrun),
    ROW(struct cpu_loss, commit_overrun), ROW(struct cpu_loss, dropped_events),
    ROW(struct cpu_loss, decoded),
};
const struct row_table table_cpu_loss =
    TABLE("cpu_loss", cpu_loss_fields, "cpu");

static const struct row_field snapshot_fields[] = {
    ROW(struct snapshot, parts),
    ROW(struct snapshot, why_missing),
    ROW(struct snapshot, order_count),
    ROW(struct snapshot, pageblock_order),
    ROW(struct snapshot, migratetype_count),
    ROW(struct snapshot, kpageflags_pages),
    ROW(struct snapshot, slab_pages),
    ROW(struct snapshot, slab_map_pages),
    ROW(struct snapshot, movable_map_pages),
    ROW(struct snapshot, nr_slab_reclaimable),
    ROW(struct snapshot, nr_slab_unreclaimable),
    ROW(struct snapshot, has_thp),
};
const struct row_table table_snapshot =
    TABLE("snapshot", snapshot_fields, "moment");

static const struct row_field zone_fields[] = {
    ROW(struct snapshot_zone, node),
    ROW(struct snapshot_zone, name),
    ROW(struct snapshot_zone, start_pfn),
    ROW(struct snapshot_zone, spanned),
    ROW(struct snapshot_zone, present),
    ROW(struct snapshot_zone, managed),
    ROW(struct snapshot_zone, free),
    ROW(struct snapshot_zone, min),
    ROW(struct snapshot_zone, low),
    ROW(struct snapshot_zone, high),
    ROW(struct snapshot_zone, boost),
    ROW(struct snapshot_zone, protection_count),
    ROW(struct snapshot_zone, pcp_count),
};
const struct row_table table_zone =
    TABLE("snapshot_zone", zone_fields, "moment", "zone");

static const struct row_field pcp_fields[] = {
    ROW(struct snapshot_pcp, cpu),	ROW(struct snapshot_pcp, count),
    ROW(struct snapshot_pcp, high),	ROW(struct snapshot_pcp, batch),
    ROW(struct snapshot_pcp, high_min), ROW(struct snapshot_pcp, high_max),
};
const struct row_table table_pcp =
    TABLE("snapshot_pcp", pcp_fields, "moment", "zone", "position");

static const struct row_field block_fields[] = {
    ROW(struct snapshot_block, pfn),
    ROW_AS("page_order", struct snapshot_block, order),
};
const struct row_table table_block =
    TABLE("snapshot_block", block_fields, "moment");

static const struct row_field cache_fields[] = {
    ROW(struct snapshot_cache, name),
    ROW(struct snapshot_cache, object_size),
    ROW(struct snapshot_cache, slab_size),
    ROW(struct snapshot_cache, align),
    ROW(struct snapshot_cache, objs_per_slab),
    ROW_AS("page_order", struct snapshot_cache, order),
    ROW(struct snapshot_cache, cpu_partial),
    ROW(struct snapshot_cache, min_partial),
    ROW(struct snapshot_cache, has_parameters),
    ROW(struct snapshot_cache, hwcache_align),
    ROW(struct snapshot_cache, reclaim_account),
    ROW(struct snapshot_cache, destroy_by_rcu),
    ROW(struct snapshot_cache, cache_dma),
    ROW(struct snapshot_cache, ctor),
    ROW(struct snapshot_cache, red_zone),
    ROW(struct snapshot_cache, poison),
    ROW(struct snapshot_cache, store_user),
    ROW(struct snapshot_cache, sanity_checks),
    ROW(struct snapshot_cache, usersize),
    ROW(struct snapshot_cache, sheaf_capacity),
    ROW_COUNT_OF(struct snapshot_cache, active_objs),
    ROW_COUNT_OF(struct snapshot_cache, num_objs),
    ROW_COUNT_OF(struct snapshot_cache, active_slabs),
    ROW_COUNT_OF(struct snapshot_cache, num_slabs),
    ROW_AS("array_limit", struct snapshot_cache, limit),
    ROW(struct snapshot_cache, batchcount),
    ROW(struct snapshot_cache, sharedfactor),
    ROW_COUNT_OF(struct snapshot_cache, objects_partial),
    ROW_COUNT_OF(struct snapshot_cache, partial),
    ROW_COUNT_OF(struct snapshot_cache, cpu_slabs),
    ROW_COUNT_OF(struct snapshot_cache, slabs_cpu_partial),
    ROW_COUNT_OF(struct snapshot_cache, objects_cpu_partial),
};
const struct row_table table_cache =
    TABLE("snapshot_cache", cache_fields, "moment", "cache");

static const struct row_field alias_fields[] = {
    ROW(struct snapshot_alias, name),
    ROW(struct snapshot_alias, cache),
};
const struct row_table table_alias =
    TABLE("snapshot_alias", alias_fields, "moment", "position");

static const struct row_field site_summary_fields[] = {
    ROW(struct site_summary, call_site),
    ROW(struct site_summary, name),
    ROW(struct site_summary, kind),
    ROW_AS("page_order", struct site_summary, order),
    ROW(struct site_summary, migratetype),
    ROW(struct site_summary, backing),
    ROW(struct site_summary, gfp_flags),
    ROW(struct site_summary, self),
    ROW(struct site_summary, large),
    ROW(struct site_summary, bytes_each),
    ROW(struct site_summary, allocs),
    ROW(struct site_summary, frees),
    ROW(struct site_summary, failed),
    ROW(struct site_summary, bytes_req),
    ROW(struct site_summary, bytes_alloc),
    ROW(struct site_summary, bytes_req_freed),
    ROW(struct site_summary, bytes_alloc_freed),
    ROW(struct site_summary, bytes_req_max),
    ROW(struct site_summary, live_bytes_alloc_peak),
    ROW(struct site_summary, live_bytes_req_peak),
    ROW(struct site_summary, cross_cpu_frees),
    ROW(struct site_summary, cross_node_allocs),
    ROW(struct site_summary, implicit_frees),
    ROW(struct site_summary, free_events),
    ROW(struct site_summary, duplicates),
    ROW(struct site_summary, null_frees),
    ROW(struct site_summary, self_allocs),
};
const struct row_table table_site_summary =
    TABLE("site_summary", site_summary_fields, NULL);

static const struct row_field timeline_fields[] = {
    ROW(struct timeline_step, ts_ns),
    ROW(struct timeline_step, width_ns),
    ROW(struct timeline_step, events),
    ROW(struct timeline_step, allocs),
    ROW(struct timeline_step, frees),
    ROW(struct timeline_step, bytes_req_live),
    ROW(struct timeline_step, bytes_alloc_live),
    ROW(struct timeline_step, direct_pages_live),
};
const struct row_table table_timeline =
    TABLE("timeline", timeline_fields, NULL);

static const struct row_field run_fields[] = {
    ROW(struct replay_result, model),
    ROW(struct replay_result, settings),
    ROW(struct replay_result, start),
    ROW(struct replay_result, order_count),
    ROW(struct replay_result, events),
    ROW(struct replay_result, slab_pages_start),
    ROW(struct replay_result, slab_pages_end),
    ROW(struct replay_result, slab_pages_peak),
    ROW(struct replay_result, free_pages_start),
    ROW(struct replay_result, free_pages_end),
    ROW(struct replay_result, bytes_req_live),
    ROW(struct replay_result, bytes_alloc_live),
    ROW(struct replay_result, waste_live),
    ROW(struct replay_result, bytes_alloc_mismatch),
    ROW(struct replay_result, bytes_alloc_checked),
    ROW(struct replay_result, bytes_alloc_unknown),
    ROW(struct replay_result, failed),
    ROW(struct replay_result, fallbacks),
    ROW(struct replay_result, vmap_areas),
    ROW(struct replay_result, vmap_areas_peak),
    ROW(struct replay_result, vmap_pages),
    ROW(struct replay_result, vmap_pages_peak),
    ROW(struct replay_result, vmap_lazy_peak),
    ROW(struct replay_result, vmap_purges),
    ROW(struct replay_result, vmalloc_allocs),
    ROW(struct replay_result, kvmalloc_fallbacks),
    ROW(struct replay_result, vmalloc_pages),
    ROW(struct replay_result, vmalloc_pages_peak),
    ROW(struct replay_result, vmalloc_lazy_peak),
    ROW(struct replay_result, vmalloc_purges),
    ROW(struct replay_result, wall_ns),
};
const struct row_table table_run = TABLE("run", run_fields, "id");

static const struct row_field sample_fields[] = {
    ROW(struct replay_sample, ts_ns),
    ROW(struct replay_sample, bytes_req),
    ROW(struct replay_sample, bytes_alloc),
    ROW(struct replay_sample, slab_pages),
    ROW(struct replay_sample, large_pages),
    ROW(struct replay_sample, direct_pages),
    ROW(struct replay_sample, pcp_pages),
    ROW(struct replay_sample, vmap_pages),
    ROW(struct replay_sample, vmalloc_pages),
    ROW(struct replay_sample, free_pages),
};
const struct row_table table_sample =
    TABLE("sample", sample_fields, "run", "position");

static const struct row_field sample_cache_fields[] = {
    ROW(struct replay_cache_sample, ts_ns),
    ROW(struct replay_cache_sample, cache),
    ROW(struct replay_cache_sample, slabs),
    ROW(struct replay_cache_sample, pages),
    ROW(struct replay_cache_sample, objects),
};
const struct row_table table_sample_cache =
    TABLE("sample_cache", sample_cache_fields, "run", "position");

static const struct row_field cache_result_fields[] = {
    ROW(struct replay_cache_result, cache),
    ROW(struct replay_cache_result, slab_size),
    ROW(struct replay_cache_result, objs_per_slab),
    ROW_AS("page_order", struct replay_cache_result, order),
    ROW(struct replay_cache_result, allocs),
    ROW(struct replay_cache_result, frees),
    ROW(struct replay_cache_result, slabs_start),
    ROW(struct replay_cache_result, slabs_end),
    ROW(struct replay_cache_result, slabs_peak),
    ROW(struct replay_cache_result, objects_start),
    ROW(struct replay_cache_result, objects_end),
    ROW(struct replay_cache_result, bytes_req_live),
    ROW(struct replay_cache_result, bytes_alloc_live),
};
const struct row_table table_cache_result =
    TABLE("cache_result", cache_result_fields, "run", "position");

static const struct row_field waterfall_fields[] = {
    ROW(struct replay_waterfall, ts_ns),
    ROW(struct replay_waterfall, requested),
    ROW(struct replay_waterfall, rounding),
    ROW(struct replay_waterfall, padding),
    ROW(struct replay_waterfall, old_objects),
    ROW(struct replay_waterfall, free_slots),
    ROW(struct replay_waterfall, slab_tail),
    ROW(struct replay_waterfall, unknown),
    ROW(struct replay_waterfall, large_requested),
    ROW(struct replay_waterfall, large_rounding),
    ROW(struct replay_waterfall, area_requested),
    ROW(struct replay_waterfall, area_rounding),
    ROW(struct replay_waterfall, per_cpu),
    ROW(struct replay_waterfall, slab_pages),
    ROW(struct replay_waterfall, large_pages),
    ROW(struct replay_waterfall, area_pages),
    ROW(struct replay_waterfall, pcp_pages),
};
const struct row_table table_waterfall =
    TABLE("waterfall", waterfall_fields, "run", "moment");
