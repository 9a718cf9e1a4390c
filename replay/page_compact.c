/*
 * Compaction: a zone's movable blocks go to its end, until at its start
 * something of the wanted order has grown together.
 *
 * Source: mm/compaction.c: try_to_compact_pages(), compact_zone(),
 * compaction_suitable(), __compact_finished(), isolate_migratepages_block(),
 * isolate_freepages(), defer_compaction().
 *
 *     zone   |M.M.|.UM.|....|...M|M...|    M movable, U not, . free
 *             ---> sources   targets <---   pageblock by pageblock
 *     then   |....|.U..|....|M..M|M.MM|    where the two meet, it ends
 *
 * Sources are movable blocks that are smaller than what is wanted. Targets are
 * free blocks large enough; the smallest piece that fits is cut off. Where
 * both scanners are is kept for the next time. Not taken over: the kernel's
 * shortcuts (fast_find_migrateblock(), skip bits), which save time.
 *
 * Bound: one pass over the zone's frames; a failure defers the next ones.
 */
#include "replay/frag_index.h"
#include "replay/page_buddy.h"
#include "replay/page_compact.h"
#include "replay/page_fallback.h"
#include "replay/page_used.h"

/* COMPACT_MAX_DEFER_SHIFT, and vm.extfrag_threshold's default. */
enum { DEFER_SHIFT_MAX = 6, EXTFRAG_THRESHOLD = 500 };

/* The two scanners of one run. */
struct scan {
	struct page_alloc *pa;
	struct page_zone *zone;
	const struct page_request *req;
	enum page_compact_effort effort;
	uint32_t type;	   /* of the request */
	uint64_t source;   /* start of the pageblock that is emptied */
	uint64_t target;   /* start of the one that is filled */
	uint64_t fill_pfn; /* where in it to look on */
};

bool compact_is_deferred(struct page_zone *zone, uint32_t order)
{
	struct page_compaction *compaction = &zone->compaction;
	uint32_t limit = 1u << compaction->defer_shift;

	if (order < compaction->order_failed)
		return false;
	if (++compaction->considered >= limit) {
		compaction->considered = limit;
		return false;
	}
	return true;
}

void compact_defer(struct page_zone *zone, uint32_t order)
{
	struct page_compaction *compaction = &zone->compaction;

	compaction->considered = 0;
	if (compaction->defer_shift < DEFER_SHIFT_MAX)
		compaction->defer_shift++;
	if (order < compaction->order_failed)
		compaction->order_failed = order;
}

void compact_helped(struct page_zone *zone, uint32_t order, bool served)
{
	struct page_compaction *compaction = &zone->compaction;

	if (served) {
		compaction->considered = 0;
		compaction->defer_shift = 0;
	}
	if (order >= compaction->order_failed)
		compaction->order_failed = order + 1;
}

/* What fails for want of memory is not helped by order. */
static bool is_fragmented(const struct page_alloc *pa,
			  const struct page_zone *zone, uint32_t order)
{
	uint64_t blocks[PAGE_ORDERS] = {0};
	int index;

	for (uint32_t o = 0; o <= pa->max_order; o++) {
		for (int type = 0; type < PAGE_MIGRATETYPES; type++)
			blocks[o] += zone->free_area[o][type].count;
	}
	index = frag_fragmentation_index(blocks, pa->max_order + 1, order);
	return index < 0 || index > EXTFRAG_THRESHOLD;
}

enum page_compact_result compact_suits(const struct page_alloc *pa,
				       const struct page_zone *zone,
				       const struct page_request *req,
				       uint64_t free_pages)
{
	bool costly = req->order > PCP_COSTLY_ORDER;
	uint64_t room = UINT64_C(2) << req->order;
	enum alloc_mark mark = costly ? ALLOC_WMARK_LOW : ALLOC_WMARK_MIN;

	if (watermark_ok_with(pa, zone, req->order,
			      watermark_pages(zone, ALLOC_WMARK_MIN), req->zone,
			      walk_slow_flags(pa, req), free_pages))
		return PAGE_COMPACT_SUCCESS;
	if (!watermark_ok_with(pa, zone, 0, watermark_pages(zone, mark) + room,
			       req->zone, ALLOC_CMA, free_pages))
		return PAGE_COMPACT_SKIPPED;
	return PAGE_COMPACT_PARTIAL;
}

