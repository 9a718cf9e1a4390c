/*
 * The allocator's outside: set-up, a request's way through the zones, frees.
 *
 * Source: mm/page_alloc.c: __alloc_pages(), get_page_from_freelist(),
 * rmqueue(), alloc_flags_nofragment(), __alloc_pages_slowpath(),
 * __free_pages().
 *
 *   request -> zonelist of the node -> per zone: watermark -> per-CPU list
 *                                                     |          | empty
 *                                                     no         v
 *                                                     |    free areas -> other
 *                                                 next zone    types'
 * (fallback)
 *
 * 1. All zones with the low mark, leaving other types' pageblocks alone if the
 *    preferred zone is Normal; then without that care.
 * 2. Slow path: kswapd is awake, which shortens the per-CPU lists; all zones with
 *    the min mark, lower still for urgent requests.
 * 3. Last resort: no mark at all; then once more after all per-CPU lists were
 *    emptied. Here reclaim and compaction of a later policy belong.
 *
 * The memory that the caller gives, in this order, each part aligned to 64:
 *
 *   | page_alloc | zones | by_pfn | cpu_node | zonelists | pcps of all zones |
 *   | pageblock types of all zones | frame states, 2 B each | links, 8 B each |
 */
#include <string.h>

#include "replay/page_buddy.h"
#include "replay/page_fallback.h"
#include "replay/page_pcp.h"
#include "replay/page_used.h"
#include "replay/page_watermark.h"
#include "replay/page_zonelist.h"

/* Parts of the caller's memory, as offsets into it. */
struct layout {
	size_t zones, by_pfn, cpu_node, zonelists, pcps, types, states, links;
	size_t size;
	uint64_t frames, blocks;
	uint32_t populated, pcp_zones, nodes;
};

/* Far above any machine; keeps every sum and shift below in range. */
enum { PCP_PAGES_MAX = 1 << 24 };
#define PFN_LIMIT (UINT64_C(1) << 52)

static int zone_validate(const struct page_zone_config *zone, uint32_t i,
			 struct err *err)
{
	if (zone->node >= PAGE_NODES_MAX)
		return err_set(err, ERR_LIMIT,
			       "zone %u: node %u, at most %d nodes are "
			       "supported",
			       i, zone->node, PAGE_NODES_MAX);
	if ((unsigned int)zone->kind >= PAGE_ZONE_KINDS)
		return err_set(err, ERR_USAGE, "zone %u: unknown kind %d", i,
			       (int)zone->kind);
	if (zone->start_pfn > PFN_LIMIT || zone->spanned > PFN_LIMIT)
		return err_set(err, ERR_LIMIT, "zone %u: beyond 2^52 frames",
			       i);
	if (zone->pcp_batch > PCP_PAGES_MAX ||
	    zone->pcp_high_max > PCP_PAGES_MAX ||
	    zone->pcp_high_min > zone->pcp_high_max)
		return err_set(err, ERR_USAGE,
			       "zone %u: per-CPU batch %u, high %u to %u make "
			       "no sense",
			       i, zone->pcp_batch, zone->pcp_high_min,
			       zone->pcp_high_max);
	if (zone->wmark_min > PFN_LIMIT || zone->wmark_low > PFN_LIMIT ||
	    zone->wmark_high > PFN_LIMIT || zone->boost > PFN_LIMIT ||
	    zone->managed > PFN_LIMIT)
		return err_set(err, ERR_LIMIT,
			       "zone %u: a watermark beyond 2^52 frames", i);
	for (int kind = 0; kind < PAGE_ZONE_KINDS; kind++) {
		if (zone->lowmem_reserve[kind] > PFN_LIMIT)
			return err_set(err, ERR_LIMIT,
				       "zone %u: a lowmem_reserve beyond 2^52 "
				       "frames",
				       i);
	}
	return 0;
}

