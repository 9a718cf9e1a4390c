/*
 * The kernel keeps no record of a block in use but its order, and lets owners
 * free what they allocated in other pieces: split_page(), alloc_pages_exact(),
 * THP splitting, and __free_pages() of a block that someone still holds.
 *
 * So a block here is cut only when a free asks for a part:
 *
 *     in use, order 3    |               0               |
 *     free of 4, order 1 |       0       |   4   |   6   |
 *                         in use          freed   in use
 *
 * Cost: O(orders) for a part, O(blocks) for several.
 */
#include "replay/page_buddy.h"
#include "replay/page_slow.h"
#include "replay/page_used.h"

void used_fill(struct page_alloc *pa, struct page_zone *zone, uint64_t pfn,
	       uint64_t end, uint32_t type)
{
	while (pfn < end) {
		uint32_t order = pa->max_order;

		while (pfn & ((UINT64_C(1) << order) - 1) ||
		       end - pfn < UINT64_C(1) << order)
			order--;
		buddy_mark(pa, zone, pfn, FRAME_USED, order, type);
		pfn += UINT64_C(1) << order;
	}
}

void used_mark(struct page_alloc *pa, struct page_zone *zone, uint64_t pfn,
	       uint32_t marks)
{
	uint32_t index = zone_index(zone, pfn);
	frame_state state = pa->frames.states[index];

	if (frame_marks(state) & PAGE_MARK_RECLAIMABLE) {
		frame_list_remove(&pa->frames, &zone->reclaimable, index);
		zone->reclaimable_pages -= UINT64_C(1) << frame_order(state);
	}
	if (marks & PAGE_MARK_RECLAIMABLE) {
		frame_list_add(&pa->frames, &zone->reclaimable, index, true);
		zone->reclaimable_pages += UINT64_C(1) << frame_order(state);
	}
	pa->frames.states[index] = frame_with_marks(state, marks);
}

/* Cuts the block at head, of the order from, down to the one at pfn. */
static void carve_part(struct page_alloc *pa, struct page_zone *zone,
		       uint64_t head, uint64_t pfn, uint32_t order)
{
	frame_state state = pa->frames.states[zone_index(zone, head)];
	uint32_t from = frame_order(state), type = frame_type(state);
	uint32_t marks = frame_marks(state);

	if (marks)
		used_mark(pa, zone, head, 0);
	while (from > order) {
		uint64_t upper = head + (UINT64_C(1) << --from), rest = upper;

		if (pfn >= upper) {
			rest = head;
			head = upper;
		}
		buddy_mark(pa, zone, rest, FRAME_USED, from, type);
		if (marks)
			used_mark(pa, zone, rest, marks);
	}
	buddy_mark(pa, zone, head, FRAME_USED, order, type);
}

/* True if smaller blocks in use fill the frames exactly. */
static bool all_used(const struct page_alloc *pa, const struct page_zone *zone,
		     uint64_t pfn, uint64_t end)
{
	while (pfn < end) {
		frame_state state = pa->frames.states[zone_index(zone, pfn)];

		if (frame_kind(state) != FRAME_USED)
			return false;
		pfn += UINT64_C(1) << frame_order(state);
	}
	return true;
}

bool used_carve_slow(struct page_alloc *pa, struct page_zone *zone,
		     uint64_t pfn, uint32_t order)
{
	frame_state state = pa->frames.states[zone_index(zone, pfn)];
	uint64_t head = pfn, end = pfn + (UINT64_C(1) << order);
	uint32_t type;

	if (frame_kind(state) == FRAME_TAIL) {
		head = buddy_head(pa, zone, pfn);
		state = pa->frames.states[zone_index(zone, head)];
	}
	if (frame_kind(state) != FRAME_USED)
		return false;
	if (frame_order(state) >= order) {
		carve_part(pa, zone, head, pfn, order);
		return true;
	}
	if (!all_used(pa, zone, pfn, end))
		return false;
	type = frame_type(state);
	for (uint64_t at = pfn; at < end;) {
		uint32_t index = zone_index(zone, at);

		if (frame_marks(pa->frames.states[index]))
			used_mark(pa, zone, at, 0);
		at += UINT64_C(1) << frame_order(pa->frames.states[index]);
		pa->frames.states[index] = 0;
	}
	buddy_mark(pa, zone, pfn, FRAME_USED, order, type);
	return true;
}
