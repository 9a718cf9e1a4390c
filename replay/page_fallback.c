/*
 * Migratetype fallback: what happens when a type's own lists are empty.
 *
 * Source: mm/page_alloc.c: find_suitable_fallback(), can_steal_fallback(),
 * move_freepages_block(), boost_watermark(); up to 6.14 __rmqueue_fallback()
 * and steal_suitable_fallback(); from 6.15 (and Debian's 6.12.117)
 * __rmqueue_claim(), try_to_claim_block() and __rmqueue_steal().
 *
 * The aim is to spoil as few pageblocks as possible. So the search goes from
 * the largest order down: a large block of the other type is taken with all
 * that is free around it, and its pageblock changes hands if half of it is
 * free or already alike. Movable requests are no danger to others, and take
 * the smallest block that fits instead.
 *
 *     pageblock, movable:   | used | free | used |   free   | used |
 *     request, unmovable:     all free blocks go to the unmovable lists,
 *                             then the pageblock's type, if free + alike >= 1/2
 *
 * "Alike" is known in the kernel from PageLRU; here from the type that a
 * block's request had. Blocks in use from the start count as what their
 * pageblock is.
 *
 * The old way (steal) moves the free blocks even if the pageblock keeps its
 * type; the new way (claim) moves nothing then, and tries the next order; if
 * no order gives a pageblock, one block is taken from the other type's list,
 * the smallest, and what is left of it stays there.
 */
#include "replay/page_buddy.h"
#include "replay/page_fallback.h"
#include "replay/page_kswapd.h"
#include "replay/page_watermark.h"

/* fallbacks[][]: which types' lists are tried, in order. */
static const uint8_t fallbacks[PAGE_PCPTYPES][PAGE_PCPTYPES - 1] = {
    [PAGE_UNMOVABLE] = {PAGE_RECLAIMABLE, PAGE_MOVABLE},
    [PAGE_MOVABLE] = {PAGE_RECLAIMABLE, PAGE_UNMOVABLE},
    [PAGE_RECLAIMABLE] = {PAGE_UNMOVABLE, PAGE_MOVABLE},
};

/* The first fallback type with a free block of that order, or -1. */
static int fallback_type(const struct page_zone *zone, uint32_t order,
			 uint32_t type)
{
	for (uint32_t i = 0; i < PAGE_PCPTYPES - 1; i++) {
		uint32_t other = fallbacks[type][i];

		if (zone->filled[other] >> order & 1u)
			return (int)other;
	}
	return -1;
}

/* can_steal_fallback() */
static bool may_claim(const struct page_alloc *pa, uint32_t order,
		      uint32_t type)
{
	return order >= pa->pageblock_order ||
	       order >= pa->pageblock_order / 2 || type != PAGE_MOVABLE ||
	       !pa->group_by_mobility;
}

/* boost_watermark(): fragmentation makes the zone keep more free. */
static void boost(struct page_alloc *pa, struct page_zone *zone,
		  uint32_t alloc_flags)
{
	uint64_t block = UINT64_C(1) << pa->pageblock_order;
	uint64_t factor = pa->watermark_boost_factor, most;

	if (!factor || block * 4 > zone->managed)
		return;
	most = zone->wmark[ALLOC_WMARK_HIGH] / 10000 * factor +
	       zone->wmark[ALLOC_WMARK_HIGH] % 10000 * factor / 10000;
	if (!most)
		return;
	if (most < block)
		most = block;
	zone->boost = zone->boost + block < most ? zone->boost + block : most;
	pa->counters.boosts++;
	if (!(alloc_flags & ALLOC_NO_KSWAPD))
		kswapd_wake(pa, zone->node, 0, zone->kind);
}

/* What a pageblock holds, in frames. */
struct block_use {
	uint64_t free, movable;
};

/* Frames from start up to end, which is not included. */
struct block_range {
	uint64_t start, end;
};

/*
 * The frames of pfn's pageblock that can be moved. False if it leaves the zone
 * at its end; at its start, the old rules begin at pfn and the new ones refuse.
 */