/* Two zones must differ in place, and in node or kind. */
static int zones_disjoint(const struct page_alloc_config *config,
			  struct err *err)
{
	for (uint32_t i = 0; i < config->zone_count; i++) {
		const struct page_zone_config *a = &config->zones[i];

		for (uint32_t j = 0; j < i; j++) {
			const struct page_zone_config *b = &config->zones[j];

			if (a->node == b->node && a->kind == b->kind)
				return err_set(err, ERR_USAGE,
					       "zones %u and %u are of one "
					       "kind on node %u",
					       j, i, a->node);
			if (a->start_pfn < b->start_pfn + b->spanned &&
			    b->start_pfn < a->start_pfn + a->spanned)
				return err_set(err, ERR_USAGE,
					       "zones %u and %u overlap", j, i);
		}
	}
	return 0;
}

static int config_validate(const struct page_alloc_config *config,
			   struct err *err)
{
	int rc;

	if ((unsigned int)config->version >= PAGE_VERSIONS)
		return err_set(err, ERR_USAGE, "unknown version %d",
			       (int)config->version);
	if (config->max_order > PAGE_ORDER_MAX)
		return err_set(err, ERR_LIMIT,
			       "max_order %u is above %d, the largest that is "
			       "supported",
			       config->max_order, PAGE_ORDER_MAX);
	if (config->pageblock_order > config->max_order)
		return err_set(err, ERR_USAGE,
			       "pageblock_order %u is above max_order %u",
			       config->pageblock_order, config->max_order);
	if (config->thp_order > config->max_order ||
	    (config->thp_order && config->thp_order <= PCP_COSTLY_ORDER))
		return err_set(err, ERR_USAGE,
			       "thp_order %u: it must be 0, or from %d to "
			       "max_order",
			       config->thp_order, PCP_COSTLY_ORDER + 1);
	if (config->cpu_count > PAGE_CPUS_MAX)
		return err_set(err, ERR_LIMIT,
			       "%u CPUs, at most %d are supported",
			       config->cpu_count, PAGE_CPUS_MAX);
	if (!config->zones || !config->zone_count ||
	    config->zone_count > PAGE_ZONES_MAX)
		return err_set(err, ERR_USAGE,
			       "%u zones: there must be 1 to %d",
			       config->zone_count, PAGE_ZONES_MAX);
	for (uint32_t i = 0; i < config->zone_count; i++) {
		rc = zone_validate(&config->zones[i], i, err);
		if (rc)
			return rc;
	}
	for (uint32_t cpu = 0; config->cpu_node && cpu < config->cpu_count;
	     cpu++) {
		if (config->cpu_node[cpu] >= PAGE_NODES_MAX)
			return err_set(err, ERR_LIMIT,
				       "CPU %u is on node %u, at most %d nodes "
				       "are supported",
				       cpu, config->cpu_node[cpu],
				       PAGE_NODES_MAX);
	}
	return zones_disjoint(config, err);
}

/* Reserves size bytes behind the layout; returns where they start. */
static size_t layout_add(struct layout *layout, uint64_t count, size_t size)
{
	size_t at = layout->size;

	layout->size += ((size_t)count * size + 63) & ~(size_t)63;
	return at;
}

static uint64_t zone_blocks(const struct page_alloc_config *config,
			    const struct page_zone_config *zone)
{
	uint64_t first = zone->start_pfn >> config->pageblock_order;
	uint64_t last =
	    (zone->start_pfn + zone->spanned - 1) >> config->pageblock_order;

	return zone->spanned ? last - first + 1 : 0;
}

static int layout_make(const struct page_alloc_config *config,
		       struct layout *layout, struct err *err)
{
	int rc = config_validate(config, err);

