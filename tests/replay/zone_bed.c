#include "tests/replay/zone_bed.h"

#include <stdio.h>
#include <string.h>

#include "parser/zones_read.h"
#include "replay/page_zoneinfo.h"
#include "tests/support/test.h"

/* ---- Reading ---- */

bool zone_bed_text(const char *path, char text[TEXT_MAX])
{
	FILE *file = fopen(path, "r");
	size_t size;

	if (!file)
		return false;
	size = fread(text, 1, TEXT_MAX - 1, file);
	text[size] = '\0';
	fclose(file);
	return size > 0;
}

static uint32_t cpus_of(const struct snapshot *snapshot)
{
	uint32_t cpus = 1;

	for (uint32_t i = 0; i < snapshot->zone_count; i++) {
		if (snapshot->zones[i].pcp_count > cpus)
			cpus = snapshot->zones[i].pcp_count;
	}
	return cpus;
}

bool zones_read(struct zones *zones, const char *path,
		enum page_version version, uint64_t page_size, uint32_t nodes)
{
	static char text[TEXT_MAX];
	struct err err = {0};

	*zones = (struct zones){.count = 0};
	if (!zone_bed_text(path, text))
		return false;
	expect_i64_eq(zones_read_zoneinfo(text, &zones->snapshot, &err), 0);
	for (uint32_t i = 0; i < zones->snapshot.zone_count; i++) {
		const struct snapshot_zone *zone = &zones->snapshot.zones[i];
		enum page_zone_kind kind;

		expect_true(zones->count < ZONES_MAX);
		if (!page_zone_kind_of(zone->name, &kind))
			continue;
		zones->at[zones->count] = i;
		zones->made[zones->count++] =
		    (struct page_zone_config){.node = (uint32_t)zone->node,
					      .kind = kind,
					      .managed = zone->managed};
	}
	zones->limits =
	    page_limits_default(version, page_size, cpus_of(&zones->snapshot));
	for (uint32_t node = 0; node < nodes; node++)
		zones->node_cpus[node] = zones->limits.cpus / nodes;
	zones->limits.node_cpus = zones->node_cpus;
	return true;
}

/* ---- Comparing ---- */

static void number(struct tally *tally, uint64_t printed, uint64_t made)
{
	tally->numbers++;
	tally->equal += printed == made;
}

/*
 * Each CPU prints the same batch and high: two numbers of a zone. Where high
 * moves and its limits are not printed (6.7 to 6.12), it lies between them.
 */
static void pcps_compare(const struct snapshot_zone *zone,
			 const struct page_zone_config *made,
			 struct tally *tally)
{
	struct tally all = {0};

	for (uint32_t i = 0; i < zone->pcp_count; i++) {
		const struct snapshot_pcp *pcp = &zone->pcps[i];

		number(&all, pcp->batch, made->pcp_batch);
		if (!pcp->high_max && made->pcp_high_min < made->pcp_high_max)
			number(&all, true,
			       pcp->high >= made->pcp_high_min &&
				   pcp->high <= made->pcp_high_max);
		else
			number(&all, pcp->high_max ? pcp->high_min : pcp->high,
			       made->pcp_high_min);
		if (pcp->high_max)
			number(&all, pcp->high_max, made->pcp_high_max);
	}
	if (!zone->pcp_count)
		return;
	tally->numbers += all.numbers / zone->pcp_count;
	if (all.equal == all.numbers)
		tally->equal += all.numbers / zone->pcp_count;
}

static void zone_compare(const struct zones *zones, uint32_t i,
			 struct tally *tally)
{
	const struct snapshot *snapshot = &zones->snapshot;
	const struct snapshot_zone *zone = &snapshot->zones[zones->at[i]];
	const struct page_zone_config *made = &zones->made[i];
	uint32_t at = 0;

	tally->zones++;
	number(tally, zone->min, made->wmark_min + zone->boost);
	number(tally, zone->low, made->wmark_low + zone->boost);
	number(tally, zone->high, made->wmark_high + zone->boost);
	for (uint32_t k = 0; k < snapshot->zone_count; k++) {
		const struct snapshot_zone *other = &snapshot->zones[k];
		enum page_zone_kind kind;

		if (other->node != zone->node)
			continue;
		if (at < zone->protection_count &&
		    page_zone_kind_of(other->name, &kind) && kind > made->kind)
			number(tally, zone->protection[at],
			       made->lowmem_reserve[kind]);
		at++;
	}
	pcps_compare(zone, made, tally);
}

struct tally zones_compare(const struct zones *zones)
{
	struct tally tally = {0};

