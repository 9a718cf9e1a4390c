#include "replay/page_machine.h"

#include <assert.h>
#include <string.h>

#include "replay/page_claims.h"
#include "replay/page_deal.h"
#include "replay/page_limits.h"
#include "replay/page_pcp_start.h"
#include "replay/page_rules.h"

struct page_machine {
	struct page_model model;
	struct memory memory;
	struct page_alloc *pa;
	void *pa_memory;
	struct page_claims claims;
	uint64_t pcp_start;
	struct start_rules rules;
	uint32_t cpus;
	uint16_t zone_node[PAGE_ZONES_MAX];
};

/* ---- Free blocks ---- */

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

	size_t end =
	    snapshot_blocks_from(snapshot, zone->start_pfn + zone->spanned);

	for (size_t i = snapshot_blocks_from(snapshot, zone->start_pfn);
	     i < end; i++)
		page_claims_free(&machine->claims, snapshot->blocks[i].pfn,
				 1ull << snapshot->blocks[i].order);
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
		page_claims_free(&machine->claims, pfn, 1ull << order);
		pfn += 1ull << order;
	}
	return 0;
}

bool page_machine_claim(struct page_machine *machine, uint64_t pfn,
			unsigned int order)
{
	return page_claims_take(&machine->claims, pfn, order);
}

bool page_machine_claim_other(struct page_machine *machine, uint64_t pfn,
			      unsigned int order, uint64_t *other)
{
	return page_claims_take_other(&machine->claims, pfn, order, other);
}

int page_machine_fill_pcp(struct page_machine *machine,
			  const struct snapshot *snapshot,
			  const struct reveal_listed *reveals, size_t count,
			  uint64_t *revealed)
{
	struct page_pcp_start start = {.pa = machine->pa,
				       .claims = &machine->claims,
				       .snapshot = snapshot,
				       .reveals = reveals,
				       .reveal_count = count,
				       .cpus = machine->cpus,
				       .rules = machine->rules};

	return page_pcp_start_fill(&start, revealed);
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
	page_claims_fini(&machine->claims);
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

/*
 * Where high moves and zoneinfo shows what it is just now (6.7 to 6.12), the
 * limits between which it moves are those of the formulas.
 */
static void lists_limit(const struct page_machine_config *config,
			enum page_version version,
			struct page_zone_config *zones, uint32_t count)
{
	const struct snapshot *snapshot = config->snapshot;
	struct page_limits limits =
	    page_limits_default(version, config->info->page_size, config->cpus);
	uint32_t node_cpus[PAGE_NODES_MAX] = {0};

	if (!page_rules_of(version)->pcp_auto_high || config->tuning.has_high ||
	    !page_limits_size_ok(limits.page_size))
		return;
	for (uint32_t i = 0; i < snapshot->zone_count; i++)
		if (snapshot->zones[i].pcp_count &&
		    snapshot->zones[i].pcps[0].high_max)
			return;
	for (uint32_t cpu = 0; cpu < config->cpus; cpu++) {
		uint32_t node = config->cpu_node ? config->cpu_node[cpu] : 0;

		if (node < PAGE_NODES_MAX)
			node_cpus[node]++;
	}
	limits.node_cpus = node_cpus;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t batch = zones[i].pcp_batch;

		if (!batch)
			continue;
		page_limits_lists(&limits, &zones[i]);
		zones[i].pcp_batch = batch;
	}
}

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
	int ret = page_zoneinfo_zones(snapshot, &config->tuning, zones,
				      &pages.zone_count, err);

	if (ret)
		return ret;
	lists_limit(config, pages.version, zones, pages.zone_count);
	pages.pageblock_order = snapshot->pageblock_order
				    ? snapshot->pageblock_order
				    : pages.max_order;
	pages.pcp_singles = page_rules_pcp_singles(config->info->version_major,
						   config->info->version_minor);
	if (snapshot->has_thp && !pages.pcp_singles)
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

/* How many pages are on the CPUs' lists and, where they run on, may be. */
static void lists_start(struct page_machine *machine,
			const struct snapshot_zone *zone, enum page_start start)
{
	int id = page_zone_of(machine->pa, zone->start_pfn);

	for (uint32_t cpu = 0; cpu < zone->pcp_count; cpu++) {
		machine->pcp_start += zone->pcps[cpu].count;
		if (start != PAGE_START_COLD && id >= 0)
			page_pcp_set_high(machine->pa, (uint32_t)id, cpu,
					  zone->pcps[cpu].high);
	}
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

		if (!zone->managed || !page_zone_kind_of(zone->name, &kind))
			continue;
		if (config->start == PAGE_START_COLD)
			ret = zone_free_all(machine, snapshot, zone);
		else
			ret = zone_deal(machine, config, zone);
		lists_start(machine, zone, config->start);
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
	machine->claims.memory = *memory;
	machine->cpus = config->cpus;
	machine->rules = config->rules;
	ret = allocator_make(machine, config, zones, err);
	memory_free(memory, zones);
	if (!ret &&
	    page_claims_init(&machine->claims, config->snapshot, memory))
		ret = err_set(err, ERR_NOMEM, "page bitmaps: out of memory");
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