	if (rc)
		return rc;
	memset(layout, 0, sizeof(*layout));
	for (uint32_t i = 0; i < config->zone_count; i++) {
		const struct page_zone_config *zone = &config->zones[i];

		layout->frames += zone->spanned;
		layout->blocks += zone_blocks(config, zone);
		layout->populated += zone->spanned > 0;
		layout->pcp_zones += zone->spanned && zone->pcp_batch;
		if (zone->node >= layout->nodes)
			layout->nodes = zone->node + 1;
	}
	for (uint32_t cpu = 0; config->cpu_node && cpu < config->cpu_count;
	     cpu++) {
		if (config->cpu_node[cpu] >= layout->nodes)
			layout->nodes = config->cpu_node[cpu] + 1u;
	}
	if (!layout->frames)
		return err_set(err, ERR_USAGE, "no zone has any memory");
	/* Indices are 32 bits, and the last value means "none". */
	if (layout->frames >= FRAME_NIL)
		return err_set(err, ERR_LIMIT,
			       "%llu frames, at most 2^32 - 2 are supported",
			       (unsigned long long)layout->frames);
	layout_add(layout, 1, sizeof(struct page_alloc));
	layout->zones =
	    layout_add(layout, config->zone_count, sizeof(struct page_zone));
	layout->by_pfn =
	    layout_add(layout, layout->populated, sizeof(uint16_t));
	layout->cpu_node =
	    layout_add(layout, config->cpu_count, sizeof(uint16_t));
	layout->zonelists =
	    layout_add(layout, (uint64_t)layout->nodes * layout->populated,
		       sizeof(uint16_t));
	layout->pcps =
	    layout_add(layout, (uint64_t)layout->pcp_zones * config->cpu_count,
		       sizeof(struct page_pcp));
	layout->types = layout_add(layout, layout->blocks, sizeof(uint8_t));
	layout->states =
	    layout_add(layout, layout->frames, sizeof(frame_state));
	layout->links =
	    layout_add(layout, layout->frames, sizeof(struct frame_link));
	return 0;
}

size_t page_alloc_meta_size(const struct page_alloc_config *config)
{
	struct layout layout;

	return layout_make(config, &layout, NULL) ? 0 : layout.size;
}

static void zone_init(struct page_zone *zone,
		      const struct page_zone_config *config)
{
	zone->start_pfn = config->start_pfn;
	zone->end_pfn = config->start_pfn + config->spanned;
	zone->node = config->node;
	zone->kind = config->kind;
	zone->managed = config->managed;
	zone->wmark[ALLOC_WMARK_MIN] = config->wmark_min;
	zone->wmark[ALLOC_WMARK_LOW] = config->wmark_low;
	zone->wmark[ALLOC_WMARK_HIGH] = config->wmark_high;
	zone->boost = config->boost;
	memcpy(zone->lowmem_reserve, config->lowmem_reserve,
	       sizeof(zone->lowmem_reserve));
	zone->pcp_batch = config->pcp_batch;
	zone->pcp_high_min = config->pcp_high_min;
	zone->pcp_high_max = config->pcp_high_max;
	for (int order = 0; order < PAGE_ORDERS; order++) {
		for (int type = 0; type < PAGE_MIGRATETYPES; type++)
			frame_list_init(&zone->free_area[order][type]);
	}
}

static void pcps_init(struct page_zone *zone, uint32_t cpu_count)
{
	for (uint32_t cpu = 0; cpu < cpu_count; cpu++) {
		struct page_pcp *pcp = &zone->pcps[cpu];

		memset(pcp, 0, sizeof(*pcp));
		pcp->high = zone->pcp_high_min;
		for (int list = 0; list < PCP_LISTS_MAX; list++)
			frame_list_init(&pcp->lists[list]);
	}
}

/* Inserts id into by_pfn, which is sorted. */
static void by_pfn_add(struct page_alloc *pa, uint32_t id)
{
	uint32_t at = pa->populated++;

	for (; at; at--) {
		if (pa->zones[pa->by_pfn[at - 1]].start_pfn <
		    pa->zones[id].start_pfn)
			break;
		pa->by_pfn[at] = pa->by_pfn[at - 1];
	}
	pa->by_pfn[at] = (uint16_t)id;
}