	for (uint32_t i = 0; i < zones->count; i++) {
		/* A zone without memory prints zeros. */
		if (zones->snapshot.zones[zones->at[i]].managed)
			zone_compare(zones, i, &tally);
	}
	return tally;
}

bool zones_equal(const struct zones *zones)
{
	struct tally tally = zones_compare(zones);

	return tally.equal == tally.numbers;
}

void fail_zones(const struct zones *zones, const char *name)
{
	for (uint32_t i = 0; i < zones->count; i++) {
		const struct snapshot_zone *zone =
		    &zones->snapshot.zones[zones->at[i]];
		const struct page_zone_config *made = &zones->made[i];
		struct tally tally = {0};

		zone_compare(zones, i, &tally);
		if (!zone->managed || tally.equal == tally.numbers)
			continue;
		print_message("node %d, %s: min %llu low %llu high %llu, "
			      "computed %llu %llu %llu, batch %u, high %u\n",
			      zone->node, zone->name,
			      (unsigned long long)zone->min,
			      (unsigned long long)zone->low,
			      (unsigned long long)zone->high,
			      (unsigned long long)made->wmark_min,
			      (unsigned long long)made->wmark_low,
			      (unsigned long long)made->wmark_high,
			      made->pcp_batch, made->pcp_high_min);
	}
	fail_msg("%s is not what the formulas say", name);
}

void zones_limits_set(struct zones *zones)
{
	struct err err = {0};

	if (page_limits_set(&zones->limits, zones->made, zones->count, &err))
		fail_msg("%s", err.text);
}

static void zones_raise_thp(struct zones *zones, uint32_t pageblock_order)
{
	zones->limits.min_free_kbytes = page_limits_min_free_thp(
	    &zones->limits, zones->made, zones->count, pageblock_order);
	zones_limits_set(zones);
}

struct page_zone_config *zones_largest(struct zones *zones)
{
	struct page_zone_config *largest = &zones->made[0];

	for (uint32_t i = 0; i < zones->count; i++) {
		if (zones->made[i].managed > largest->managed)
			largest = &zones->made[i];
	}
	return largest;
}

/* What the zones managed before that memory came. */
static void zones_shrink(struct zones *zones, const struct late_memory *late)
{
	for (uint32_t i = 0; i < zones->count; i++) {
		const struct snapshot_zone *zone =
		    &zones->snapshot.zones[zones->at[i]];

		zones->made[i].managed = zone->managed;
		for (uint32_t k = 0; k < late->count; k++) {
			const struct frame_range *range = &late->ranges[k];

			if (range->first >= zone->start_pfn &&
			    range->end <= zone->start_pfn + zone->spanned)
				zones->made[i].managed -=
				    range->end - range->first;
		}
	}
}

/* The two times that a kernel which boots sets its marks. */
static void marks_boot(struct zones *zones, const struct machine *machine)
{
	struct page_zone_config *made = zones->made;

	for (uint32_t i = 0; i < zones->count; i++)
		made[i].wmark_high = 0;
	zones->limits.min_free_kbytes =
	    page_limits_min_free(&zones->limits, made, zones->count);
	zones_limits_set(zones);
	if (machine->thp == THP_OFF)
		return;
	if (machine->thp == THP_NEVER) {
		zones->limits.min_free_kbytes =
		    page_limits_min_free(&zones->limits, made, zones->count);
		zones_limits_set(zones);
		return;
	}
	if (machine->thp == THP_LATER) {
		const struct late_memory none = {.count = 0};

		expect_u64_eq(zones->count, 3); /* no zone below another */
		zones_shrink(zones, &none);
	}
	zones_raise_thp(zones, machine->pageblock_order);
}

/* adjust_managed_page_count() of 6.16 to 7.2: protection follows at once. */
static void protection_follow(struct zones *zones)
{
	static struct zones now;

	now = *zones;
	for (uint32_t i = 0; i < now.count; i++)
		now.made[i].managed = now.snapshot.zones[now.at[i]].managed;
	now.limits.node_cpus = now.node_cpus;
	zones_limits_set(&now);
	for (uint32_t i = 0; i < now.count; i++)
		memcpy(zones->made[i].lowmem_reserve,
		       now.made[i].lowmem_reserve,
		       sizeof(now.made[i].lowmem_reserve));
}

void zones_boot(struct zones *zones, const struct machine *machine,
		const struct late_memory *late, int64_t more)
{
	zones_shrink(zones, late);
	zones_largest(zones)->managed += (uint64_t)more;
	marks_boot(zones, machine);
	if (zones->limits.version >= PAGE_VERSION_6_18)
		protection_follow(zones);
}
