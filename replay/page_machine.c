#include "replay/page_machine.h"
#include "replay/page_rules.h"

#include <assert.h>
#include <string.h>

#include "replay/page_books.h"
#include "replay/page_deal.h"

struct page_machine {
	struct page_model model;
	struct memory memory;
	struct page_alloc *pa;
	void *pa_memory;
	uint64_t base_pfn, end_pfn;
	/* One bit per frame: free at the start, or claimed since. */
	uint64_t *gone;
	/* One bit per frame: put on a per-CPU list without being known there. */
	uint64_t *listed;
	/* No block of that order ends above that has only start pages. */
	uint64_t other_end[PAGE_ORDERS];
	uint64_t pcp_start;
	struct start_rules rules;
	uint32_t cpus;
	uint16_t zone_node[PAGE_ZONES_MAX];
};

/* ---- Zones ---- */

const char *page_machine_zone_name(enum page_zone_kind kind)
{
	static const char *const names[PAGE_ZONE_KINDS] = {
	    "DMA", "DMA32", "Normal", "HighMem", "Movable"};

	assert(kind < PAGE_ZONE_KINDS);
	return names[kind];
}

static bool zone_kind_parse(const char *name, enum page_zone_kind *kind)
{
	for (int i = 0; i < PAGE_ZONE_KINDS; i++) {
		if (!strcmp(name,
			    page_machine_zone_name((enum page_zone_kind)i))) {
			*kind = (enum page_zone_kind)i;
			return true;
		}
	}
	return false;
}

uint32_t page_machine_nodes(const struct snapshot *snapshot)
{
	uint32_t nodes = 1;

	for (uint32_t i = 0; i < snapshot->zone_count; i++) {
		int node = snapshot->zones[i].node;

		if (node >= (int)nodes && node < PAGE_NODES_MAX)
			nodes = (uint32_t)node + 1;
	}
	return nodes;
}

/*
 * "protection" has one number per zone that the kernel was built with, in the
 * order of their kinds: the zones that zoneinfo lists for the node.
 */
static void reserve_set(struct page_zone_config *config,
			const struct snapshot *snapshot,
			const struct snapshot_zone *zone)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < snapshot->zone_count; i++) {
		const struct snapshot_zone *other = &snapshot->zones[i];
		enum page_zone_kind kind;

		if (other->node != zone->node)
			continue;
		if (at < zone->protection_count &&
		    zone_kind_parse(other->name, &kind))
			config->lowmem_reserve[kind] = zone->protection[at];
		at++;
	}
}

static struct page_zone_config zone_config(const struct snapshot *snapshot,
					   const struct snapshot_zone *zone,
					   enum page_zone_kind kind)
{
	struct page_zone_config config = {
	    .node = (uint32_t)zone->node,
	    .kind = kind,
	    .start_pfn = zone->start_pfn,
	    .spanned = zone->managed ? zone->spanned : 0,
	    .managed = zone->managed,
	    .wmark_min = zone->min,
	    .wmark_low = zone->low,
	    .wmark_high = zone->high,
	    .boost = zone->boost,
	};

	if (zone->pcp_count) {
		const struct snapshot_pcp *pcp = &zone->pcps[0];

		config.pcp_batch = pcp->batch;
		config.pcp_high_min = pcp->high_min ? pcp->high_min : pcp->high;
		config.pcp_high_max = pcp->high_max ? pcp->high_max : pcp->high;
	}
	reserve_set(&config, snapshot, zone);
	return config;
}

/* As percpu_pagelist_high_fraction does, high is then the least and the most. */
static void tune(const struct page_tuning *tuning,
		 struct page_zone_config *zone)
{
	if (tuning->has_high)
		zone->pcp_high_min = zone->pcp_high_max = tuning->high;
	if (tuning->has_batch && zone->pcp_batch)
		zone->pcp_batch = tuning->batch;
}

static int zones_make(const struct page_machine_config *config,
		      struct page_zone_config *zones, uint32_t *count,
		      struct err *err)
{
	const struct snapshot *snapshot = config->snapshot;