/* The parts whose size depends on the zones, and everything in use. */
static void zones_init(struct page_alloc *pa,
		       const struct page_alloc_config *config, char *mem,
		       const struct layout *layout)
{
	struct page_pcp *pcps = (struct page_pcp *)(mem + layout->pcps);
	uint8_t *types = (uint8_t *)mem + layout->types;
	uint32_t base = 0;

	memset(pa->frames.states, 0,
	       (size_t)layout->frames * sizeof(frame_state));
	memset(types, PAGE_MOVABLE, (size_t)layout->blocks);
	for (uint32_t i = 0; i < config->zone_count; i++) {
		struct page_zone *zone = &pa->zones[i];

		zone_init(zone, &config->zones[i]);
		zone->id = i;
		pa->kinds_built |= 1u << zone->kind;
		if (zone->end_pfn == zone->start_pfn)
			continue;
		zone->base = base;
		base += (uint32_t)config->zones[i].spanned;
		zone->first_block = zone->start_pfn >> pa->pageblock_order;
		zone->block_count =
		    (uint32_t)zone_blocks(config, &config->zones[i]);
		zone->block_types = types;
		types += zone->block_count;
		if (zone->pcp_batch) {
			zone->pcps = pcps;
			pcps += pa->cpu_count;
			pcps_init(zone, pa->cpu_count);
		}
		by_pfn_add(pa, i);
		used_fill(pa, zone, zone->start_pfn, zone->end_pfn,
			  FRAME_TYPE_UNKNOWN);
	}
}

int page_alloc_init(struct page_alloc **out,
		    const struct page_alloc_config *config, void *mem,
		    size_t size, struct err *err)
{
	struct page_alloc *pa = mem;
	struct layout layout;
	char *bytes = mem;
	int rc = layout_make(config, &layout, err);

	if (rc)
		return rc;
	if (!mem || size < layout.size)
		return err_set(
		    err, ERR_LIMIT,
		    "%zu bytes of metadata are needed, %zu are given",
		    layout.size, mem ? size : (size_t)0);
	if ((uintptr_t)mem % _Alignof(max_align_t))
		return err_set(err, ERR_USAGE, "the metadata is not aligned");
	memset(mem, 0, layout.pcps);
	pa->rules = page_rules_of(config->version);
	pa->zones = (struct page_zone *)(bytes + layout.zones);
	pa->by_pfn = (uint16_t *)(bytes + layout.by_pfn);
	pa->cpu_node = (uint16_t *)(bytes + layout.cpu_node);
	pa->frames.states = (frame_state *)(bytes + layout.states);
	pa->frames.links = (struct frame_link *)(bytes + layout.links);
	pa->zone_count = config->zone_count;
	pa->node_count = layout.nodes;
	pa->cpu_count = config->cpu_count;
	pa->max_order = config->max_order;
	pa->pageblock_order = config->pageblock_order;
	pa->thp_order = config->thp_order;
	pa->watermark_boost_factor = config->watermark_boost_factor;
	pa->free_high_batch = config->free_high_batch;
	pa->group_by_mobility = config->group_by_mobility;
	if (config->cpu_node)
		memcpy(pa->cpu_node, config->cpu_node,
		       pa->cpu_count * sizeof(uint16_t));
	zones_init(pa, config, bytes, &layout);
	zonelist_build(pa, (uint16_t *)(bytes + layout.zonelists));
	*out = pa;
	return 0;
}

/* ---- Requests ---- */

/* A request as the zones see it (struct alloc_context). */
struct context {
	const struct page_request *req;
	const struct page_zonelist *list;
	const struct page_zone *preferred;
	uint64_t nodemask;
	uint32_t type;
	uint32_t flags; /* enum alloc_flag */
	enum alloc_mark mark;
};

static bool zone_allowed(const struct context *ctx,
			 const struct page_zone *zone)
{
	return zone->kind <= ctx->req->zone && ctx->nodemask >> zone->node & 1;
}

