/*
 * Where the caller says which frames: a warm start, and replays that follow
 * the addresses of a trace.
 *
 * Taking frames 4 and 5 out of a free block of order 3:
 *
 *     free  |               0               |
 *     then  |       0       |  4,5  |   6   |    0 and 6 go back to the heads
 *              free           taken   free       of their lists
 *
 * A range may cross any number of blocks; what is not free in it stays.
 */
#include "replay/page_buddy.h"
#include "replay/page_fallback.h"
#include "replay/page_pcp.h"
#include "replay/page_used.h"
#include "replay/page_watermark.h"

/* The type that a caller's number means at pfn, or -1: there is none. */
static int type_at(const struct page_alloc *pa, const struct page_zone *zone,
		   uint64_t pfn, int migratetype)
{
	if (migratetype == PAGE_TYPE_OF_BLOCK)
		return *zone_block_type(pa, zone, pfn);
	if (migratetype < 0 || migratetype >= PAGE_MIGRATETYPES)
		return -1;
	return migratetype;
}

int page_block_set_type(struct page_alloc *pa, uint64_t pfn, int migratetype,
			bool move_free)
{
	struct page_zone *zone = zone_at(pa, pfn);

	if (!zone || migratetype < 0 || migratetype >= PAGE_MIGRATETYPES)
		return ERR_USAGE;
	buddy_set_type(pa, zone, pfn, 0, (uint32_t)migratetype);
	if (move_free)
		fallback_move_block(pa, zone, pfn,
				    *zone_block_type(pa, zone, pfn));
	return 0;
}

int page_block_type(const struct page_alloc *pa, uint64_t pfn)
{
	const struct page_zone *zone = zone_at(pa, pfn);

	return zone ? *zone_block_type(pa, zone, pfn) : ERR_USAGE;
}

int page_alloc_seed_free(struct page_alloc *pa, uint64_t pfn, uint32_t order,
			 int migratetype)
{
	struct page_zone *zone = zone_at_block(pa, pfn, order);
	uint64_t merges = pa->counters.merges;
	int type;

	if (!zone)
		return ERR_USAGE;
	type = type_at(pa, zone, pfn, migratetype);
	if (type < 0 || !used_carve(pa, zone, pfn, order))
		return ERR_USAGE;
	buddy_free(pa, zone, pfn, order, (uint32_t)type, true);
	pa->counters.merges = merges;
	return 0;
}

int page_alloc_seed_pcp(struct page_alloc *pa, uint64_t pfn, uint32_t order,
			int migratetype, uint32_t cpu)
{
	struct page_zone *zone = zone_at_block(pa, pfn, order);
	int type;

	if (!zone || cpu >= pa->cpu_count || !pcp_allows(pa, zone, order))
		return ERR_USAGE;
	type = type_at(pa, zone, pfn, migratetype);
	if (type < 0 || type == PAGE_ISOLATE ||
	    !used_carve(pa, zone, pfn, order))
		return ERR_USAGE;
	pcp_append(pa, zone, cpu, pfn, order, (uint32_t)type);
	return 0;
}

int page_move_free(struct page_alloc *pa, uint64_t pfn, int migratetype)
{
	struct page_zone *zone = zone_at(pa, pfn);
	frame_state state;
	uint64_t head;

	if (!zone || migratetype < 0 || migratetype >= PAGE_MIGRATETYPES)
		return ERR_USAGE;
	head = buddy_head(pa, zone, pfn);
	state = pa->frames.states[zone_index(zone, head)];
	if (frame_kind(state) != FRAME_FREE)
		return ERR_USAGE;
	buddy_remove(pa, zone, head, frame_order(state), frame_type(state));
	buddy_insert(pa, zone, head, frame_order(state), (uint32_t)migratetype,
		     false);
	return 0;
}

/* A stretch of frames of one free block: the part of it inside of a range. */
struct stretch {
	uint64_t start, end;
};

/*
 * Splits the free block at head so that the stretch in it becomes blocks of
 * their own, in use; the rest goes back to the heads of its lists.
 */
static void take_stretch(struct page_alloc *pa, struct page_zone *zone,
			 uint64_t head, struct stretch want, uint32_t owner)
{
	frame_state state = pa->frames.states[zone_index(zone, head)];
	uint32_t order = frame_order(state), type = frame_type(state);
	uint64_t end = head + (UINT64_C(1) << order), at = head;

	buddy_remove(pa, zone, head, order, type);
	/* Largest aligned pieces on either side of what is wanted. */
	while (at < end) {
		uint64_t limit = at < want.start ? want.start : end;
		uint32_t piece = order;

		if (at == want.start) {
			used_fill(pa, zone, want.start, want.end, owner);
			at = want.end;
			continue;
		}
		while (at & ((UINT64_C(1) << piece) - 1) ||
		       limit - at < UINT64_C(1) << piece)
			piece--;
		buddy_insert(pa, zone, at, piece, type, false);
		pa->counters.splits++;
		at += UINT64_C(1) << piece;
	}
}

