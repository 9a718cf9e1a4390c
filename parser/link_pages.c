/*
 * Page blocks.
 *
 * Each page of a live block refers to the block's slot, so that pages may be
 * freed in other pieces than they were allocated in. A free must lie wholly
 * inside one live block; anything else shows frees or allocations that had no
 * event, which are made up for by synthetic frees of naturally aligned pieces.
 */
#include "parser/link_state.h"

#include <stdbool.h>

bool link_free_in_before(const struct link *link, uint64_t pfn)
{
	return link->before_done && snapshot_is_free(&link->trace->before, pfn);
}

/*
 * Takes pages off a live block; the rest of the event follows from whether any
 * are left. The slot is released with the last page.
 */
static void take_pages(struct link *link, struct kmem_event *ev, uint32_t slot)
{
	struct live_object *live = live_objects_at(&link->live, slot);
	uint32_t pages = 1u << ev->order;

	link_fill_free(ev, live, slot);
	if (ev->order != live->order) {
		ev->flags |= EVF_SPLIT;
		if (!(live->flags & LIVE_IN_PIECES)) {
			live->flags |= LIVE_IN_PIECES;
			link_count(link, ANOMALY_SPLIT_FREE);
		}
	}
	live->pages_live -= pages;
	if (live->pages_live)
		ev->flags |= EVF_BLOCK_LIVES;
	else
		live_objects_release(&link->live, slot);
}

/* The largest naturally aligned piece of [pfn, pfn + count). */
static uint8_t piece_order(uint64_t pfn, uint64_t count)
{
	uint8_t order = 0;

	while (order + 1 < LINK_ORDER_LIMIT && 2ull << order <= count &&
	       !(pfn & ((2ull << order) - 1)))
		order++;
	return order;
}

/* Synthetic frees of pages that refer to the same live block. */
static int free_run(struct link *link, uint64_t pfn, uint64_t count,
		    uint32_t slot, const struct kmem_event *cause)
{
	while (count) {
		struct kmem_event ev = link_synthetic(
		    live_objects_at(&link->live, slot), slot, cause);
		int ret;

		ev.kind = EV_PAGE_FREE;
		ev.addr = pfn;
		ev.order = piece_order(pfn, count);
		take_pages(link, &ev, slot);
		ret = link_insert(link, &ev);
		if (ret)
			return ret;
		pfn += 1ull << ev.order;
		count -= 1ull << ev.order;
	}
	return 0;
}

/* Ends whatever is live in the pages: first the objects, then the blocks. */
static int free_live_pages(struct link *link, const struct kmem_event *cause)
{
	uint64_t end = cause->addr + (1ull << cause->order);
	uint64_t start = cause->addr;

	while (start < end) {
		struct page *page = page_map_find(&link->pages, start);
		uint64_t pfn = start + 1;
		uint32_t slot;
		int ret;

		if (!page || !(page->flags & PAGE_LIVE)) {
			start++;
			continue;
		}
		slot = page->ref;
		page->flags &= (uint8_t)~PAGE_LIVE;
		for (; pfn < end; pfn++) {
			page = page_map_find(&link->pages, pfn);
			if (!page || !(page->flags & PAGE_LIVE) ||
			    page->ref != slot)
				break;
			page->flags &= (uint8_t)~PAGE_LIVE;
		}
		ret = free_run(link, start, pfn - start, slot, cause);
		if (ret)
			return ret;
		start = pfn;
	}
	return 0;
}

/* What is known of a range of pages before an event changes it. */
struct range {
	bool objects;	/* live objects start in it */
	bool live;	/* at least one page is live */
	bool one;	/* all are live and of one block */
	bool touched;	/* a page was allocated or freed in the trace */
	uint32_t slot;	/* of the first live page */
	uint32_t flags; /* EVF_BACKS_ as the objects seen in it tell */
};

static int look_at(struct link *link, const struct kmem_event *ev,
		   struct range *range)
{
	uint64_t pfn = ev->addr, left = 1ull << ev->order;

	*range = (struct range){.one = true};
	while (left) {
		uint64_t run = page_map_run(pfn, left);
		const struct page *page = page_map_get(&link->pages, pfn);

		if (!page)
			return ERR_NOMEM;
		for (uint64_t i = 0; i < run; i++) {
			uint8_t flags = page[i].flags;

			range->objects |= page[i].objects != 0;
			range->touched |= (flags & PAGE_TOUCHED) != 0;
			if (flags & PAGE_OLD_LARGE)
				range->flags |= EVF_BACKS_LARGE;
			else if (flags & PAGE_OLD_SLAB)
				range->flags |= EVF_BACKS_SLAB;
			if (!(flags & PAGE_LIVE)) {
				range->one = false;
				continue;
			}
			if (!range->live)
				range->slot = page[i].ref;
			range->live = true;
			range->one &= page[i].ref == range->slot;
		}
		pfn += run;
		left -= run;
	}
	return 0;
}