/* __compact_finished(): a block is free that the request would get. */
static bool finished(const struct scan *scan)
{
	const struct page_zone *zone = scan->zone;

	if (zone->filled[scan->type] >> scan->req->order)
		return true;
	if (scan->type == PAGE_MOVABLE &&
	    zone->filled[PAGE_CMA] >> scan->req->order)
		return true;
	for (uint32_t o = scan->req->order; o <= scan->pa->max_order; o++) {
		if (fallback_claimable(scan->pa, zone, o, scan->type))
			return true;
	}
	return false;
}

static bool is_movable_type(uint32_t type)
{
	return type == PAGE_MOVABLE || type == PAGE_CMA;
}

/* suitable_migration_source() */
static bool source_suits(const struct scan *scan, uint64_t pfn)
{
	uint32_t type = *zone_block_type(scan->pa, scan->zone, pfn);

	if (scan->effort != PAGE_COMPACT_ASYNC)
		return true;
	if (scan->type == PAGE_MOVABLE)
		return is_movable_type(type);
	return type == scan->type;
}

/* suitable_migration_target(): not what is free as a whole, or wanted, already. */
static bool target_suits(const struct scan *scan, uint64_t pfn)
{
	uint32_t most = scan->pa->rules->compact_spares_wanted
			    ? scan->req->order
			    : scan->pa->pageblock_order;
	frame_state state = scan->pa->frames.states[zone_index(
	    scan->zone, buddy_head(scan->pa, scan->zone, pfn))];

	if (frame_kind(state) == FRAME_FREE && frame_order(state) >= most)
		return false;
	return scan->effort == PAGE_COMPACT_FULL ||
	       is_movable_type(*zone_block_type(scan->pa, scan->zone, pfn));
}

/* The pageblock's first and last + 1 frame inside of the zone. */
static uint64_t block_begin(const struct scan *scan, uint64_t pfn)
{
	return pfn > scan->zone->start_pfn ? pfn : scan->zone->start_pfn;
}

static uint64_t block_end(const struct scan *scan, uint64_t pfn)
{
	uint64_t end = pfn + (UINT64_C(1) << scan->pa->pageblock_order);

	return end < scan->zone->end_pfn ? end : scan->zone->end_pfn;
}

/* The next free block from fill_pfn on in the target that holds the order. */
static bool target_search(struct scan *scan, uint32_t order, uint64_t *pfn)
{
	uint64_t end = block_end(scan, scan->target);

	while (scan->fill_pfn < end) {
		frame_state state =
		    scan->pa->frames
			.states[zone_index(scan->zone, scan->fill_pfn)];
		uint32_t found = frame_order(state);

		if (frame_kind(state) == FRAME_FREE && found >= order) {
			*pfn = scan->fill_pfn;
			return true;
		}
		scan->fill_pfn += UINT64_C(1) << found;
	}
	return false;
}

/* isolate_freepages(): false when the scanners met. */
static bool target_find(struct scan *scan, uint32_t order, uint64_t *pfn)
{
	uint64_t size = UINT64_C(1) << scan->pa->pageblock_order;

	while (!target_search(scan, order, pfn)) {
		do {
			if (scan->target <= scan->source + size)
				return false;
			scan->target -= size;
			scan->fill_pfn = block_begin(scan, scan->target);
		} while (!target_suits(scan, scan->fill_pfn));
	}
	return true;
}

/* isolate_migratepages_block()'s question to one block. */
static bool is_source(const struct scan *scan, frame_state state)
{
	uint32_t order = frame_order(state);

	return frame_kind(state) == FRAME_USED &&
	       frame_marks(state) & PAGE_MARK_MOVABLE &&
	       (scan->pa->rules->compacts_blocks ? order < scan->req->order
						 : !order);
}

