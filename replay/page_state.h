/*
 * page_state: how the allocator's parts are held together. Private to the
 * page_* files of replay/.
 */
#ifndef REPLAY_PAGE_STATE_H
#define REPLAY_PAGE_STATE_H

#include "replay/page_alloc.h"
#include "replay/page_frame.h"
#include "replay/page_rules.h"

enum {
	PCP_COSTLY_ORDER = 3, /* PAGE_ALLOC_COSTLY_ORDER */
	PCP_LOW_LISTS = PAGE_PCPTYPES * (PCP_COSTLY_ORDER + 1),
	PCP_LISTS_MAX = PCP_LOW_LISTS + PAGE_PCPTYPES,
	PCP_SCALE_MAX = 5, /* CONFIG_PCP_BATCH_SCALE_MAX's default */
};

/* Which mark must hold (enum zone_watermarks). */
enum alloc_mark {
	ALLOC_WMARK_MIN,
	ALLOC_WMARK_LOW,
	ALLOC_WMARK_HIGH,
	ALLOC_WMARKS
};

/* One CPU's lists of one zone (struct per_cpu_pages). Counts are frames. */
struct page_pcp {
	struct frame_list lists[PCP_LISTS_MAX];
	uint32_t count;
	uint32_t high;	       /* moves where the rules let it */
	uint32_t free_count;   /* 6.12 on: frames freed in a row */
	uint8_t free_factor;   /* 5.15, 6.1: doublings of the next drain */
	uint8_t alloc_factor;  /* 6.12 on: doublings of the next refill */
	uint8_t idle_ticks;    /* ticks left until a remote list is emptied */
	bool freed_high_order; /* the free before was of order 1 to 3 */
};

/* Where compaction of a zone is, and whether it is worth it. */
struct page_compaction {
	uint64_t source; /* pageblocks below were gone through; 0: none */
	uint64_t target; /* pageblocks above were filled; 0: none */
	/* compact_considered and its kin: after a failure of that order or
	 * more, 2^defer_shift requests go by. */
	uint32_t considered, defer_shift, order_failed;
};

struct page_zone {
	/* Hot: where the frames are and what is free. */
	uint64_t start_pfn, end_pfn; /* end is the first beyond it */
	uint32_t base;		     /* index of the frame at start_pfn */
	uint32_t id;		     /* place in the configuration */
	uint64_t free_pages;	     /* in free_area, 2^order each */
	uint64_t wmark[ALLOC_WMARKS], boost;
	uint64_t lowmem_reserve[PAGE_ZONE_KINDS];
	uint64_t managed;
	uint32_t node;
	enum page_zone_kind kind;
	bool below_high;     /* ZONE_BELOW_HIGH (6.7 on) */
	bool reclaim_active; /* ZONE_RECLAIM_ACTIVE: kswapd is at work */
	bool spared;	     /* rather DMA32 than pageblocks of other types */
	uint32_t pcp_batch, pcp_high_min, pcp_high_max;
	struct page_pcp *pcps; /* cpu_count elements */
	uint8_t *block_types;  /* migratetype per pageblock */
	uint64_t first_block;  /* start_pfn >> pageblock_order */
	uint32_t block_count;
	uint32_t highatomic_blocks; /* pageblocks of that type */
	/* Bit o of filled[t]: free_area[o][t] is not empty. */
	uint16_t filled[PAGE_MIGRATETYPES];
	struct frame_list free_area[PAGE_ORDERS][PAGE_MIGRATETYPES];
	/* Blocks in use that are marked so, the oldest mark first. */
	struct frame_list reclaimable;
	uint64_t reclaimable_pages;
	struct page_compaction compaction;
};

/* The zones that a request at one node tries, nearest node and highest first.
 */
struct page_zonelist {
	uint16_t *zones; /* ids */
	uint32_t count;
};

/* One node's kswapd (struct pglist_data's members of that name). */
struct page_kswapd {
	/* The most that was asked for since its last turn. */
	uint32_t order;
	enum page_zone_kind highest;
	uint32_t failures; /* turns in vain since anything was reclaimed */
	bool awake;	   /* woken, and its turn is yet to come */
};

struct page_alloc {
	const struct page_rules *rules;
	struct frame_table frames;
	struct page_zone *zones; /* zone_count, as configured */
	uint16_t *by_pfn;	 /* ids of the zones with frames, ascending */
	struct page_zonelist zonelists[PAGE_NODES_MAX];
	struct page_kswapd kswapds[PAGE_NODES_MAX];
	struct page_counters counters;
	const struct page_slow_policy *slow;
	const struct page_owner *owner; /* or NULL */
	uint16_t *cpu_node;		/* cpu_count elements */
	uint64_t pcp_pages;		/* on the lists of all CPUs */
	uint32_t zone_count, populated, node_count;
	uint32_t cpu_count;
	uint32_t max_order, pageblock_order, thp_order;
	uint32_t listed_order_max; /* of the CPUs' lists, huge pages apart */
	uint32_t kinds_built;	   /* bit per enum page_zone_kind */
	uint32_t watermark_boost_factor;
	bool free_high_batch, group_by_mobility;
	bool kswapd_awake; /* on one node or more */
};

static inline uint32_t zone_index(const struct page_zone *zone, uint64_t pfn)
{
	return zone->base + (uint32_t)(pfn - zone->start_pfn);
}

static inline uint64_t zone_pfn(const struct page_zone *zone, uint32_t index)
{
	return zone->start_pfn + (index - zone->base);
}

static inline bool zone_spans(const struct page_zone *zone, uint64_t pfn)
{
	return pfn >= zone->start_pfn && pfn < zone->end_pfn;
}

/* pfn must lie in the zone. */
static inline uint8_t *zone_block_type(const struct page_alloc *pa,
				       const struct page_zone *zone,
				       uint64_t pfn)
{
	return &zone->block_types[(pfn >> pa->pageblock_order) -
				  zone->first_block];
}

/* The zone that holds pfn, or NULL. */
static inline struct page_zone *zone_at(const struct page_alloc *pa,
					uint64_t pfn)
{
	uint32_t low = 0, high = pa->populated;

	while (low < high) {
		uint32_t mid = (low + high) / 2;
		struct page_zone *zone = &pa->zones[pa->by_pfn[mid]];

		if (pfn < zone->start_pfn)
			high = mid;
		else if (pfn >= zone->end_pfn)
			low = mid + 1;
		else
			return zone;
	}
	return NULL;
}

/* The zone that holds all of 2^order frames at an aligned pfn, or NULL. */
static inline struct page_zone *zone_at_block(const struct page_alloc *pa,
					      uint64_t pfn, uint32_t order)
{
	struct page_zone *zone;

	if (order > pa->max_order || pfn & ((UINT64_C(1) << order) - 1))
		return NULL;
	zone = zone_at(pa, pfn);
	if (!zone || zone->end_pfn - pfn < UINT64_C(1) << order)
		return NULL;
	return zone;
}

#endif