static int free_objects_in_range(struct link *link, const struct kmem_event *ev)
{
	for (uint64_t i = 0; i < 1ull << ev->order; i++) {
		struct page *page = page_map_find(&link->pages, ev->addr + i);
		int ret;

		if (!page || !page->objects)
			continue;
		ret = link_free_objects_in(link, ev->addr + i, page, ev);
		if (ret)
			return ret;
	}
	return 0;
}

static void set_range(struct link *link, const struct kmem_event *ev,
		      struct page state)
{
	uint64_t pfn = ev->addr, left = 1ull << ev->order;

	while (left) {
		uint64_t run = page_map_run(pfn, left);
		struct page *page = page_map_find(&link->pages, pfn);

		for (uint64_t i = 0; i < run; i++)
			page[i] = state;
		pfn += run;
		left -= run;
	}
}

int link_page_alloc(struct link *link, struct kmem_event *ev)
{
	struct live_object *live;
	struct range range;
	uint32_t slot;
	int ret = look_at(link, ev, &range);

	if (!ret && range.objects)
		ret = free_objects_in_range(link, ev);
	if (!ret && range.live)
		ret = free_live_pages(link, ev);
	if (!ret)
		ret = live_objects_take(&link->live, &slot);
	if (ret)
		return ret;
	if (link->page_allocs < link->learned.backing_count) {
		uint8_t backing = link->learned.backing[link->page_allocs++];

		if (backing == BACKING_LARGE)
			ev->flags |= EVF_BACKS_LARGE;
		else if (backing != BACKING_NONE)
			ev->flags |= EVF_BACKS_SLAB;
		ev->name = learned_cache(&link->learned, backing);
	}
	ev->object = ++link->next_object;
	ev->slot = slot;
	live = live_objects_at(&link->live, slot);
	*live = (struct live_object){
	    .addr = ev->addr,
	    .object = ev->object,
	    .ts_ns = ev->ts_ns,
	    .name = ev->name,
	    .flags = ev->flags & (EVF_BACKS_SLAB | EVF_BACKS_LARGE),
	    .cpu = ev->cpu,
	    .kind = ev->kind,
	    .order = ev->order,
	    .pages_live = 1u << ev->order,
	};
	set_range(
	    link, ev,
	    (struct page){.ref = slot, .flags = PAGE_LIVE | PAGE_TOUCHED});
	return 0;
}

/*
 * What pages from before the trace held: the snapshot knows, if the pages have
 * not been freed before it was taken; else the objects that were seen in them.
 */
static uint32_t old_backing(const struct link *link,
			    const struct kmem_event *ev,
			    const struct range *range)
{
	const struct snapshot *before = &link->trace->before;

	if (range->touched || !link->before_done ||
	    ev->addr >= before->kpageflags_pages)
		return range->flags;
	if (snapshot_is_slab(before, ev->addr))
		return EVF_BACKS_SLAB;
	return range->flags ? EVF_BACKS_LARGE : 0;
}

/* A free that ends no block of the trace, or not only one. */
static void free_unknown(struct link *link, struct kmem_event *ev,
			 const struct range *range)
{
	bool hidden = range->touched || link_free_in_before(link, ev->addr);
	const uint64_t *name = NULL;

	ev->flags |= hidden ? EVF_HIDDEN_OBJECT : EVF_UNKNOWN_OBJECT;
	link_count(link, hidden ? ANOMALY_HIDDEN_ALLOC : ANOMALY_UNKNOWN_FREE);
	ev->flags |= old_backing(link, ev, range);
	if (range->touched || !(ev->flags & EVF_BACKS_SLAB))
		return;
	for (uint64_t i = 0; !name && i < 1ull << ev->order; i++)
		name = map_find(&link->learned.old_slabs, ev->addr + i);
	ev->name = name ? (uint32_t)*name : 0;
}

int link_page_free(struct link *link, struct kmem_event *ev)
{
	struct range range;
	int ret = look_at(link, ev, &range);

	if (!ret && range.objects)
		ret = free_objects_in_range(link, ev);
	if (!ret && range.live && !range.one)
		ret = free_live_pages(link, ev);
	if (ret)
		return ret;
	if (range.one)
		take_pages(link, ev, range.slot);
	else
		free_unknown(link, ev, &range);
	set_range(link, ev, (struct page){.flags = PAGE_TOUCHED});
	return 0;
}