/* migrate_pages(), for one block. False: there is no place for it. */
static bool block_migrate(struct scan *scan, uint64_t from)
{
	struct page_alloc *pa = scan->pa;
	struct page_zone *zone = scan->zone;
	frame_state state = pa->frames.states[zone_index(zone, from)];
	uint32_t order = frame_order(state), marks = frame_marks(state);
	uint64_t to, taken;

	if (!target_find(scan, order, &to) ||
	    page_take(pa, to, order, PAGE_TYPE_OF_BLOCK, &taken))
		return false;
	buddy_mark(pa, zone, to, FRAME_USED, order, frame_type(state));
	used_mark(pa, zone, to, marks);
	used_mark(pa, zone, from, 0);
	buddy_free_typed(pa, zone, from, order, false);
	pa->counters.compact_moved += UINT64_C(1) << order;
	if (pa->owner && pa->owner->moved)
		pa->owner->moved(pa->owner->context, from, to, order);
	return true;
}

/* Empties one pageblock. False: targets ran out. */
static bool source_empty(struct scan *scan)
{
	uint64_t end = block_end(scan, scan->source);
	uint64_t pfn = block_begin(scan, scan->source);

	if (!source_suits(scan, pfn))
		return true;
	/* What merges across the end of a pageblock may begin before this. */
	pfn = buddy_head(scan->pa, scan->zone, pfn);
	while (pfn < end) {
		frame_state state =
		    scan->pa->frames.states[zone_index(scan->zone, pfn)];
		uint64_t next = pfn + (UINT64_C(1) << frame_order(state));

		if (is_source(scan, state) && !block_migrate(scan, pfn))
			return false;
		/* The block may have merged with those before it. */
		pfn = next;
	}
	return true;
}

static struct scan scan_start(struct page_alloc *pa, struct page_zone *zone,
			      const struct page_request *req,
			      enum page_compact_effort effort)
{
	uint64_t size = UINT64_C(1) << pa->pageblock_order;
	struct scan scan = {.pa = pa,
			    .zone = zone,
			    .req = req,
			    .effort = effort,
			    .type = pa->group_by_mobility ? req->migratetype
							  : PAGE_UNMOVABLE,
			    .source = zone->compaction.source,
			    .target = zone->compaction.target};

	if (effort == PAGE_COMPACT_FULL || !scan.target) {
		scan.source = zone->start_pfn & ~(size - 1);
		/* One beyond the last, whose search ends at once. */
		scan.target = ((zone->end_pfn - 1) & ~(size - 1)) + size;
	}
	scan.fill_pfn = block_begin(&scan, scan.target);
	return scan;
}

enum page_compact_result page_compact_zone(struct page_alloc *pa,
					   uint32_t zone_id,
					   const struct page_request *req,
					   enum page_compact_effort effort)
{
	enum page_compact_result result;
	struct page_zone *zone;
	struct scan scan;
	bool whole;

	if (zone_id >= pa->zone_count ||
	    pa->zones[zone_id].end_pfn == pa->zones[zone_id].start_pfn ||
	    req->order > pa->max_order || req->zone >= PAGE_ZONE_KINDS ||
	    req->migratetype >= PAGE_PCPTYPES)
		return PAGE_COMPACT_SKIPPED;
	zone = &pa->zones[zone_id];
	result = compact_suits(pa, zone, req, zone->free_pages);
	if (result != PAGE_COMPACT_PARTIAL)
		return result;
	if (req->order > PCP_COSTLY_ORDER &&
	    !is_fragmented(pa, zone, req->order))
		return PAGE_COMPACT_SKIPPED;
	scan = scan_start(pa, zone, req, effort);
	whole = scan.source <= zone->start_pfn;
	while (scan.source < scan.target && source_empty(&scan)) {
		scan.source += UINT64_C(1) << pa->pageblock_order;
		if (finished(&scan)) {
			zone->compaction.source = scan.source;
			zone->compaction.target = scan.target;
			return PAGE_COMPACT_SUCCESS;
		}
	}
	/* The next run starts anew. */
	zone->compaction.source = zone->compaction.target = 0;
	if (finished(&scan))
		return PAGE_COMPACT_SUCCESS;
	return whole ? PAGE_COMPACT_COMPLETE : PAGE_COMPACT_PARTIAL;
}
