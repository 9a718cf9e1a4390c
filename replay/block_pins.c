/*
 * Compaction within a zone: its movable pages fill what is free in blocks that
 * cannot become free, then as few others as they can.
 *
 *     blocks    P P P P P | M M M M M M     P: holds a pinned page
 *     after     P P P P P | M M . . . .     (a block cut by a zone's end counts
 *                                            as P)
 */
#include "replay/block_pins.h"

static uint64_t block_pages(const struct block_pins *pins)
{
	return UINT64_C(1) << pins->order;
}

static uint64_t round_down(const struct block_pins *pins, uint64_t pfn)
{
	return pfn & ~(block_pages(pins) - 1);
}

static uint32_t *block_of(const struct block_pins *pins, uint64_t pfn)
{
	return &pins->pinned[(pfn - pins->first_pfn) >> pins->order];
}

static bool inside(const struct block_pins *pins, uint64_t pfn)
{
	return pfn >= pins->first_pfn && pfn < pins->end_pfn;
}

/* The range of all zones. */
static void range_find(struct block_pins *pins)
{
	struct page_zone_info zone;

	pins->first_pfn = UINT64_MAX;
	for (uint32_t i = 0; i < page_zone_count(pins->pa); i++) {
		if (page_zone_info(pins->pa, i, &zone) || !zone.spanned)
			continue;
		if (zone.start_pfn < pins->first_pfn)
			pins->first_pfn = zone.start_pfn;
		if (zone.start_pfn + zone.spanned > pins->end_pfn)
			pins->end_pfn = zone.start_pfn + zone.spanned;
	}
	pins->first_pfn = round_down(pins, pins->first_pfn);
}

static void pin_start(struct block_pins *pins)
{
	struct page_zone_info zone;

	for (uint32_t i = 0; i < page_zone_count(pins->pa); i++) {
		if (page_zone_info(pins->pa, i, &zone))
			continue;
		for (uint64_t pfn = zone.start_pfn;
		     pfn < zone.start_pfn + zone.spanned; pfn++)
			*block_of(pins, pfn) +=
			    page_lookup(pins->pa, pfn, NULL, NULL) ==
				PAGE_USE_IN_USE &&
			    !snapshot_is_movable(pins->before, pfn);
	}
}

int block_pins_init(struct block_pins *pins, const struct page_alloc *pa,
		    uint32_t order, const struct snapshot *before,
		    uint32_t movable_gfp, const struct memory *memory)
{
	*pins = (struct block_pins){.memory = *memory,
				    .pa = pa,
				    .order = order,
				    .before = before,
				    .movable = movable_gfp};
	range_find(pins);
	pins->pinned = memory_new(
	    memory,
	    (size_t)((pins->end_pfn - pins->first_pfn) / block_pages(pins)) + 1,
	    sizeof(*pins->pinned));
	if (!pins->pinned)
		return ERR_NOMEM;
	pin_start(pins);
	return 0;
}

void block_pins_fini(struct block_pins *pins)
{
	memory_free(&pins->memory, pins->pinned);
	memory_free(&pins->memory, pins->by_slot);
	pins->pinned = NULL;
	pins->by_slot = NULL;
}

static int taken(struct block_pins *pins, const struct kmem_event *ev)
{
	bool pinned = !(ev->gfp_flags & pins->movable) ||
		      ev->flags & (EVF_BACKS_SLAB | EVF_BACKS_LARGE);
	uint8_t *grown =
	    memory_grow(&pins->memory, pins->by_slot, sizeof(*grown),
			(size_t)ev->slot + 1, &pins->slot_cap);

	if (!grown)
		return ERR_NOMEM;
	pins->by_slot = grown;
	grown[ev->slot] = pinned;
	for (uint64_t i = 0; pinned && i < UINT64_C(1) << ev->order; i++)
		if (inside(pins, ev->addr + i))
			++*block_of(pins, ev->addr + i);
	return 0;
}

/* A page that is given back, and was pinned if that is so. */
static void unpin(struct block_pins *pins, uint64_t pfn)
{
	uint32_t *block;

	if (!inside(pins, pfn))
		return;
	block = block_of(pins, pfn);
	*block -= *block > 0;
}

static void given_back(struct block_pins *pins, const struct kmem_event *ev)
{
	bool known = ev->object && ev->slot < pins->slot_cap;

	for (uint64_t i = 0; i < UINT64_C(1) << ev->order; i++) {
		uint64_t pfn = ev->addr + i;

		if (known ? pins->by_slot[ev->slot] != 0
			  : !snapshot_is_movable(pins->before, pfn))
			unpin(pins, pfn);
	}
}

int block_pins_event(struct block_pins *pins, const struct kmem_event *ev)
{
	if (ev->order >= SNAPSHOT_ORDERS_MAX)
		return 0;
	/* What was hidden when it came was not pinned. */
	if (ev->kind == EV_PAGE_FREE && !(ev->flags & EVF_HIDDEN_OBJECT))
		given_back(pins, ev);
	else if (ev->kind == EV_PAGE_ALLOC && event_creates(ev) && ev->object)
		return taken(pins, ev);
	return 0;
}

static void zone_room(const struct block_pins *pins,
		      const struct page_zone_info *zone,
		      struct block_room *room)
{
	uint64_t size = block_pages(pins),
		 end = zone->start_pfn + zone->spanned;
	uint64_t whole = 0, pinned = 0, used, left;

	for (uint64_t pfn = round_down(pins, zone->start_pfn); pfn < end;
	     pfn += size) {
		uint32_t here = *block_of(pins, pfn);

		whole += !here && pfn >= zone->start_pfn && pfn + size <= end;
		pinned += here;
	}
	for (uint32_t o = pins->order; o < zone->order_count; o++)
		room->free += zone->free_blocks_any[o] << (o - pins->order);
	room->packed += zone->free_pages >> pins->order;
	/* Places beside the pinned pages, and pages that want one. */
	left = zone->spanned - whole * size;
	left -= pinned < left ? pinned : left;
	used = zone->spanned - zone->free_pages;
	used -= pinned < used ? pinned : used;
	used = used > left ? (used - left + size - 1) / size : 0;
	room->compacted += used < whole ? whole - used : 0;
}

void block_pins_room(const struct block_pins *pins, struct block_room *room)
{
	struct page_zone_info zone;

	*room = (struct block_room){0};
	for (uint32_t i = 0; i < page_zone_count(pins->pa); i++)
		if (!page_zone_info(pins->pa, i, &zone) && zone.spanned)
			zone_room(pins, &zone, room);
}