	*count = 0;
	for (uint32_t i = 0; i < snapshot->zone_count; i++) {
		const struct snapshot_zone *zone = &snapshot->zones[i];
		enum page_zone_kind kind;

		if (*count < PAGE_ZONES_MAX && zone->node >= 0 &&
		    zone_kind_parse(zone->name, &kind)) {
			zones[*count] = zone_config(snapshot, zone, kind);
			tune(&config->tuning, &zones[(*count)++]);
		}
	}
	if (*count)
		return 0;
	return err_set(err, ERR_MISSING, "the snapshot names no memory zones");
}

/* ---- Free blocks ---- */

static void bits_set(const struct page_machine *machine, uint64_t *bits,
		     uint64_t pfn, uint64_t count)
{
	for (; count && pfn < machine->end_pfn; pfn++, count--) {
		uint64_t bit = pfn - machine->base_pfn;

		if (pfn >= machine->base_pfn)
			bits[bit / 64] |= 1ull << bit % 64;
	}
}

static bool bit_get(const struct page_machine *machine, const uint64_t *bits,
		    uint64_t pfn)
{
	uint64_t bit = pfn - machine->base_pfn;

	return bits[bit / 64] >> bit % 64 & 1;
}

static bool inside(const struct page_machine *machine, uint64_t pfn,
		   uint64_t count)
{
	return pfn >= machine->base_pfn && pfn < machine->end_pfn &&
	       count <= machine->end_pfn - pfn;
}

/* The free blocks of the snapshot, on their lists. */
static int zone_deal(struct page_machine *machine,
		     const struct page_machine_config *config,
		     const struct snapshot_zone *zone)
{
	const struct snapshot *snapshot = config->snapshot;
	struct page_deal deal = {.pa = machine->pa,
				 .snapshot = snapshot,
				 .zone = zone,
				 .rules = config->rules,
				 .reveals = config->reveals,
				 .memory = machine->memory};

	for (size_t i = 0; i < snapshot->block_count; i++) {
		const struct snapshot_block *block = &snapshot->blocks[i];

		if (block->pfn >= zone->start_pfn &&
		    block->pfn - zone->start_pfn < zone->spanned)
			bits_set(machine, machine->gone, block->pfn,
				 1ull << block->order);
	}
	return page_deal_zone(&deal);
}

/* The largest aligned block that begins at pfn and ends by end. */
static unsigned int order_at(uint64_t pfn, uint64_t end, unsigned int max)
{
	unsigned int order = 0;

	while (order < max && !(pfn & ((2ull << order) - 1)) &&
	       pfn + (2ull << order) <= end)
		order++;
	return order;
}

/* All that the zone manages, counted from its end, is free and movable. */
static int zone_free_all(struct page_machine *machine,
			 const struct snapshot *snapshot,
			 const struct snapshot_zone *zone)
{
	uint64_t end = zone->start_pfn + zone->spanned;
	uint64_t pfn = zone->managed < zone->spanned ? end - zone->managed
						     : zone->start_pfn;

	while (pfn < end) {
		unsigned int order =
		    order_at(pfn, end, snapshot->order_count - 1);
		int ret = page_alloc_seed_free(machine->pa, pfn, order,
					       PAGE_TYPE_OF_BLOCK);

		if (ret)
			return ret;
		bits_set(machine, machine->gone, pfn, 1ull << order);
		pfn += 1ull << order;
	}
	return 0;
}

bool page_machine_claim(struct page_machine *machine, uint64_t pfn,
			unsigned int order)
{
	if (!inside(machine, pfn, 1ull << order))
		return false;
	for (uint64_t i = 0; i < 1ull << order; i++)
		if (bit_get(machine, machine->gone, pfn + i))
			return false;
	bits_set(machine, machine->gone, pfn, 1ull << order);
	return true;
}

bool page_machine_claim_other(struct page_machine *machine, uint64_t pfn,
			      unsigned int order, uint64_t *other)
{
	uint64_t *end = &machine->other_end[order];
	uint64_t pages = 1ull << order;
	bool listed = false;

	if (!inside(machine, pfn, pages))
		return false;
	for (uint64_t i = 0; i < pages; i++) {
		bool on_list = bit_get(machine, machine->listed, pfn + i);

		listed |= on_list;
		if (!on_list && bit_get(machine, machine->gone, pfn + i))
			return false;
	}
	*end &= ~(pages - 1);
	while (listed && *end >= machine->base_pfn + pages) {
		*end -= pages;
		if (page_machine_claim(machine, *end, order)) {
			*other = *end;
			return true;
		}
	}
	return false;
}