static bool block_range(const struct page_alloc *pa,
			const struct page_zone *zone, uint64_t pfn,
			struct block_range *range)
{
	uint64_t size = UINT64_C(1) << pa->pageblock_order;

	range->start = pfn & ~(size - 1);
	range->end = range->start + size;
	if (!zone_spans(zone, range->end - 1))
		return false;
	if (zone_spans(zone, range->start))
		return true;
	range->start = pfn;
	return !pa->rules->claim_or_steal;
}

static struct block_use block_use(const struct page_alloc *pa,
				  const struct page_zone *zone,
				  struct block_range range)
{
	uint32_t block_type = *zone_block_type(pa, zone, range.start);
	struct block_use use = {0, 0};

	for (uint64_t at = range.start; at < range.end;) {
		frame_state state = pa->frames.states[zone_index(zone, at)];
		uint64_t frames = UINT64_C(1) << frame_order(state);
		uint32_t type = frame_type(state);

		if (type == FRAME_TYPE_UNKNOWN)
			type = block_type;
		if (frame_kind(state) == FRAME_FREE)
			use.free += frames;
		else if (frame_kind(state) == FRAME_USED &&
			 type == PAGE_MOVABLE)
			use.movable += frames;
		at += frames;
	}
	return use;
}

static uint64_t block_move(struct page_alloc *pa, struct page_zone *zone,
			   struct block_range range, uint32_t type)
{
	uint64_t moved = 0;

	for (uint64_t at = range.start; at < range.end;) {
		frame_state state = pa->frames.states[zone_index(zone, at)];
		uint64_t frames = UINT64_C(1) << frame_order(state);

		if (frame_kind(state) == FRAME_FREE) {
			buddy_move(pa, zone, at, type);
			moved += frames;
		}
		at += frames;
	}
	return moved;
}

uint64_t fallback_move_block(struct page_alloc *pa, struct page_zone *zone,
			     uint64_t pfn, uint32_t type)
{
	struct block_range range;

	return block_range(pa, zone, pfn, &range)
		   ? block_move(pa, zone, range, type)
		   : 0;
}

bool fallback_block_inside(const struct page_alloc *pa,
			   const struct page_zone *zone, uint64_t pfn)
{
	struct block_range range;

	return block_range(pa, zone, pfn, &range);
}

bool fallback_claimable(const struct page_alloc *pa,
			const struct page_zone *zone, uint32_t order,
			uint32_t type)
{
	return fallback_type(zone, order, type) >= 0 &&
	       may_claim(pa, order, type);
}

/*
 * Enough of the pageblock is free or of the requested kind to call it ours.
 * Movable requests find alike what is movable; others, coming to a movable
 * pageblock, all that is not. Between the other two nothing can be told.
 */
static bool block_is_ours(const struct page_alloc *pa, struct block_use use,
			  uint32_t block_type, uint32_t type)
{
	uint64_t size = UINT64_C(1) << pa->pageblock_order;
	uint64_t alike = 0;

	if (type == PAGE_MOVABLE)
		alike = use.movable;
	else if (block_type == PAGE_MOVABLE)
		alike = size - (use.free + use.movable);
	return use.free + alike >= size / 2 || !pa->group_by_mobility;
}

/*
 * steal_suitable_fallback(): afterwards the block at pfn is on the list of
 * type, perhaps with its neighbours.
 */
static void steal_old(struct page_alloc *pa, struct page_zone *zone,
		      uint64_t pfn, uint32_t current, uint32_t type,
		      uint32_t alloc_flags, bool whole_block)
{
	uint32_t block_type = *zone_block_type(pa, zone, pfn);
	struct block_range range;
	bool ours;

	if (block_type == PAGE_HIGHATOMIC) {
		buddy_move(pa, zone, pfn, type);
		return;
	}
	if (current >= pa->pageblock_order) {
		buddy_retype(pa, zone, pfn, current, type);
		pa->counters.claims++;
		buddy_move(pa, zone, pfn, type);
		return;
	}
	boost(pa, zone, alloc_flags);
	if (!whole_block || !block_range(pa, zone, pfn, &range)) {
		buddy_move(pa, zone, pfn, type);
		return;
	}
	ours = block_is_ours(pa, block_use(pa, zone, range), block_type, type);
	pa->counters.moved_pages += block_move(pa, zone, range, type);
	if (ours) {
		buddy_retype(pa, zone, pfn, 0, type);
		pa->counters.claims++;
	}
}