int page_take(struct page_alloc *pa, uint64_t pfn, uint32_t order,
	      int migratetype, uint64_t *taken)
{
	struct page_zone *zone = zone_at_block(pa, pfn, order);
	uint32_t owner = FRAME_TYPE_UNKNOWN;
	uint64_t end, count = 0;

	if (!zone || migratetype < PAGE_TYPE_OF_BLOCK ||
	    migratetype >= PAGE_PCPTYPES)
		return ERR_USAGE;
	if (migratetype != PAGE_TYPE_OF_BLOCK)
		owner = (uint32_t)migratetype;
	end = pfn + (UINT64_C(1) << order);
	for (uint64_t at = pfn; at < end;) {
		uint64_t head = buddy_head(pa, zone, at);
		frame_state state = pa->frames.states[zone_index(zone, head)];
		uint64_t next = head + (UINT64_C(1) << frame_order(state));
		struct stretch want = {at, next < end ? next : end};

		if (frame_kind(state) == FRAME_FREE) {
			take_stretch(pa, zone, head, want, owner);
			count += want.end - want.start;
		}
		at = want.end;
	}
	*taken = count;
	return 0;
}

/* Where a block was isolated: pageblocks of it that may change their type do. */
static void isolated_retype(struct page_alloc *pa, struct page_zone *zone,
			    uint64_t pfn, uint32_t order)
{
	uint64_t end = pfn + (UINT64_C(1) << order);

	if (order + 1 < pa->pageblock_order)
		return;
	for (; pfn < end; pfn += UINT64_C(1) << pa->pageblock_order) {
		if (*zone_block_type(pa, zone, pfn) >= PAGE_PCPTYPES)
			continue;
		buddy_retype(pa, zone, pfn, 0, PAGE_MOVABLE);
		/* From 6.10 on what else is free in the block follows. */
		if (pa->rules->merge_retypes)
			fallback_move_block(pa, zone, pfn,
					    *zone_block_type(pa, zone, pfn));
	}
}

int page_isolate(struct page_alloc *pa, uint64_t pfn, uint32_t *order)
{
	struct page_zone *zone = zone_at(pa, pfn);
	frame_state state = zone ? pa->frames.states[zone_index(zone, pfn)] : 0;
	uint64_t pages = UINT64_C(1) << frame_order(state);

	if (!zone || frame_kind(state) != FRAME_FREE)
		return ERR_USAGE;
	if (!watermark_ok_with(pa, zone, 0,
			       zone->wmark[ALLOC_WMARK_MIN] + pages,
			       PAGE_ZONE_DMA, ALLOC_CMA, zone->free_pages))
		return ERR_NOMEM;
	*order = frame_order(state);
	buddy_remove(pa, zone, pfn, *order, frame_type(state));
	used_fill(pa, zone, pfn, pfn + pages, PAGE_MOVABLE);
	isolated_retype(pa, zone, pfn, *order);
	return 0;
}

int page_put(struct page_alloc *pa, uint64_t pfn, uint32_t order,
	     int migratetype, uint64_t *put)
{
	struct page_zone *zone = zone_at_block(pa, pfn, order);
	uint64_t end, count = 0;

	if (!zone || type_at(pa, zone, pfn, migratetype) < 0)
		return ERR_USAGE;
	end = pfn + (UINT64_C(1) << order);
	/* In one piece if all of it is in use, as the kernel would. */
	if (used_carve(pa, zone, pfn, order)) {
		buddy_free(pa, zone, pfn, order,
			   (uint32_t)type_at(pa, zone, pfn, migratetype),
			   false);
		*put = end - pfn;
		return 0;
	}
	for (uint64_t at = pfn; at < end;) {
		uint64_t head = buddy_head(pa, zone, at);
		frame_state state = pa->frames.states[zone_index(zone, head)];
		uint64_t size = UINT64_C(1) << frame_order(state);

		if (frame_kind(state) == FRAME_USED) {
			/* Smaller than the range, so it lies inside of it. */
			used_mark(pa, zone, at, 0);
			buddy_free(pa, zone, at, frame_order(state),
				   (uint32_t)type_at(pa, zone, at, migratetype),
				   false);
			count += size;
		}
		at = head + size;
	}
	*put = count;
	return 0;
}