/* What is still to be put on one CPU's list of one zone. */
struct pcp_fill {
	struct page_machine *machine;
	const struct snapshot_zone *zone;
	const struct reveal_listed *reveals;
	size_t reveal_count;
	uint32_t cpu;
	uint32_t left; /* pages */
	uint64_t revealed;
};

static bool reveal_fits(const struct pcp_fill *fill,
			const struct reveal_listed *reveal, bool drained)
{
	return reveal->drained == drained && reveal->cpu == fill->cpu &&
	       reveal->pfn >= fill->zone->start_pfn &&
	       reveal->pfn - fill->zone->start_pfn < fill->zone->spanned &&
	       1u << reveal->order <= fill->left;
}

static int reveal_put(struct pcp_fill *fill, const struct reveal_listed *reveal)
{
	int type =
	    reveal->migratetype >= 0 && reveal->migratetype < PAGE_PCPTYPES
		? reveal->migratetype
		: PAGE_TYPE_OF_BLOCK;
	int ret;

	if (!page_machine_claim(fill->machine, reveal->pfn, reveal->order))
		return 0;
	ret = page_alloc_seed_pcp(fill->machine->pa, reveal->pfn, reveal->order,
				  type, fill->cpu);
	if (ret)
		return ret == ERR_USAGE ? 0 : ret;
	fill->left -= 1u << reveal->order;
	fill->revealed += 1u << reveal->order;
	return 0;
}

/*
 * Start pages from one end of the zone stand for those not revealed; *tried:
 * how many were looked at.
 */
static int unknown_put(struct pcp_fill *fill, uint32_t count, uint64_t *tried)
{
	bool from_end = !fill->machine->rules.pcp_from_start;

	while (count && *tried < fill->zone->spanned) {
		uint64_t pfn =
		    fill->zone->start_pfn +
		    (from_end ? fill->zone->spanned - 1 - *tried : *tried);
		int ret;

		++*tried;
		if (!page_machine_claim(fill->machine, pfn, 0))
			continue;
		bits_set(fill->machine, fill->machine->listed, pfn, 1);
		ret = page_alloc_seed_pcp(fill->machine->pa, pfn, 0,
					  PAGE_TYPE_OF_BLOCK, fill->cpu);
		if (ret)
			return ret;
		fill->left--;
		count--;
	}
	return 0;
}

/*
 * A list from its head: what was allocated first, in that order, what no event
 * told of, and last what was drained, since drains begin at the tail.
 */
static int pcp_fill(struct pcp_fill *fill, uint64_t *tried)
{
	uint32_t drained = 0;
	int ret = 0;

	for (size_t i = 0; i < fill->reveal_count && !ret; i++)
		if (reveal_fits(fill, &fill->reveals[i], false))
			ret = reveal_put(fill, &fill->reveals[i]);
	for (size_t i = 0; i < fill->reveal_count; i++)
		if (reveal_fits(fill, &fill->reveals[i], true) &&
		    drained < fill->left)
			drained += 1u << fill->reveals[i].order;
	if (!ret && drained < fill->left)
		ret = unknown_put(fill, fill->left - drained, tried);
	for (size_t i = fill->reveal_count; i-- > 0 && !ret;)
		if (reveal_fits(fill, &fill->reveals[i], true))
			ret = reveal_put(fill, &fill->reveals[i]);
	return ret ? ret : unknown_put(fill, fill->left, tried);
}

int page_machine_fill_pcp(struct page_machine *machine,
			  const struct snapshot *snapshot,
			  const struct reveal_listed *reveals, size_t count,
			  uint64_t *revealed)
{
	int ret = 0;

	*revealed = 0;
	for (uint32_t i = 0; i < snapshot->zone_count && !ret; i++) {
		const struct snapshot_zone *zone = &snapshot->zones[i];
		uint64_t tried = 0;

		for (uint32_t c = 0; c < zone->pcp_count && !ret; c++) {
			struct pcp_fill fill = {.machine = machine,
						.zone = zone,
						.reveals = reveals,
						.reveal_count = count,
						.cpu = zone->pcps[c].cpu,
						.left = zone->pcps[c].count};

			if (fill.cpu < machine->cpus && zone->managed)
				ret = pcp_fill(&fill, &tried);
			*revealed += fill.revealed;
		}
	}
	return ret;
}

