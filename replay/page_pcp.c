/*
 * Per-CPU page lists: single pages and small blocks without the zone's lock.
 *
 * Source: mm/page_alloc.c: order_to_pindex(), rmqueue_bulk(), nr_pcp_alloc(),
 * __rmqueue_pcplist(), free_unref_page_commit(), nr_pcp_high(), nr_pcp_free(),
 * free_pcppages_bulk(), decay_pcp_high(); mm/vmstat.c: refresh_cpu_vm_stats().
 *
 *   list number   0 1 2   3 4 5   6 7 8   9 10 11   12 13 (14)
 *   order         0       1       2       3         THP
 *   type          U M R   U M R   U M R   U M R     others, movable (or U M R)
 *
 *      allocation <-- head [hot ............. cold] tail --> drain
 *      free       --> head                          tail <-- refill
 *
 * A list is a stack: what was freed last is given out first. An empty list is
 * refilled by a batch; when a CPU holds "high" pages or more, a free gives some
 * back, oldest first. How many, is where the versions differ: 5.15 and 6.1
 * double the drain with every drain that no allocation interrupts; from 6.7 on
 * the refill doubles likewise, a drain gives what was freed in a row, and high
 * itself moves between high_min and high_max.
 */
#include "core/rare.h"
#include "replay/page_buddy.h"
#include "replay/page_fallback.h"
#include "replay/page_pcp.h"

/* vmstat ticks until an unused list of a remote node is emptied. */
enum { PCP_EXPIRE_TICKS = 3 };