int page_fell_back(struct page_alloc *pa, uint64_t pfn, uint32_t order,
		   int migratetype, bool claimed)
{
	struct page_zone *zone = zone_at_block(pa, pfn, order);
	uint32_t type = (uint32_t)migratetype;
	struct block_range range;
	bool whole;

	if (!zone || migratetype < 0 || migratetype >= PAGE_PCPTYPES)
		return ERR_USAGE;
	whole =
	    order < pa->pageblock_order &&
	    *zone_block_type(pa, zone, pfn) != PAGE_HIGHATOMIC &&
	    block_range(pa, zone, pfn, &range) &&
	    (pa->rules->claim_or_steal ? claimed : may_claim(pa, order, type));
	if (whole)
		block_move(pa, zone, range, type);
	else if (!pa->rules->claim_or_steal &&
		 buddy_is_free(pa, zone, pfn, order))
		buddy_move(pa, zone, pfn, type);
	if (claimed)
		buddy_set_type(pa, zone, pfn, order, type);
	return 0;
}

/* The smallest order from order up that another type can serve. */
static int smallest_fallback(const struct page_alloc *pa,
			     const struct page_zone *zone, uint32_t order,
			     uint32_t type, uint32_t *current)
{
	for (uint32_t at = order; at <= pa->max_order; at++) {
		int other = fallback_type(zone, at, type);

		if (other >= 0) {
			*current = at;
			return other;
		}
	}
	return -1;
}

/* __rmqueue_fallback() up to 6.14: fills the own lists; false if it cannot. */
static bool fallback_old(struct page_alloc *pa, struct page_zone *zone,
			 uint32_t order, uint32_t type, uint32_t alloc_flags)
{
	uint32_t least = order, current;
	bool whole_block = false;
	int other = -1;

	if (alloc_flags & ALLOC_NOFRAGMENT && order < pa->pageblock_order)
		least = pa->pageblock_order;
	for (current = pa->max_order + 1; current-- > least;) {
		other = fallback_type(zone, current, type);
		if (other < 0)
			continue;
		whole_block = may_claim(pa, current, type);
		if (!whole_block && type == PAGE_MOVABLE && current > order) {
			other =
			    smallest_fallback(pa, zone, order, type, &current);
			whole_block =
			    other >= 0 && may_claim(pa, current, type);
		}
		break;
	}
	if (other < 0)
		return false;
	pa->counters.fallbacks++;
	steal_old(pa, zone,
		  zone_pfn(zone, zone->free_area[current][other].first),
		  current, type, alloc_flags, whole_block);
	return true;
}

/* try_to_claim_block(): false, and nothing moved, if it is not for us. */
static bool claim_block(struct page_alloc *pa, struct page_zone *zone,
			uint32_t current, uint32_t order, uint32_t type,
			uint32_t alloc_flags, uint64_t *pfn)
{
	uint32_t block_type = *zone_block_type(pa, zone, *pfn);
	struct block_range range;

	if (block_type == PAGE_HIGHATOMIC)
		return false;
	if (current >= pa->pageblock_order) {
		buddy_remove(pa, zone, *pfn, current,
			     buddy_type(pa, zone, *pfn));
		buddy_retype(pa, zone, *pfn, current, type);
		buddy_expand(pa, zone, *pfn, order, current, type);
		pa->counters.claims++;
		return true;
	}
	boost(pa, zone, alloc_flags);
	if (!block_range(pa, zone, *pfn, &range) ||
	    !block_is_ours(pa, block_use(pa, zone, range), block_type, type))
		return false;
	pa->counters.moved_pages += block_move(pa, zone, range, type);
	buddy_retype(pa, zone, *pfn, 0, type);
	pa->counters.claims++;
	return buddy_take_smallest(pa, zone, order, type, pfn);
}