/* Checks what the caller says; false: impossible. */
static bool context_init(const struct page_alloc *pa,
			 const struct page_request *req, struct context *ctx)
{
	uint32_t node;

	if (req->order > pa->max_order ||
	    (unsigned int)req->migratetype >= PAGE_PCPTYPES ||
	    (unsigned int)req->zone >= PAGE_ZONE_KINDS ||
	    req->node < PAGE_NODE_LOCAL ||
	    (pa->cpu_count && req->cpu >= pa->cpu_count))
		return false;
	node = (uint32_t)req->node;
	if (req->node == PAGE_NODE_LOCAL)
		node = pa->cpu_count ? pa->cpu_node[req->cpu] : 0;
	if (node >= pa->node_count)
		return false;
	ctx->req = req;
	ctx->list = &pa->zonelists[node];
	ctx->nodemask = req->nodemask ? req->nodemask : UINT64_MAX;
	if (req->flags & PAGE_REQ_THISNODE)
		ctx->nodemask &= UINT64_C(1) << node;
	ctx->type = pa->group_by_mobility ? req->migratetype : PAGE_UNMOVABLE;
	ctx->preferred = NULL;
	for (uint32_t i = 0; i < ctx->list->count && !ctx->preferred; i++) {
		const struct page_zone *zone = &pa->zones[ctx->list->zones[i]];

		if (zone_allowed(ctx, zone))
			ctx->preferred = zone;
	}
	return true;
}

/* rmqueue(): from the CPU's list where orders allow, else the free areas. */
static bool zone_take(struct page_alloc *pa, struct page_zone *zone,
		      const struct context *ctx, uint64_t *pfn)
{
	bool nofragment = ctx->flags & ALLOC_NOFRAGMENT;
	enum rmqueue_mode mode = RMQUEUE_NORMAL;
	uint32_t order = ctx->req->order;

	if (pcp_allows(pa, zone, order) &&
	    pcp_take(pa, zone, ctx->req->cpu, order, ctx->type, nofragment,
		     pfn))
		return true;
	if (fallback_take(pa, zone, order, ctx->type, nofragment, &mode, pfn))
		return true;
	/* Failing now is worse than failing a high order later. */
	return ctx->flags & (ALLOC_NON_BLOCK | ALLOC_NO_WATERMARKS) &&
	       buddy_take_smallest(pa, zone, order, PAGE_HIGHATOMIC, pfn);
}

/* The zone has enough; notes where it falls below its high mark (6.7 on). */
static bool zone_passes(struct page_alloc *pa, struct page_zone *zone,
			const struct context *ctx)
{
	uint32_t order = ctx->req->order;

	if (ctx->flags & ALLOC_NO_WATERMARKS)
		return true;
	if (pa->rules->pcp_auto_high && !zone->below_high) {
		if (watermark_fast(pa, zone, order, ALLOC_WMARK_HIGH,
				   ctx->req->zone, ctx->flags))
			return true;
		zone->below_high = true;
	}
	return watermark_fast(pa, zone, order, ctx->mark, ctx->req->zone,
			      ctx->flags);
}

/* One walk over the zonelist. */
static bool list_walk(struct page_alloc *pa, const struct context *ctx,
		      uint64_t *pfn)
{
	for (uint32_t i = 0; i < ctx->list->count; i++) {
		struct page_zone *zone = &pa->zones[ctx->list->zones[i]];

		if (!zone_allowed(ctx, zone))
			continue;
		/* Near and fragmenting is better than far. */
		if (ctx->flags & ALLOC_NOFRAGMENT &&
		    zone->node != ctx->preferred->node)
			return false;
		if (!zone_passes(pa, zone, ctx) ||
		    !zone_take(pa, zone, ctx, pfn))
			continue;
		buddy_mark(pa, zone, *pfn, FRAME_USED, ctx->req->order,
			   ctx->type);
		pa->counters.remote += zone->node != ctx->preferred->node;
		return true;
	}
	return false;
}

/* get_page_from_freelist() */
static bool list_take(struct page_alloc *pa, struct context *ctx, uint64_t *pfn)
{
	if (list_walk(pa, ctx, pfn))
		return true;
	if (!(ctx->flags & ALLOC_NOFRAGMENT))
		return false;
	ctx->flags &= ~(uint32_t)ALLOC_NOFRAGMENT;
	return list_walk(pa, ctx, pfn);
}