/* ---- As a page model ---- */

static struct page_alloc *alloc_of(const struct page_model *model)
{
	return ((const struct page_machine *)model)->pa;
}

static int machine_alloc(struct page_model *model,
			 const struct page_request *request, uint64_t *pfn)
{
	/* Requests that no such machine can serve are counted there too. */
	return page_alloc_pages(alloc_of(model), request, pfn) ? ERR_NOMEM : 0;
}

static bool machine_free(struct page_model *model, uint64_t pfn,
			 unsigned int order, unsigned int cpu)
{
	return !page_free(alloc_of(model), pfn, order, cpu);
}

static unsigned int machine_node(const struct page_model *model, uint64_t pfn)
{
	const struct page_machine *machine = (const struct page_machine *)model;
	int zone = page_zone_of(machine->pa, pfn);

	return zone < 0 ? 0 : machine->zone_node[zone];
}

static void machine_counts(const struct page_model *model,
			   struct page_counts *counts)
{
	const struct page_alloc *pa = alloc_of(model);

	*counts = (struct page_counts){.fallbacks =
					   page_alloc_counters(pa)->fallbacks};
	for (uint32_t z = 0; z < page_zone_count(pa); z++) {
		struct page_zone_info info;

		if (page_zone_info(pa, z, &info))
			continue;
		counts->free_pages += info.free_pages;
		counts->pcp_pages += info.pcp_pages;
		if (info.order_count > counts->order_count)
			counts->order_count = info.order_count;
		for (uint32_t o = 0; o < info.order_count; o++)
			counts->free_blocks[o] += info.free_blocks_any[o];
	}
}

static uint64_t machine_pcp_pages(const struct page_model *model)
{
	return page_pcp_total(alloc_of(model));
}

static void machine_tick(struct page_model *model)
{
	struct page_machine *machine = (struct page_machine *)model;

	for (uint32_t cpu = 0; cpu < machine->cpus; cpu++)
		page_pcp_tick(machine->pa, cpu);
}

static int machine_check(const struct page_model *model, struct err *err)
{
	return page_alloc_check(alloc_of(model), err);
}

static void machine_destroy(struct page_model *model)
{
	struct page_machine *machine = (struct page_machine *)model;
	struct memory memory = machine->memory;

	memory_free(&memory, machine->pa_memory);
	memory_free(&memory, machine->gone);
	memory_free(&memory, machine->listed);
	memory_free(&memory, machine);
}

static const struct page_model_ops machine_ops = {
    .name = "linux",
    .alloc = machine_alloc,
    .free = machine_free,
    .node = machine_node,
    .counts = machine_counts,
    .pcp_pages = machine_pcp_pages,
    .tick = machine_tick,
    .check = machine_check,
    .destroy = machine_destroy,
};

/* ---- Making one ---- */

static int allocator_make(struct page_machine *machine,
			  const struct page_machine_config *config,
			  struct page_zone_config *zones, struct err *err)
{
	const struct snapshot *snapshot = config->snapshot;
	struct page_alloc_config pages = {
	    .version = page_version_of(config->info->version_major,
				       config->info->version_minor),
	    .max_order = snapshot->order_count ? snapshot->order_count - 1 : 10,
	    .cpu_count = config->cpus,
	    .cpu_node = config->cpu_node,
	    .watermark_boost_factor = 15000,
	    .zones = zones,
	};
	uint64_t managed = 0;
	size_t size;
	int ret = zones_make(config, zones, &pages.zone_count, err);