/* __rmqueue_claim() */
static bool fallback_claim(struct page_alloc *pa, struct page_zone *zone,
			   uint32_t order, uint32_t type, uint32_t alloc_flags,
			   uint64_t *pfn)
{
	uint32_t least = order;

	if (alloc_flags & ALLOC_NOFRAGMENT && order < pa->pageblock_order)
		least = pa->pageblock_order;
	for (uint32_t current = pa->max_order + 1; current-- > least;) {
		int other = fallback_type(zone, current, type);

		if (other < 0)
			continue;
		if (!may_claim(pa, current, type))
			break;
		*pfn = zone_pfn(zone, zone->free_area[current][other].first);
		if (claim_block(pa, zone, current, order, type, alloc_flags,
				pfn)) {
			pa->counters.fallbacks++;
			return true;
		}
	}
	return false;
}

/* __rmqueue_steal() */
static bool fallback_steal(struct page_alloc *pa, struct page_zone *zone,
			   uint32_t order, uint32_t type, uint64_t *pfn)
{
	uint32_t current = order;
	int other = smallest_fallback(pa, zone, order, type, &current);

	if (other < 0)
		return false;
	*pfn = zone_pfn(zone, zone->free_area[current][other].first);
	buddy_remove(pa, zone, *pfn, current, (uint32_t)other);
	buddy_expand(pa, zone, *pfn, order, current, (uint32_t)other);
	pa->counters.fallbacks++;
	return true;
}

/* The oldest rules' order: own lists, those of CMA, other types'. */
static bool take_old(struct page_alloc *pa, struct page_zone *zone,
		     uint32_t order, uint32_t type, uint32_t alloc_flags,
		     uint64_t *pfn)
{
	if (buddy_take_smallest(pa, zone, order, type, pfn))
		return true;
	if (alloc_flags & ALLOC_CMA &&
	    buddy_take_smallest(pa, zone, order, PAGE_CMA, pfn))
		return true;
	return fallback_old(pa, zone, order, type, alloc_flags) &&
	       buddy_take_smallest(pa, zone, order, type, pfn);
}

/* True if more than half of what is free is CMA's: then that comes first. */
static bool cma_prevails(const struct page_zone *zone, uint32_t alloc_flags)
{
	return alloc_flags & ALLOC_CMA && zone->filled[PAGE_CMA] &&
	       watermark_free_of_type(zone, PAGE_CMA) > zone->free_pages / 2;
}

bool fallback_take(struct page_alloc *pa, struct page_zone *zone,
		   uint32_t order, uint32_t type, uint32_t alloc_flags,
		   enum rmqueue_mode *mode, uint64_t *pfn)
{
	if (cma_prevails(zone, alloc_flags) &&
	    buddy_take_smallest(pa, zone, order, PAGE_CMA, pfn))
		return true;
	if (!pa->rules->claim_or_steal)
		return take_old(pa, zone, order, type, alloc_flags, pfn);
	if (*mode == RMQUEUE_NORMAL &&
	    buddy_take_smallest(pa, zone, order, type, pfn))
		return true;
	if (*mode <= RMQUEUE_CMA && alloc_flags & ALLOC_CMA &&
	    buddy_take_smallest(pa, zone, order, PAGE_CMA, pfn)) {
		*mode = RMQUEUE_CMA;
		return true;
	}
	if (*mode <= RMQUEUE_CLAIM &&
	    fallback_claim(pa, zone, order, type, alloc_flags, pfn)) {
		*mode = RMQUEUE_NORMAL;
		return true;
	}
	if (!(alloc_flags & ALLOC_NOFRAGMENT) &&
	    fallback_steal(pa, zone, order, type, pfn)) {
		*mode = RMQUEUE_STEAL;
		return true;
	}
	return false;
}
