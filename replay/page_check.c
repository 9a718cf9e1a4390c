/*
 * Everything the allocator believes, counted again from the frame states.
 *
 * Per zone, in one pass over the blocks: they tile the zone, are aligned, and
 * no two free buddies within a pageblock are left unmerged. Then every list: its
 * links agree in both directions, each member is a head of the kind, order and
 * type of the list, and there are as many as the pass has seen. Nothing is
 * written.
 */
#include <string.h>

#include "replay/page_buddy.h"
#include "replay/page_slow.h"

/* What one pass over a zone's blocks finds. */
struct census {
	uint64_t free_blocks[PAGE_ORDERS][PAGE_MIGRATETYPES];
	uint64_t free_pages, pcp_pages, reclaimable_pages;
};

static int bad(struct err *err, const struct page_zone *zone, uint64_t pfn,
	       const char *what)
{
	return err_set(err, ERR_FORMAT, "zone %u, pfn %llu: %s", zone->id,
		       (unsigned long long)pfn, what);
}

/*
 * A free buddy of the same order that should have merged. Not so of whole
 * pageblocks: one that changes its type while it is free moves to another list
 * and is not merged there (move_freepages_block()).
 */
static bool merge_missed(const struct page_alloc *pa,
			 const struct page_zone *zone, uint64_t pfn,
			 uint32_t order)
{
	return order < pa->pageblock_order && order < pa->max_order &&
	       buddy_is_free(pa, zone, pfn ^ UINT64_C(1) << order, order);
}

static int census_take(const struct page_alloc *pa,
		       const struct page_zone *zone, struct census *census,
		       struct err *err)
{
	memset(census, 0, sizeof(*census));
	for (uint64_t pfn = zone->start_pfn; pfn < zone->end_pfn;) {
		uint32_t index = zone_index(zone, pfn);
		frame_state state = pa->frames.states[index];
		uint32_t order = frame_order(state), type = frame_type(state);
		uint64_t frames = UINT64_C(1) << order;

		if (frame_kind(state) == FRAME_TAIL)
			return bad(err, zone, pfn, "belongs to no block");
		if (order > pa->max_order || pfn & (frames - 1) ||
		    zone->end_pfn - pfn < frames)
			return bad(err, zone, pfn, "a misplaced block");
		for (uint64_t i = 1; i < frames; i++) {
			if (pa->frames.states[index + i])
				return bad(err, zone, pfn + i,
					   "a head inside of a block");
		}
		if (frame_kind(state) == FRAME_FREE) {
			if (type >= PAGE_MIGRATETYPES)
				return bad(err, zone, pfn, "an unknown type");
			if (merge_missed(pa, zone, pfn, order))
				return bad(err, zone, pfn,
					   "a free block that should have "
					   "merged");
			census->free_blocks[order][type]++;
			census->free_pages += buddy_counts(order, type);
		} else if (frame_kind(state) == FRAME_PCP) {
			census->pcp_pages += frames;
		} else if (frame_marks(state) & PAGE_MARK_RECLAIMABLE) {
			census->reclaimable_pages += frames;
		}
		if (frame_kind(state) != FRAME_USED && frame_marks(state))
			return bad(err, zone, pfn, "marked, but not in use");
		pfn += frames;
	}
	return 0;
}

/* Every member of a list is what the list says; *frames: how many they hold. */
static int list_check(const struct page_alloc *pa, const struct page_zone *zone,
		      const struct frame_list *list, enum frame_kind kind,
		      uint64_t *frames, struct err *err)
{
	uint32_t prev = FRAME_NIL, at = list->first;

	if (!list->count)
		return 0;
	for (uint32_t i = 0; i < list->count; i++) {
		frame_state state;

		if (at < zone->base ||
		    at - zone->base >= zone->end_pfn - zone->start_pfn)
			return bad(err, zone, 0, "a list leaves its zone");
		state = pa->frames.states[at];
		if (frame_kind(state) != kind)
			return bad(err, zone, zone_pfn(zone, at),
				   "on a list of another kind");
		if (pa->frames.links[at].prev != prev)
			return bad(err, zone, zone_pfn(zone, at),
				   "links that disagree");
		*frames += UINT64_C(1) << frame_order(state);
		prev = at;
		at = pa->frames.links[at].next;
	}
	if (at != FRAME_NIL || prev != list->last)
		return bad(err, zone, zone_pfn(zone, prev),
			   "a list with a wrong end");
	return 0;
}

