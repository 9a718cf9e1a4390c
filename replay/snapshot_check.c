#include "replay/snapshot_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SLACK_SHARE = 64 };

static bool has(const struct snapshot *snapshot, uint32_t parts)
{
	return (snapshot->parts & parts) == parts;
}

static uint64_t apart(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* Free pages of all zones as each file has them. */
struct free_counts {
	uint64_t managed, zoneinfo, buddyinfo, pagetypeinfo, kpageflags;
	uint64_t end_pfn; /* of the last zone that has memory */
};

static struct free_counts free_count(const struct snapshot *snapshot)
{
	struct free_counts sum = {0};

	for (uint32_t i = 0; i < snapshot->zone_count; i++) {
		const struct snapshot_zone *zone = &snapshot->zones[i];
		uint64_t end = zone->start_pfn + zone->spanned;

		sum.managed += zone->managed;
		sum.zoneinfo += zone->free;
		if (zone->managed && end > sum.end_pfn)
			sum.end_pfn = end;
		for (uint32_t o = 0; o < snapshot->order_count; o++) {
			sum.buddyinfo += zone->free_blocks[o] << o;
			for (uint32_t t = 0; t < snapshot->migratetype_count;
			     t++)
				sum.pagetypeinfo += zone->free_by_type[t][o]
						    << o;
		}
	}
	for (size_t i = 0; i < snapshot->block_count; i++)
		sum.kpageflags += 1ull << snapshot->blocks[i].order;
	return sum;
}

static bool near(const char *a_name, uint64_t a, const char *b_name, uint64_t b,
		 const char *what, uint64_t managed, char *why)
{
	if (apart(a, b) <= managed / SLACK_SHARE)
		return true;
	snprintf(why, SNAPSHOT_WHY_MAX,
		 "%s has %" PRIu64 " %s and %s %" PRIu64
		 ": they are not of one moment",
		 a_name, a, what, b_name, b);
	return false;
}

static uint64_t slab_pages(const struct snapshot *snapshot)
{
	uint64_t pages = 0;

	for (uint32_t i = 0; i < snapshot->cache_count; i++) {
		const struct snapshot_cache *cache = &snapshot->caches[i];

		if (cache->num_slabs != UINT64_MAX &&
		    cache->order < SNAPSHOT_ORDERS_MAX)
			pages += cache->num_slabs << cache->order;
	}
	return pages;
}

bool snapshot_agrees(const struct snapshot *snapshot,
		     char why[SNAPSHOT_WHY_MAX])
{
	struct free_counts sum = free_count(snapshot);
	uint64_t slabs = slab_pages(snapshot);

	why[0] = '\0';
	if (!has(snapshot, SNAPSHOT_ZONEINFO))
		return true;
	if (has(snapshot, SNAPSHOT_KPAGEFLAGS) &&
	    snapshot->kpageflags_pages < sum.end_pfn) {
		snprintf(why, SNAPSHOT_WHY_MAX,
			 "kpageflags covers %" PRIu64
			 " pages and zoneinfo has zones up to page %" PRIu64
			 ": another machine",
			 snapshot->kpageflags_pages, sum.end_pfn);
		return false;
	}
	if (has(snapshot, SNAPSHOT_BUDDYINFO) &&
	    !near("buddyinfo", sum.buddyinfo, "zoneinfo", sum.zoneinfo,
		  "free pages", sum.managed, why))
		return false;
	if (has(snapshot, SNAPSHOT_PAGETYPEINFO) &&
	    !near("pagetypeinfo", sum.pagetypeinfo, "zoneinfo", sum.zoneinfo,
		  "free pages", sum.managed, why))
		return false;
	if (!has(snapshot, SNAPSHOT_KPAGEFLAGS))
		return true;
	if (!near("kpageflags", sum.kpageflags, "zoneinfo", sum.zoneinfo,
		  "free pages", sum.managed, why))
		return false;
	/* SLOB's slabinfo is empty. */
	return !has(snapshot, SNAPSHOT_SLABINFO) || !slabs ||
	       !snapshot->slab_pages ||
	       near("slabinfo", slabs, "kpageflags", snapshot->slab_pages,
		    "pages of slabs", sum.managed, why);
}

static const struct snapshot_zone *zone_find(const struct snapshot *snapshot,
					     const struct snapshot_zone *like)
{
	for (uint32_t i = 0; i < snapshot->zone_count; i++)
		if (snapshot->zones[i].node == like->node &&
		    !strcmp(snapshot->zones[i].name, like->name))
			return &snapshot->zones[i];
	return NULL;
}

bool snapshot_same_machine(const struct snapshot *before,
			   const struct snapshot *after,
			   char why[SNAPSHOT_WHY_MAX])
{
	why[0] = '\0';
	if (!has(before, SNAPSHOT_ZONEINFO) || !has(after, SNAPSHOT_ZONEINFO))
		return true;
	for (uint32_t i = 0; i < before->zone_count; i++) {
		const struct snapshot_zone *zone = &before->zones[i];
		const struct snapshot_zone *other = zone_find(after, zone);

		if (other && other->start_pfn == zone->start_pfn &&
		    other->spanned == zone->spanned)
			continue;
		snprintf(why, SNAPSHOT_WHY_MAX,
			 "zone %s of node %d has %" PRIu64
			 " pages from page %" PRIu64
			 " in before/, in after/ %" PRIu64 " from %" PRIu64
			 ": another machine",
			 zone->name, zone->node, zone->spanned, zone->start_pfn,
			 other ? other->spanned : 0,
			 other ? other->start_pfn : 0);
		return false;
	}
	if (before->zone_count == after->zone_count)
		return true;
	snprintf(why, SNAPSHOT_WHY_MAX,
		 "before/ has %u zones and after/ %u: another machine",
		 before->zone_count, after->zone_count);
	return false;
}