static uint32_t min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t max_u32(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* a - b, or 0 if b is larger. */
static uint32_t sub_u32(uint32_t a, uint32_t b)
{
	return a > b ? a - b : 0;
}

/* The kernel's clamp(): with low above high it is high that wins. */
static uint32_t clamp_u32(uint32_t value, uint32_t low, uint32_t high)
{
	return min_u32(max_u32(value, low), high);
}

/* order_to_pindex() */
static uint32_t pcp_list(const struct page_alloc *pa, uint32_t order,
			 uint32_t type)
{
	if (order <= PCP_COSTLY_ORDER)
		return PAGE_PCPTYPES * order + type;
	if (pa->rules->pcp_thp_by_type)
		return PCP_LOW_LISTS + type;
	return PCP_LOW_LISTS + (type == PAGE_MOVABLE);
}

static uint32_t pcp_list_count(const struct page_alloc *pa)
{
	if (!pa->thp_order)
		return PCP_LOW_LISTS;
	return PCP_LOW_LISTS + (pa->rules->pcp_thp_by_type ? 3 : 2);
}

/* pindex_to_order() */
static uint32_t pcp_list_order(const struct page_alloc *pa, uint32_t list)
{
	return list < PCP_LOW_LISTS ? list / PAGE_PCPTYPES : pa->thp_order;
}

static void pcp_push(struct page_alloc *pa, struct page_zone *zone,
		     struct page_pcp *pcp, uint64_t pfn, uint32_t order,
		     uint32_t type, bool to_tail)
{
	/* Reserved types share the movable lists, to be had back soon. */
	uint32_t list =
	    pcp_list(pa, order, type < PAGE_PCPTYPES ? type : PAGE_MOVABLE);

	buddy_mark(pa, zone, pfn, FRAME_PCP, order, type);
	frame_list_add(&pa->frames, &pcp->lists[list], zone_index(zone, pfn),
		       to_tail);
	pcp->count += 1u << order;
	pa->pcp_pages += 1u << order;
	pcp->idle_ticks = PCP_EXPIRE_TICKS;
}

void pcp_append(struct page_alloc *pa, struct page_zone *zone, uint32_t cpu,
		uint64_t pfn, uint32_t order, uint32_t type)
{
	pcp_push(pa, zone, &zone->pcps[cpu], pfn, order, type, true);
}

/* One block of a drain, from the tail of its list to the free areas. */
static void pcp_drain_one(struct page_alloc *pa, struct page_zone *zone,
			  struct page_pcp *pcp, uint32_t list)
{
	uint32_t index = pcp->lists[list].last;
	uint32_t order = pcp_list_order(pa, list);
	uint64_t pfn = zone_pfn(zone, index);
	uint32_t type = pa->rules->type_kept_on_pcp
			    ? frame_type(pa->frames.states[index])
			    : *zone_block_type(pa, zone, pfn);

	frame_list_remove(&pa->frames, &pcp->lists[list], index);
	pcp->count -= 1u << order;
	pa->pcp_pages -= 1u << order;
	pa->counters.drained += UINT64_C(1) << order;
	buddy_free(pa, zone, pfn, order, type, false);
}

/*
 * 5.15: round the lists, from the second on, one block more from each the
 * longer the search for a list with blocks has lasted. (The kernel empties the
 * only list that has any at once, which comes to the same.)
 */
static void pcp_drain_growing(struct page_alloc *pa, struct page_zone *zone,
			      struct page_pcp *pcp, uint32_t count)
{
	uint32_t lists = pcp_list_count(pa), list = 0, share = 0;
	int64_t left = count;

	while (left > 0) {
		do {
			share++;
			if (++list == lists)
				list = 0;
		} while (!pcp->lists[list].count);
		do {
			pcp_drain_one(pa, zone, pcp, list);
			left -= INT64_C(1) << pcp_list_order(pa, list);
		} while (left > 0 && --share && pcp->lists[list].count);
	}
}

/* 6.1 on: empties list after list. */
static void pcp_drain_lists(struct page_alloc *pa, struct page_zone *zone,
			    struct page_pcp *pcp, uint32_t count,
			    uint32_t first)
{
	uint32_t lists = pcp_list_count(pa), list = first;
	int64_t left = count;

	for (; left > 0; list = list + 1 == lists ? 0 : list + 1) {
		while (left > 0 && pcp->lists[list].count) {
			pcp_drain_one(pa, zone, pcp, list);
			left -= INT64_C(1) << pcp_list_order(pa, list);
		}
	}
}

RARE void pcp_drain(struct page_alloc *pa, struct page_zone *zone,
		    struct page_pcp *pcp, uint32_t count, uint32_t first)
{
	count = min_u32(count, pcp->count);
	if (!count)
		return;
	pa->counters.drains++;
	if (pa->rules->pcp_drain_growing)
		pcp_drain_growing(pa, zone, pcp, count);
	else
		pcp_drain_lists(pa, zone, pcp, count, first);
}

/* nr_pcp_alloc(): how many blocks a refill fetches. */
static uint32_t refill_count(const struct page_alloc *pa,
			     const struct page_zone *zone, struct page_pcp *pcp,
			     uint32_t order)
{
	uint32_t base = zone->pcp_batch, batch = base, high, most;

	if (pa->rules->pcp_auto_high) {
		high = pcp->high = clamp_u32(pcp->high, zone->pcp_high_min,
					     zone->pcp_high_max);
		if (high < base)
			return 1;
		if (!order)
			batch = base << pcp->alloc_factor;
		if (zone->pcp_high_min != zone->pcp_high_max &&
		    !zone->below_high)
			high = pcp->high =
			    min_u32(high + batch, zone->pcp_high_max);
		if (!order) {
			most = max_u32(sub_u32(high, pcp->count + base), base);
			if (batch <= most && pcp->alloc_factor < PCP_SCALE_MAX)
				pcp->alloc_factor++;
			batch = min_u32(batch, most);
		}
	}
	return batch > 1 ? max_u32(batch >> order, 2) : batch;
}

/* rmqueue_bulk(): to the tail, so that a split block stays in address order. */
static RARE void pcp_refill(struct page_alloc *pa, struct page_zone *zone,
			    struct page_pcp *pcp, uint32_t order, uint32_t type,
			    uint32_t alloc_flags)
{
	uint32_t want = refill_count(pa, zone, pcp, order);
	enum rmqueue_mode mode = RMQUEUE_NORMAL;
	uint64_t pfn;

	pa->counters.refills++;
	for (uint32_t i = 0; i < want; i++) {
		if (!fallback_take(pa, zone, order, type, alloc_flags, &mode,
				   &pfn))
			break;
		/* What is CMA's goes back there, unused or not. */
		if (*zone_block_type(pa, zone, pfn) == PAGE_CMA)
			pcp_push(pa, zone, pcp, pfn, order, PAGE_CMA, true);
		else
			pcp_push(pa, zone, pcp, pfn, order, type, true);
		pa->counters.refilled += UINT64_C(1) << order;
	}
}

bool pcp_take(struct page_alloc *pa, struct page_zone *zone, uint32_t cpu,
	      uint32_t order, uint32_t type, uint32_t alloc_flags,
	      uint64_t *pfn)
{
	struct page_pcp *pcp = &zone->pcps[cpu];
	struct frame_list *list = &pcp->lists[pcp_list(pa, order, type)];
	uint32_t index;

	/* The counterpart of the doublings in drain_count(). */
	pcp->free_factor >>= 1;
	pcp->free_count >>= 1;
	if (list->count) {
		pa->counters.pcp_hits++;
	} else {
		pcp_refill(pa, zone, pcp, order, type, alloc_flags);
		if (!list->count)
			return false;
	}
	index = list->first;
	frame_list_remove(&pa->frames, list, index);
	pcp->count -= 1u << order;
	pa->pcp_pages -= 1u << order;
	pcp->idle_ticks = PCP_EXPIRE_TICKS;
	*pfn = zone_pfn(zone, index);
	return true;
}

/* The free_high of free_unref_page_commit(): this free empties the lists. */
static bool frees_all(const struct page_alloc *pa, const struct page_zone *zone,
		      struct page_pcp *pcp, uint32_t order)
{
	uint32_t batch = zone->pcp_batch;
	bool small = order && order <= PCP_COSTLY_ORDER;
	bool before = pcp->freed_high_order;

	pcp->freed_high_order = small;
	if (!small)
		return false;
	switch (pa->rules->free_high) {
	case FREE_HIGH_NEVER:
		return false;
	case FREE_HIGH_FACTOR:
		return pcp->free_factor;
	case FREE_HIGH_HALF_HIGH:
		batch += zone->pcp_high_min / 2;
		__attribute__((fallthrough));
	case FREE_HIGH_BATCH:
		return pcp->free_count >= batch && before &&
		       (!pa->free_high_batch || pcp->count >= zone->pcp_batch);
	}
	return false;
}

/* nr_pcp_high(): from how many pages on a free drains; adjusts high. */
static uint32_t drain_limit(const struct page_alloc *pa,
			    const struct page_zone *zone, struct page_pcp *pcp,
			    bool all)
{
	uint32_t least = zone->pcp_high_min, most = zone->pcp_high_max;
	uint32_t batch = zone->pcp_batch, need;

	if (!pa->rules->pcp_auto_high) {
		if (all)
			return 0;
		return zone->reclaim_active ? min_u32(batch << 2, pcp->high)
					    : pcp->high;
	}
	pcp->high = clamp_u32(pcp->high, least, most);
	if (!pcp->high)
		return 0;
	if (all) {
		pcp->high =
		    max_u32(sub_u32(pcp->high, batch << PCP_SCALE_MAX), least);
		return 0;
	}
	need = max_u32(pcp->free_count, batch);
	if (zone->reclaim_active) {
		pcp->high = max_u32(sub_u32(pcp->high, need), least);
		return min_u32(batch << 2, pcp->high);
	}
	if (least == most)
		return pcp->high;
	if (zone->below_high) {
		pcp->high = max_u32(sub_u32(pcp->high, need), least);
		return max_u32(pcp->count, least);
	}
	need = pcp->high;
	if (pcp->count >= need && pcp->high < pcp->free_count + batch)
		pcp->high = clamp_u32(pcp->free_count + batch, least, most);
	return need;
}

/* nr_pcp_free(): how many frames a drain gives back. */
static uint32_t drain_count(const struct page_alloc *pa,
			    const struct page_zone *zone, struct page_pcp *pcp,
			    uint32_t high, bool all)
{
	uint32_t limit = pa->rules->pcp_drain_limited ? PCP_SCALE_MAX : 31;
	uint32_t batch = zone->pcp_batch, most;

	if (all && !pa->rules->pcp_auto_high)
		return pcp->count;
	if (all)
		return min_u32(pcp->count, batch << PCP_SCALE_MAX);
	if (high < batch)
		return 1;
	most = high - batch;
	if (pa->rules->pcp_auto_high)
		return clamp_u32(pcp->free_count, batch, most);
	batch <<= pcp->free_factor;
	if (batch < most && pcp->free_factor < limit)
		pcp->free_factor++;
	return clamp_u32(batch, zone->pcp_batch, most);
}

void pcp_free(struct page_alloc *pa, struct page_zone *zone, uint32_t cpu,
	      uint64_t pfn, uint32_t order)
{
	struct page_pcp *pcp = &zone->pcps[cpu];
	uint32_t type = *zone_block_type(pa, zone, pfn), high;
	bool all;

	if (type == PAGE_ISOLATE) {
		buddy_free(pa, zone, pfn, order, type, false);
		return;
	}
	pcp->alloc_factor >>= 1;
	pcp_push(pa, zone, pcp, pfn, order, type, false);
	all = frees_all(pa, zone, pcp, order);
	if (pcp->free_count < zone->pcp_batch << PCP_SCALE_MAX)
		pcp->free_count += 1u << order;
	high = drain_limit(pa, zone, pcp, all);
	if (pcp->count < high)
		return;
	pcp_drain(
	    pa, zone, pcp, drain_count(pa, zone, pcp, high, all),
	    pcp_list(pa, order, type < PAGE_PCPTYPES ? type : PAGE_MOVABLE));
	if (zone->below_high &&
	    zone->free_pages > zone->wmark[ALLOC_WMARK_HIGH] + zone->boost +
				   zone->lowmem_reserve[PAGE_ZONE_MOVABLE])
		zone->below_high = false;
}

/* decay_pcp_high(): a high that grew goes back by an eighth a tick. */
static void pcp_decay(struct page_alloc *pa, struct page_zone *zone,
		      struct page_pcp *pcp)
{
	uint32_t batch = zone->pcp_batch, least = zone->pcp_high_min;
	uint32_t left;

	if (pcp->high > least)
		pcp->high =
		    max_u32(max_u32(sub_u32(pcp->count, batch << PCP_SCALE_MAX),
				    pcp->high - (pcp->high >> 3)),
			    least);
	/* How much is said once: what a step drains beyond it, a THP, is more. */
	for (left = sub_u32(pcp->count, pcp->high); left;
	     left -= min_u32(left, batch))
		pcp_drain(pa, zone, pcp, min_u32(left, batch), 0);
}

void page_pcp_tick(struct page_alloc *pa, uint32_t cpu)
{
	if (cpu >= pa->cpu_count)
		return;
	for (uint32_t i = 0; i < pa->populated; i++) {
		struct page_zone *zone = &pa->zones[pa->by_pfn[i]];
		struct page_pcp *pcp;

		if (!zone->pcp_batch)
			continue;
		pcp = &zone->pcps[cpu];
		if (pa->rules->pcp_auto_high)
			pcp_decay(pa, zone, pcp);
		if (zone->node == pa->cpu_node[cpu] || !pcp->count)
			continue;
		if (pcp->idle_ticks && --pcp->idle_ticks)
			continue;
		pcp_drain(pa, zone, pcp, zone->pcp_batch, 0);
		pcp->idle_ticks = PCP_EXPIRE_TICKS;
	}
}

void page_pcp_set_high(struct page_alloc *pa, uint32_t zone_id, uint32_t cpu,
		       uint32_t high)
{
	struct page_zone *zone;

	if (zone_id >= pa->zone_count || cpu >= pa->cpu_count ||
	    !pa->rules->pcp_auto_high)
		return;
	zone = &pa->zones[zone_id];
	if (zone->pcp_batch && zone->end_pfn > zone->start_pfn)
		zone->pcps[cpu].high =
		    clamp_u32(high, zone->pcp_high_min, zone->pcp_high_max);
}

void page_pcp_drain_all(struct page_alloc *pa)
{
	for (uint32_t i = 0; i < pa->populated; i++) {
		struct page_zone *zone = &pa->zones[pa->by_pfn[i]];

		if (!zone->pcp_batch)
			continue;
		for (uint32_t cpu = 0; cpu < pa->cpu_count; cpu++)
			pcp_drain(pa, zone, &zone->pcps[cpu], UINT32_MAX, 0);
	}
}

uint64_t page_pcp_total(const struct page_alloc *pa)
{
	return pa->pcp_pages;
}

uint32_t page_pcp_count(const struct page_alloc *pa, uint32_t zone,
			uint32_t cpu)
{
	if (zone >= pa->zone_count || cpu >= pa->cpu_count ||
	    !pa->zones[zone].pcp_batch)
		return 0;
	return pa->zones[zone].pcps[cpu].count;
}