static int free_areas_check(const struct page_alloc *pa,
			    const struct page_zone *zone,
			    const struct census *census, struct err *err)
{
	for (uint32_t order = 0; order < PAGE_ORDERS; order++) {
		for (uint32_t type = 0; type < PAGE_MIGRATETYPES; type++) {
			const struct frame_list *list =
			    &zone->free_area[order][type];
			uint64_t frames = 0;
			int rc = list_check(pa, zone, list, FRAME_FREE, &frames,
					    err);

			if (rc)
				return rc;
			if (list->count != census->free_blocks[order][type] ||
			    frames != (uint64_t)list->count << order)
				return err_set(
				    err, ERR_FORMAT,
				    "zone %u, order %u, type %u: %u blocks "
				    "listed, %llu counted",
				    zone->id, order, type, list->count,
				    (unsigned long long)
					census->free_blocks[order][type]);
			if ((zone->filled[type] >> order & 1) !=
			    (list->count > 0))
				return err_set(err, ERR_FORMAT,
					       "zone %u, order %u, type %u: "
					       "wrong bit of filled",
					       zone->id, order, type);
		}
	}
	return 0;
}

static int pcps_check(const struct page_alloc *pa, const struct page_zone *zone,
		      const struct census *census, struct err *err)
{
	uint64_t total = 0;

	for (uint32_t cpu = 0; zone->pcps && cpu < pa->cpu_count; cpu++) {
		const struct page_pcp *pcp = &zone->pcps[cpu];
		uint64_t frames = 0;

		for (int i = 0; i < PCP_LISTS_MAX; i++) {
			int rc = list_check(pa, zone, &pcp->lists[i], FRAME_PCP,
					    &frames, err);

			if (rc)
				return rc;
		}
		if (frames != pcp->count)
			return err_set(err, ERR_FORMAT,
				       "zone %u, CPU %u: %u pages noted, %llu "
				       "listed",
				       zone->id, cpu, pcp->count,
				       (unsigned long long)frames);
		total += frames;
	}
	if (total != census->pcp_pages)
		return err_set(err, ERR_FORMAT,
			       "zone %u: %llu per-CPU pages listed, %llu "
			       "counted",
			       zone->id, (unsigned long long)total,
			       (unsigned long long)census->pcp_pages);
	return 0;
}

static int reclaimable_check(const struct page_alloc *pa,
			     const struct page_zone *zone,
			     const struct census *census, struct err *err)
{
	uint64_t frames = 0;
	int rc =
	    list_check(pa, zone, &zone->reclaimable, FRAME_USED, &frames, err);

	if (rc)
		return rc;
	if (frames != zone->reclaimable_pages ||
	    frames != census->reclaimable_pages)
		return err_set(err, ERR_FORMAT,
			       "zone %u: %llu reclaimable pages noted, %llu "
			       "listed, %llu counted",
			       zone->id,
			       (unsigned long long)zone->reclaimable_pages,
			       (unsigned long long)frames,
			       (unsigned long long)census->reclaimable_pages);
	return 0;
}

static int zone_check(const struct page_alloc *pa, const struct page_zone *zone,
		      struct err *err)
{
	struct census census;
	uint32_t highatomic = 0;
	int rc = census_take(pa, zone, &census, err);

	if (rc)
		return rc;
	if (census.free_pages != zone->free_pages)
		return err_set(err, ERR_FORMAT,
			       "zone %u: %llu free pages noted, %llu counted",
			       zone->id, (unsigned long long)zone->free_pages,
			       (unsigned long long)census.free_pages);
	for (uint32_t i = 0; i < zone->block_count; i++) {
		if (zone->block_types[i] >= PAGE_MIGRATETYPES)
			return err_set(err, ERR_FORMAT,
				       "zone %u: pageblock %u has no type",
				       zone->id, i);
		highatomic += zone->block_types[i] == PAGE_HIGHATOMIC;
	}
	if (highatomic != zone->highatomic_blocks)
		return err_set(err, ERR_FORMAT,
			       "zone %u: %u high-atomic pageblocks noted, %u "
			       "counted",
			       zone->id, zone->highatomic_blocks, highatomic);
	rc = free_areas_check(pa, zone, &census, err);
	if (!rc)
		rc = pcps_check(pa, zone, &census, err);
	return rc ? rc : reclaimable_check(pa, zone, &census, err);
}

int page_alloc_check(const struct page_alloc *pa, struct err *err)
{
	uint64_t pcp_pages = 0;

	for (uint32_t i = 0; i < pa->populated; i++) {
		const struct page_zone *zone = &pa->zones[pa->by_pfn[i]];
		int rc = zone_check(pa, zone, err);

		if (rc)
			return rc;
		for (uint32_t cpu = 0; zone->pcps && cpu < pa->cpu_count; cpu++)
			pcp_pages += zone->pcps[cpu].count;
	}
	if (pcp_pages != pa->pcp_pages)
		return err_set(err, ERR_FORMAT,
			       "%llu per-CPU pages noted in all, %llu counted",
			       (unsigned long long)pa->pcp_pages,
			       (unsigned long long)pcp_pages);
	return 0;
}