	if (ret)
		return ret;
	pages.pageblock_order = snapshot->pageblock_order
				    ? snapshot->pageblock_order
				    : pages.max_order;
	if (snapshot->has_thp)
		pages.thp_order =
		    page_rules_thp_order(&pages, config->info->page_size);
	for (uint32_t i = 0; i < pages.zone_count; i++) {
		managed += zones[i].managed;
		machine->zone_node[i] = (uint16_t)zones[i].node;
	}
	pages.group_by_mobility =
	    managed >> pages.pageblock_order >= PAGE_MIGRATETYPES;
	if (config->tuning.has_group)
		pages.group_by_mobility = config->tuning.group;
	size = page_alloc_meta_size(&pages);
	if (size)
		machine->pa_memory =
		    machine->memory.resize(machine->memory.context, NULL, size);
	if (size && !machine->pa_memory)
		return err_set(err, ERR_NOMEM, "page allocator: out of memory");
	return page_alloc_init(&machine->pa, &pages, machine->pa_memory, size,
			       err);
}

static int bits_make(struct page_machine *machine,
		     const struct snapshot *snapshot, struct err *err)
{
	size_t words;

	machine->base_pfn = UINT64_MAX;
	for (uint32_t i = 0; i < snapshot->zone_count; i++) {
		const struct snapshot_zone *zone = &snapshot->zones[i];

		if (!zone->managed)
			continue;
		if (zone->start_pfn < machine->base_pfn)
			machine->base_pfn = zone->start_pfn;
		if (zone->start_pfn + zone->spanned > machine->end_pfn)
			machine->end_pfn = zone->start_pfn + zone->spanned;
	}
	words = (machine->end_pfn - machine->base_pfn) / 64 + 1;
	machine->gone = memory_new(&machine->memory, words, sizeof(uint64_t));
	machine->listed = memory_new(&machine->memory, words, sizeof(uint64_t));
	for (int order = 0; order < PAGE_ORDERS; order++)
		machine->other_end[order] = machine->end_pfn;
	if (!machine->gone || !machine->listed)
		return err_set(err, ERR_NOMEM, "page bitmaps: out of memory");
	return 0;
}

static int machine_start(struct page_machine *machine,
			 const struct page_machine_config *config,
			 struct err *err)
{
	const struct snapshot *snapshot = config->snapshot;
	int ret = 0;

	for (uint32_t i = 0; i < snapshot->zone_count && !ret; i++) {
		const struct snapshot_zone *zone = &snapshot->zones[i];
		enum page_zone_kind kind;

		if (!zone->managed || !zone_kind_parse(zone->name, &kind))
			continue;
		if (config->start == PAGE_START_COLD)
			ret = zone_free_all(machine, snapshot, zone);
		else
			ret = zone_deal(machine, config, zone);
		for (uint32_t c = 0; c < zone->pcp_count; c++)
			machine->pcp_start += zone->pcps[c].count;
		if (ret)
			err_set(err, ret,
				"node %d, zone %s: the free blocks of the "
				"snapshot do not fit its zones",
				zone->node, zone->name);
	}
	return ret;
}

int page_machine_create(struct page_machine **out,
			const struct page_machine_config *config,
			struct err *err)
{
	const struct memory *memory = &config->memory;
	struct page_machine *machine;
	struct page_zone_config *zones;
	int ret;

	if (!config->snapshot || !(config->snapshot->parts & SNAPSHOT_ZONEINFO))
		return err_set(err, ERR_MISSING, "no zoneinfo in the capture");
	machine = memory_new(memory, 1, sizeof(*machine));
	zones = memory_new(memory, PAGE_ZONES_MAX, sizeof(*zones));
	if (!machine || !zones) {
		memory_free(memory, machine);
		memory_free(memory, zones);
		return err_set(err, ERR_NOMEM, "out of memory");
	}
	machine->model.ops = &machine_ops;
	machine->memory = *memory;
	machine->cpus = config->cpus;
	machine->rules = config->rules;
	ret = allocator_make(machine, config, zones, err);
	memory_free(memory, zones);
	if (!ret)
		ret = bits_make(machine, config->snapshot, err);
	if (!ret)
		ret = machine_start(machine, config, err);
	if (ret) {
		machine_destroy(&machine->model);
		return ret;
	}
	*out = machine;
	return 0;
}

struct page_model *page_machine_model(struct page_machine *machine)
{
	return &machine->model;
}

struct page_alloc *page_machine_alloc(const struct page_machine *machine)
{
	return machine->pa;
}

uint64_t page_machine_pcp_start(const struct page_machine *machine)
{
	return machine->pcp_start;
}
