#include "replay/page_limits.h"

#include <string.h>

#include "replay/page_rules.h"

enum {
	MIN_FREE_LEAST_KB = 128,
	MIN_FREE_MOST_KB = 262144,
	CAPPED_LEAST = 32, /* SWAP_CLUSTER_MAX */
	CAPPED_MOST = 128,
	HIGH_MAX_FRACTION = 8, /* MIN_PERCPU_PAGELIST_HIGH_FRACTION */
	BATCH_BYTES = 1 << 20,
};

static uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* The largest number whose square is not above value. */
static uint64_t square_root(uint64_t value)
{
	uint64_t root = 0;

	for (uint64_t bit = UINT64_C(1) << 31; bit; bit >>= 1) {
		if ((root | bit) * (root | bit) <= value)
			root |= bit;
	}
	return root;
}

/* value * numerator / denominator without overflow, rounded down. */
static uint64_t fraction(uint64_t value, uint64_t numerator,
			 uint64_t denominator)
{
	return value / denominator * numerator +
	       value % denominator * numerator / denominator;
}

struct page_limits page_limits_default(enum page_version version,
				       uint64_t page_size, uint32_t cpus)
{
	struct page_limits limits = {.version = version,
				     .page_size = page_size,
				     .watermark_scale_factor = 10,
				     .reserve_ratio = {256, 256, 32, 0, 0},
				     .cpus = cpus};

	return limits;
}

/* nr_free_buffer_pages(): what GFP_USER may have above the high marks. */
static uint64_t buffer_pages(const struct page_zone_config *zones,
			     uint32_t count)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint64_t high = zones[i].wmark_high + zones[i].boost;

		if (zones[i].kind <= PAGE_ZONE_NORMAL &&
		    zones[i].managed > high)
			sum += zones[i].managed - high;
	}
	return sum;
}

uint64_t page_limits_min_free(const struct page_limits *limits,
			      const struct page_zone_config *zones,
			      uint32_t count)
{
	uint64_t kbytes =
	    buffer_pages(zones, count) * (limits->page_size >> 10);

	return min_u64(max_u64(square_root(kbytes * 16), MIN_FREE_LEAST_KB),
		       MIN_FREE_MOST_KB);
}

uint64_t page_limits_min_free_thp(const struct page_limits *limits,
				  const struct page_zone_config *zones,
				  uint32_t count, uint32_t pageblock_order)
{
	uint64_t populated = 0, pages;

	for (uint32_t i = 0; i < count; i++)
		populated +=
		    zones[i].managed && zones[i].kind <= PAGE_ZONE_NORMAL;
	pages = (populated << pageblock_order) *
		(2 + PAGE_PCPTYPES * PAGE_PCPTYPES);
	pages = min_u64(pages, buffer_pages(zones, count) / 20);
	return max_u64(pages * (limits->page_size >> 10),
		       limits->min_free_kbytes);
}

/*
 * Zones of which kernel pages are never allocated: a small min is enough. A
 * Movable zone counts as HighMem where there is HighMem, and always since 6.12
 * at the latest.
 */
static bool is_capped(const struct page_limits *limits,
		      const struct page_zone_config *zones, uint32_t count,
		      enum page_zone_kind kind)
{
	if (kind != PAGE_ZONE_MOVABLE)
		return kind == PAGE_ZONE_HIGHMEM;
	for (uint32_t i = 0; i < count; i++) {
		if (zones[i].kind == PAGE_ZONE_HIGHMEM && zones[i].managed)
			return true;
	}
	return page_rules_of(limits->version)->movable_min_capped;
}

static void marks_set(const struct page_limits *limits,
		      struct page_zone_config *zones, uint32_t count)
{
	uint64_t pages_min =
	    limits->min_free_kbytes / (limits->page_size >> 10);
	uint64_t lowmem = 0;