/* alloc_flags_nofragment(): spread to DMA32 rather than spoil Normal. */
static bool spares_pageblocks(const struct page_alloc *pa,
			      const struct page_zone *preferred)
{
	if (preferred->kind != PAGE_ZONE_NORMAL ||
	    !(pa->kinds_built >> PAGE_ZONE_DMA32 & 1))
		return false;
	if (pa->node_count == 1)
		return true;
	for (uint32_t i = 0; i < pa->populated; i++) {
		const struct page_zone *zone = &pa->zones[pa->by_pfn[i]];

		if (zone->node == preferred->node &&
		    zone->kind == PAGE_ZONE_DMA32)
			return true;
	}
	return false;
}

/*
 * wake_all_kswapds(): from now on these zones' per-CPU lists are kept short,
 * until they are above the high mark again. What kswapd frees is the caller's.
 */
static void wake_kswapd(struct page_alloc *pa, const struct context *ctx)
{
	for (uint32_t i = 0; i < ctx->list->count; i++) {
		struct page_zone *zone = &pa->zones[ctx->list->zones[i]];

		if (zone_allowed(ctx, zone))
			zone->reclaim_active = true;
	}
}

/* __alloc_pages_slowpath(), the part that the request itself can do. */
static bool slow_take(struct page_alloc *pa, struct context *ctx, uint64_t *pfn)
{
	uint32_t flags = ctx->req->flags;

	pa->counters.slow++;
	wake_kswapd(pa, ctx);
	ctx->mark = ALLOC_WMARK_MIN;
	ctx->flags = flags & PAGE_REQ_HIGH ? ALLOC_MIN_RESERVE : 0;
	if (flags & PAGE_REQ_NONBLOCK && !(flags & PAGE_REQ_NOMEMALLOC))
		ctx->flags |= ALLOC_NON_BLOCK;
	if (!(flags & PAGE_REQ_MEMALLOC) && list_take(pa, ctx, pfn))
		return true;
	ctx->flags = ALLOC_NO_WATERMARKS;
	if (!list_take(pa, ctx, pfn)) {
		/* What other CPUs hold may be, or merge to, what is needed. */
		pa->counters.drain_alls++;
		page_pcp_drain_all(pa);
		if (!list_take(pa, ctx, pfn))
			return false;
	}
	pa->counters.below_min += !(flags & PAGE_REQ_MEMALLOC);
	return true;
}

int page_alloc_pages(struct page_alloc *pa, const struct page_request *req,
		     uint64_t *pfn)
{
	struct context ctx;

	if (!context_init(pa, req, &ctx)) {
		pa->counters.bad_requests++;
		return ERR_USAGE;
	}
	if (!ctx.preferred) {
		pa->counters.failures++;
		return ERR_NOMEM;
	}
	ctx.mark = ALLOC_WMARK_LOW;
	ctx.flags = spares_pageblocks(pa, ctx.preferred) ? ALLOC_NOFRAGMENT : 0;
	if (!list_take(pa, &ctx, pfn) && !slow_take(pa, &ctx, pfn)) {
		pa->counters.failures++;
		return ERR_NOMEM;
	}
	pa->counters.allocs++;
	pa->counters.alloc_pages += UINT64_C(1) << req->order;
	return 0;
}

int page_free(struct page_alloc *pa, uint64_t pfn, uint32_t order, uint32_t cpu)
{
	struct page_zone *zone = zone_at_block(pa, pfn, order);

	/* The links are needed in a moment, while the state is looked at. */
	if (zone)
		__builtin_prefetch(&pa->frames.links[zone_index(zone, pfn)], 1);
	if (!zone || (pa->cpu_count && cpu >= pa->cpu_count) ||
	    !used_carve(pa, zone, pfn, order)) {
		pa->counters.bad_frees++;
		return ERR_USAGE;
	}
	pa->counters.frees++;
	pa->counters.free_pages += UINT64_C(1) << order;
	if (pcp_allows(pa, zone, order))
		pcp_free(pa, zone, cpu, pfn, order);
	else
		buddy_free_typed(pa, zone, pfn, order, false);
	if (zone->reclaim_active &&
	    zone->free_pages > watermark_pages(zone, ALLOC_WMARK_HIGH))
		zone->reclaim_active = false;
	return 0;
}

const struct page_counters *page_alloc_counters(const struct page_alloc *pa)
{
	return &pa->counters;
}
