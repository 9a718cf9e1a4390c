/*
 * page_limits: the numbers that a kernel derives from the sizes of its zones:
 * watermarks, lowmem_reserve and the limits of the per-CPU lists.
 *
 * For machines that have no zoneinfo to take them from: what-ifs, tests. All
 * integer arithmetic and rounding is the kernel's.
 *
 * Source: mm/page_alloc.c: calculate_min_free_kbytes(),
 * __setup_per_zone_wmarks(), setup_per_zone_lowmem_reserve(),
 * zone_batchsize(), zone_highsize(); mm/khugepaged.c:
 * set_recommended_min_free_kbytes(). Of 6.1.192 and 6.12.117; held against
 * zoneinfo of 6.1 and 6.18.
 */
#ifndef REPLAY_PAGE_LIMITS_H
#define REPLAY_PAGE_LIMITS_H

#include "replay/page_alloc.h"

struct page_limits {
	enum page_version version;
	uint64_t page_size;		 /* bytes, a power of two */
	uint64_t min_free_kbytes;	 /* vm.min_free_kbytes */
	uint32_t watermark_scale_factor; /* vm., in 1/10000 of the zone */
	uint32_t high_fraction;		 /* vm.percpu_pagelist_high_fraction */
	/* vm.lowmem_reserve_ratio; 0: no reserve in that zone */
	uint32_t reserve_ratio[PAGE_ZONE_KINDS];
	/* Online CPUs per node, PAGE_NODES_MAX elements; NULL: all on node 0 */
	const uint32_t *node_cpus;
	uint32_t cpus; /* online CPUs of the machine */
};

/* A page size that the formulas can work with: see page_limits_set(). */
bool page_limits_size_ok(uint64_t page_size);

/* The defaults of a kernel that was told nothing; min_free_kbytes is 0. */
struct page_limits page_limits_default(enum page_version version,
				       uint64_t page_size, uint32_t cpus);

/*
 * What the kernel sets vm.min_free_kbytes to, from managed and wmark_high of
 * the zones up to Normal. At boot the marks are still 0. page_size must be one
 * that page_limits_set() takes.
 */
uint64_t page_limits_min_free(const struct page_limits *limits,
			      const struct page_zone_config *zones,
			      uint32_t count);

/*
 * ... and what khugepaged raises it to when transparent huge pages are enabled:
 * room for two pageblocks and those that fallbacks spoil, in every zone, but no
 * more than a twentieth. The marks are those of min_free_kbytes till then,
 * which is what comes back if it is more. pageblock_order: up to
 * PAGE_ORDER_MAX.
 */
uint64_t page_limits_min_free_thp(const struct page_limits *limits,
				  const struct page_zone_config *zones,
				  uint32_t count, uint32_t pageblock_order);

/*
 * Sets the pcp_ fields of one zone from its node, managed and wmark_low. What
 * page_limits_set() refuses must not be given.
 */
void page_limits_lists(const struct page_limits *limits,
		       struct page_zone_config *zone);

/*
 * Sets wmark_min, wmark_low, wmark_high, lowmem_reserve and the pcp_ fields of
 * all zones from their node, kind and managed; boost becomes 0. ERR_USAGE with
 * the reason, and nothing set: a page size that is no power of two from 1 KiB
 * to 1 MiB, or a node or kind that does not exist.
 */
MUST_CHECK int page_limits_set(const struct page_limits *limits,
			       struct page_zone_config *zones, uint32_t count,
			       struct err *err);

#endif