	for (uint32_t i = 0; i < count; i++) {
		if (!is_capped(limits, zones, count, zones[i].kind))
			lowmem += zones[i].managed;
	}
	for (uint32_t i = 0; i < count; i++) {
		struct page_zone_config *zone = &zones[i];
		uint64_t share =
		    lowmem ? fraction(zone->managed, pages_min, lowmem) : 0;
		uint64_t step = max_u64(
		    share / 4, fraction(zone->managed,
					limits->watermark_scale_factor, 10000));

		zone->wmark_min = share;
		if (is_capped(limits, zones, count, zone->kind))
			zone->wmark_min =
			    min_u64(max_u64(zone->managed / 1024, CAPPED_LEAST),
				    CAPPED_MOST);
		zone->wmark_low = zone->wmark_min + step;
		zone->wmark_high = zone->wmark_low + step;
		zone->boost = 0;
	}
}

/* A zone keeps a share of all that lies above it on its node. */
static void reserve_set(const struct page_limits *limits,
			struct page_zone_config *zone,
			const struct page_zone_config *zones, uint32_t count)
{
	uint32_t ratio = limits->reserve_ratio[zone->kind];
	uint64_t above = 0;

	memset(zone->lowmem_reserve, 0, sizeof(zone->lowmem_reserve));
	for (int kind = (int)zone->kind + 1; kind < PAGE_ZONE_KINDS; kind++) {
		for (uint32_t i = 0; i < count; i++) {
			if (zones[i].node == zone->node &&
			    (int)zones[i].kind == kind)
				above += zones[i].managed;
		}
		if (ratio && zone->managed)
			zone->lowmem_reserve[kind] = above / ratio;
	}
}

static uint32_t batch_of(const struct page_limits *limits, uint64_t managed)
{
	uint64_t batch =
	    min_u64(managed >> 10, BATCH_BYTES / limits->page_size) / 4;
	uint64_t power = 1;

	batch = max_u64(batch, 1);
	while (power * 2 <= batch + batch / 2)
		power *= 2;
	return (uint32_t)max_u64(power - 1, 1);
}

void page_limits_lists(const struct page_limits *limits,
		       struct page_zone_config *zone)
{
	uint32_t sharers = limits->cpus,
		 batch = batch_of(limits, zone->managed);
	uint64_t pages = zone->wmark_low, most = zone->managed;

	if (limits->node_cpus && limits->node_cpus[zone->node])
		sharers = limits->node_cpus[zone->node];
	if (!sharers)
		sharers = 1;
	if (limits->high_fraction)
		pages = zone->managed / limits->high_fraction;
	zone->pcp_batch = batch;
	zone->pcp_high_min = (uint32_t)max_u64(pages / sharers, batch * 4);
	zone->pcp_high_max = zone->pcp_high_min;
	if (page_rules_of(limits->version)->pcp_auto_high &&
	    !limits->high_fraction)
		zone->pcp_high_max = (uint32_t)max_u64(
		    most / HIGH_MAX_FRACTION / sharers, batch * 4);
}

bool page_limits_size_ok(uint64_t page_size)
{
	return page_size >= 1024 && page_size <= BATCH_BYTES &&
	       !(page_size & (page_size - 1));
}

static int input_check(const struct page_limits *limits,
		       const struct page_zone_config *zones, uint32_t count,
		       struct err *err)
{
	uint64_t size = limits->page_size;

	if (!page_limits_size_ok(size))
		return err_set(err, ERR_USAGE,
			       "page size %llu: it must be a power of two from "
			       "1024 to %d",
			       (unsigned long long)size, BATCH_BYTES);
	if ((unsigned int)limits->version >= PAGE_VERSIONS)
		return err_set(err, ERR_USAGE, "unknown version %d",
			       (int)limits->version);
	for (uint32_t i = 0; i < count; i++) {
		if (zones[i].node >= PAGE_NODES_MAX ||
		    (unsigned int)zones[i].kind >= PAGE_ZONE_KINDS)
			return err_set(err, ERR_USAGE,
				       "zone %u: node %u, kind %d: there is no "
				       "such zone",
				       i, zones[i].node, (int)zones[i].kind);
	}
	return 0;
}

int page_limits_set(const struct page_limits *limits,
		    struct page_zone_config *zones, uint32_t count,
		    struct err *err)
{
	int ret = input_check(limits, zones, count, err);

	if (ret)
		return ret;
	marks_set(limits, zones, count);
	for (uint32_t i = 0; i < count; i++) {
		reserve_set(limits, &zones[i], zones, count);
		page_limits_lists(limits, &zones[i]);
	}
	return 0;
}
