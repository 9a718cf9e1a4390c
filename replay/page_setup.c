/*
 * Checking a configuration, and building the allocator in the caller's memory.
 *
 * The parts, in this order, each aligned to 64:
 *
 *   | page_alloc | zones | by_pfn | cpu_node | zonelists | pcps of all zones |
 *   | pageblock types of all zones | frame states, 2 B each | links, 8 B each |
 */
#include <string.h>

#include "replay/page_slow.h"
#include "replay/page_used.h"
#include "replay/page_zonelist.h"

/* Parts of the caller's memory, as offsets into it. */
struct layout {
	size_t zones, by_pfn, cpu_node, zonelists, pcps, types, states, links;
	size_t size;
	uint64_t frames, blocks;
	uint32_t populated, pcp_zones, nodes;
};

/* Far above any machine; keeps every sum and shift below in range. */
enum { PCP_BATCH_MAX = 1 << 24, PCP_HIGH_MAX = 1 << 29 };
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
	if (zone->pcp_batch > PCP_BATCH_MAX ||
	    zone->pcp_high_max > PCP_HIGH_MAX ||
	    zone->pcp_high_min > PCP_HIGH_MAX)
		return err_set(err, ERR_LIMIT,
			       "zone %u: per-CPU batch %u, high %u to %u: at "
			       "most %d and %d frames are supported",
			       i, zone->pcp_batch, zone->pcp_high_min,
			       zone->pcp_high_max, PCP_BATCH_MAX, PCP_HIGH_MAX);
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
	frame_list_init(&zone->reclaimable);
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

/*
 * alloc_flags_nofragment(): a node's Normal zone where there is DMA32 to spread
 * to. With one node, built is enough.
 */
static bool zone_is_spared(const struct page_alloc *pa,
			   const struct page_zone *normal)
{
	if (normal->kind != PAGE_ZONE_NORMAL ||
	    !(pa->kinds_built >> PAGE_ZONE_DMA32 & 1))
		return false;
	if (pa->node_count == 1)
		return true;
	for (uint32_t i = 0; i < pa->populated; i++) {
		const struct page_zone *zone = &pa->zones[pa->by_pfn[i]];

		if (zone->node == normal->node && zone->kind == PAGE_ZONE_DMA32)
			return true;
	}
	return false;
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
	pa->listed_order_max = config->pcp_singles ? 0 : PCP_COSTLY_ORDER;
	pa->slow = config->slow ? config->slow : &page_slow_replay;
	pa->owner = config->owner;
	pa->watermark_boost_factor = config->watermark_boost_factor;
	pa->free_high_batch = config->free_high_batch;
	pa->group_by_mobility = config->group_by_mobility;
	if (config->cpu_node)
		memcpy(pa->cpu_node, config->cpu_node,
		       pa->cpu_count * sizeof(uint16_t));
	zones_init(pa, config, bytes, &layout);
	for (uint32_t i = 0; i < pa->zone_count; i++)
		pa->zones[i].spared = zone_is_spared(pa, &pa->zones[i]);
	zonelist_build(pa, (uint16_t *)(bytes + layout.zonelists));
	*out = pa;
	return 0;
}
