#include "replay/page_zoneinfo.h"

#include <assert.h>
#include <string.h>

const char *page_zone_name(enum page_zone_kind kind)
{
	static const char *const names[PAGE_ZONE_KINDS] = {
	    "DMA", "DMA32", "Normal", "HighMem", "Movable"};

	assert(kind < PAGE_ZONE_KINDS);
	return names[kind];
}

bool page_zone_kind_of(const char *name, enum page_zone_kind *kind)
{
	for (int i = 0; i < PAGE_ZONE_KINDS; i++) {
		if (!strcmp(name, page_zone_name((enum page_zone_kind)i))) {
			*kind = (enum page_zone_kind)i;
			return true;
		}
	}
	return false;
}

uint32_t page_zoneinfo_nodes(const struct snapshot *snapshot)
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
		    page_zone_kind_of(other->name, &kind))
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

int page_zoneinfo_zones(const struct snapshot *snapshot,
			const struct page_tuning *tuning,
			struct page_zone_config *zones, uint32_t *count,
			struct err *err)
{
	*count = 0;
	for (uint32_t i = 0; i < snapshot->zone_count; i++) {
		const struct snapshot_zone *zone = &snapshot->zones[i];
		enum page_zone_kind kind;

		if (*count < PAGE_ZONES_MAX && zone->node >= 0 &&
		    page_zone_kind_of(zone->name, &kind)) {
			zones[*count] = zone_config(snapshot, zone, kind);
			tune(tuning, &zones[(*count)++]);
		}
	}
	if (*count)
		return 0;
	return err_set(err, ERR_MISSING, "the snapshot names no memory zones");
}
