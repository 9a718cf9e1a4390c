/*
 * Source: mm/vmscan.c: wakeup_kswapd(), kswapd(), balance_pgdat(),
 * pgdat_balanced(), kswapd_shrink_node(); the same in 5.15 to 6.18 but for what
 * is not modelled here (writeback, control groups, defrag_mode, tiering).
 *
 *   woken for (order, highest zone)
 *     +> balanced at the high mark, no boost left to make good? -> done
 *     |  else a batch from each zone up to highest
 *     +--- after compact_gap(order) frames only single pages are asked for
 *
 * "Balanced" asks one zone to pass, not all: a request that may use the highest
 * finds what it needs somewhere. But with that request's lowmem_reserve, so what
 * is kept from it in a low zone does not count as free. As long as there is
 * a boost, as much is taken back beyond the mark; the boosts end with the turn.
 *
 * The kernel scans the node's pages by age, a share that doubles as long as it
 * does not do; here each zone has its list, and all are pressed alike.
 *
 * Bound: each round takes back what is marked, or is one of 16 in vain.
 */
#include "core/rare.h"
#include "replay/page_kswapd.h"
#include "replay/page_slow.h"
#include "replay/page_watermark.h"

/* SWAP_CLUSTER_MAX: frames a round takes per zone; MAX_RECLAIM_RETRIES. */
enum { KSWAPD_BATCH = 32, KSWAPD_FAILURES = 16 };

static bool is_eligible(const struct page_zone *zone, uint32_t node,
			enum page_zone_kind highest)
{
	return zone->node == node && zone->kind <= highest;
}

bool kswapd_balanced(const struct page_alloc *pa, uint32_t node, uint32_t order,
		     enum page_zone_kind highest)
{
	bool managed = false;

	for (uint32_t i = 0; i < pa->populated; i++) {
		const struct page_zone *zone = &pa->zones[pa->by_pfn[i]];

		if (!is_eligible(zone, node, highest))
			continue;
		managed = true;
		if (watermark_ok_with(pa, zone, order,
				      watermark_pages(zone, ALLOC_WMARK_HIGH),
				      highest, 0, zone->free_pages))
			return true;
	}
	return !managed;
}

/* What the zones' boosts add up to (pgdat_watermark_boosted()). */
static uint64_t node_boost(const struct page_alloc *pa, uint32_t node,
			   enum page_zone_kind highest)
{
	uint64_t boost = 0;

	for (uint32_t i = 0; i < pa->populated; i++) {
		const struct page_zone *zone = &pa->zones[pa->by_pfn[i]];

		if (is_eligible(zone, node, highest))
			boost += zone->boost;
	}
	return boost;
}

/* update_reclaim_active() */
static void set_active(struct page_alloc *pa, uint32_t node,
		       enum page_zone_kind highest, bool active)
{
	for (uint32_t i = 0; i < pa->populated; i++) {
		struct page_zone *zone = &pa->zones[pa->by_pfn[i]];

		if (is_eligible(zone, node, highest))
			zone->reclaim_active = active;
	}
}

bool kswapd_wake(struct page_alloc *pa, uint32_t node, uint32_t order,
		 enum page_zone_kind highest)
{
	struct page_kswapd *kswapd = &pa->kswapds[node];

	if (kswapd->highest < highest)
		kswapd->highest = highest;
	if (kswapd->order < order)
		kswapd->order = order;
	if (kswapd->awake)
		return true;
	if (kswapd->failures >= KSWAPD_FAILURES ||
	    (kswapd_balanced(pa, node, order, highest) &&
	     !node_boost(pa, node, highest)))
		return false;
	kswapd->awake = pa->kswapd_awake = true;
	set_active(pa, node, highest, true);
	return true;
}

RARE void kswapd_run(struct page_alloc *pa)
{
	pa->kswapd_awake = false;
	for (uint32_t node = 0; node < pa->node_count; node++) {
		struct page_kswapd *kswapd = &pa->kswapds[node];
		uint32_t order = kswapd->order;
		enum page_zone_kind highest = kswapd->highest;

		if (!kswapd->awake)
			continue;
		kswapd->awake = false;
		kswapd->order = 0;
		kswapd->highest = PAGE_ZONE_DMA;
		if (pa->slow->kswapd)
			pa->slow->kswapd(pa, node, order, highest);
	}
}

void page_kswapd_seen(struct page_alloc *pa, uint32_t node)
{
	set_active(pa, node, PAGE_ZONE_MOVABLE, true);
}

/* kswapd_shrink_node(): a round. Returns the frames taken back. */
static uint64_t node_shrink(struct page_alloc *pa, uint32_t node,
			    enum page_zone_kind highest)
{
	uint64_t done = 0;

	for (uint32_t i = 0; i < pa->populated; i++) {
		const struct page_zone *zone = &pa->zones[pa->by_pfn[i]];

		if (is_eligible(zone, node, highest))
			done += page_reclaim_zone(pa, zone->id, KSWAPD_BATCH);
	}
	return done;
}

void page_kswapd_unboost(struct page_alloc *pa, uint32_t node, uint32_t order,
			 enum page_zone_kind highest)
{
	(void)order;
	for (uint32_t i = 0; i < pa->populated; i++) {
		struct page_zone *zone = &pa->zones[pa->by_pfn[i]];

		if (is_eligible(zone, node, highest))
			zone->boost = 0;
	}
}

/* balance_pgdat() */
static void node_balance(struct page_alloc *pa, uint32_t node, uint32_t order,
			 enum page_zone_kind highest)
{
	uint64_t boost = node_boost(pa, node, highest);
	uint64_t gap = UINT64_C(2) << order, total = 0, done = 1;

	while (done) {
		/* Short of pages, it does not care for the boost beyond. */
		if (!kswapd_balanced(pa, node, order, highest))
			boost = 0;
		else if (!boost)
			break;
		done = node_shrink(pa, node, highest);
		total += done;
		boost -= done < boost ? done : boost;
		if (total >= gap)
			order = 0;
	}
	if (!done && !total)
		pa->kswapds[node].failures++;
	pa->counters.kswapd_reclaimed += total;
	page_kswapd_unboost(pa, node, order, highest);
}

void page_kswapd_balance(struct page_alloc *pa, uint32_t node, uint32_t order,
			 enum page_zone_kind highest)
{
	if (node >= pa->node_count || order > pa->max_order ||
	    highest >= PAGE_ZONE_KINDS)
		return;
	/* kswapd(): a high order is tried once, then single pages. */
	do {
		node_balance(pa, node, order, highest);
		order = 0;
	} while (pa->kswapds[node].failures < KSWAPD_FAILURES &&
		 !kswapd_balanced(pa, node, 0, highest));
	set_active(pa, node, highest, false);
}
