/*
 * Slab objects and large kmallocs.
 *
 * An object is found by its address. If linking is on, its page counts the live
 * objects that start in it, so that the free of the page knows whether it has
 * any to end; they are then found by trying every granule of the page.
 * Otherwise pages are known by their virtual number only, and only to remember
 * which addresses were freed.
 */
#include "parser/link_state.h"

/* The page an object starts in; NULL only without memory. */
static struct page *page_of(struct link *link, uint64_t addr)
{
	if (link->rules.linked)
		return page_map_get(&link->pages, link_pfn(&link->rules, addr));
	return page_map_get(&link->virtual_pages,
			    addr >> link->rules.virtual_shift);
}

/* Only what an allocator can hand out is counted in its page. */
static bool is_counted(const struct link *link, uint64_t addr)
{
	return link->rules.linked &&
	       !(addr & ((1ull << link->rules.granule_shift) - 1));
}

/* The cache of the slab that a page belongs to, 0: not known. */
static uint32_t cache_of_page(const struct link *link, const struct page *page,
			      uint64_t addr)
{
	const uint64_t *old;

	if (page->flags & PAGE_LIVE)
		return live_objects_at(&link->live, page->ref)->name;
	if (page->flags & PAGE_TOUCHED)
		return 0;
	old = map_find(&link->learned.old_slabs, link_pfn(&link->rules, addr));
	return old ? (uint32_t)*old : 0;
}

/*
 * The cache of an allocation that does not say it: that of its page, because a
 * slab belongs to one cache; else the one that others of its kind came from.
 */
static void name_cache(struct link *link, struct kmem_event *ev,
		       const struct page *page)
{
	struct capture_info *info = &link->trace->info;
	const struct cache_key *key;

	info->cache_allocs++;
	if (!ev->name && page)
		ev->name = cache_of_page(link, page, ev->addr);
	if (!ev->name) {
		key = cache_keys_find(&link->learned.keys, ev->bytes_req,
				      ev->call_site);
		if (key && !key->ambiguous)
			ev->name = key->name;
	}
	info->cache_allocs_named += ev->name != 0;
}

/* An object was seen in a page that no page allocation explains. */
static void mark_old_page(struct link *link, struct page *page, bool large)
{
	uint8_t flag = large ? PAGE_OLD_LARGE : PAGE_OLD_SLAB;
	bool old = link->rules.linked & !(page->flags & PAGE_LIVE);

	page->flags |= old ? flag : 0;
}

/*
 * From 6.12 on a large kmalloc is traced by two functions, one after another.
 * Where the first call site is known for it, the first trace is passed over.
 */
static bool is_first_trace(const struct link *link, const struct kmem_event *ev)
{
	return link_is_large(&link->rules, ev) &&
	       large_pairs_is_first(&link->learned.pairs, ev->call_site);
}

/* Otherwise the second is: the same again while the object lives. */
static bool is_second_trace(const struct link *link,
			    const struct kmem_event *ev,
			    const struct live_object *live)
{
	return link_is_large(&link->rules, ev) && live->flags & EVF_LARGE &&
	       !(live->flags & LIVE_TWICE) && ev->cpu < LINK_CPU_LIMIT &&
	       link->last_large[ev->cpu] == live->object &&
	       live->bytes_req == ev->bytes_req &&
	       live->bytes_alloc == ev->bytes_alloc;
}

static int free_implicitly(struct link *link, uint32_t slot,
			   const struct kmem_event *cause)
{
	const struct live_object *live = live_objects_at(&link->live, slot);
	struct kmem_event ev = link_synthetic(live, slot, cause);
	int ret;

	ev.kind = live->kind == EV_KMALLOC ? EV_KFREE : EV_CACHE_FREE;
	ret = link_insert(link, &ev);
	live_objects_release(&link->live, slot);
	return ret;
}

/* Ends what is live at the address of an allocation, if anything. */
static int displace(struct link *link, struct kmem_event *ev, struct page *page)
{
	uint32_t slot = live_objects_find(&link->live, ev->addr);
	struct live_object *live;

	if (slot == LIVE_NONE)
		return 0;
	live = live_objects_at(&link->live, slot);
	if (is_second_trace(link, ev, live)) {
		live->flags |= LIVE_TWICE;
		ev->flags |= EVF_DUPLICATE | EVF_LARGE;
		ev->object = live->object;
		ev->slot = slot;
		link_count(link, ANOMALY_DUPLICATE_ALLOC);
		return 0;
	}
	live_objects_remove(&link->live, ev->addr);
	if (page && is_counted(link, ev->addr))
		page->objects--;
	return free_implicitly(link, slot, ev);
}

static int put_object(struct link *link, struct kmem_event *ev)
{
	uint32_t slot;
	int ret = live_objects_take(&link->live, &slot);

	if (ret)
		return ret;
	ev->object = ++link->next_object;
	ev->slot = slot;
	*live_objects_at(&link->live, slot) = (struct live_object){
	    .addr = ev->addr,
	    .object = ev->object,
	    .ts_ns = ev->ts_ns,
	    .call_site = ev->call_site,
	    .bytes_req = ev->bytes_req,
	    .bytes_alloc = ev->bytes_alloc,
	    .name = ev->name,
	    .flags = ev->flags & EVF_LARGE,
	    .cpu = ev->cpu,
	    .kind = ev->kind,
	};
	return live_objects_put(&link->live, slot);
}

int link_object_alloc(struct link *link, struct kmem_event *ev)
{
	struct page *page = NULL;
	int ret;

	if (is_first_trace(link, ev)) {
		ev->flags |= EVF_DUPLICATE | EVF_LARGE;
		link_count(link, ANOMALY_DUPLICATE_ALLOC);
		return 0;
	}
	if (link->rules.linked) {
		page = page_of(link, ev->addr);
		if (!page)
			return ERR_NOMEM;
	}
	ret = displace(link, ev, page);
	if (ret || ev->flags & EVF_DUPLICATE)
		return ret;
	if (link_is_large(&link->rules, ev))
		ev->flags |= EVF_LARGE;
	if (ev->kind == EV_CACHE_ALLOC)
		name_cache(link, ev, page);
	ret = put_object(link, ev);
	if (ret)
		return ret;
	if (page) {
		page->objects =
		    (uint16_t)(page->objects + is_counted(link, ev->addr));
		mark_old_page(link, page, link_has_own_pages(&link->rules, ev));
	}
	if (ev->flags & EVF_LARGE && ev->cpu < LINK_CPU_LIMIT)
		link->last_large[ev->cpu] = ev->object;
	return 0;
}

/*
 * Remembers that an address of a page from before the trace was freed; true if
 * it had been freed already.
 */
static int mark_freed(struct link *link, struct page *page, uint64_t addr,
		      bool *again)
{
	*again = false;
	if (page->flags & PAGE_TOUCHED)
		return 0;
	if (!(page->flags & PAGE_OLD_REF)) {
		int ret = freed_addresses_add(&link->freed, &page->ref);

		if (ret)
			return ret;
		page->flags |= PAGE_OLD_REF;
	}
	*again = freed_addresses_mark(&link->freed, page->ref, addr);
	return 0;
}

int link_object_free(struct link *link, struct kmem_event *ev)
{
	uint32_t slot = live_objects_remove(&link->live, ev->addr);
	struct page *page = page_of(link, ev->addr);
	bool again, hidden;
	int ret;

	if (!page)
		return ERR_NOMEM;
	ret = mark_freed(link, page, ev->addr, &again);
	if (ret)
		return ret;
	mark_old_page(link, page, false);
	if (slot != LIVE_NONE) {
		link_fill_free(ev, live_objects_at(&link->live, slot), slot);
		live_objects_release(&link->live, slot);
		if (is_counted(link, ev->addr))
			page->objects--;
		return 0;
	}
	hidden = again || page->flags & PAGE_TOUCHED ||
		 (link->rules.linked &&
		  link_free_in_before(link, link_pfn(&link->rules, ev->addr)));
	ev->flags |= hidden ? EVF_HIDDEN_OBJECT : EVF_UNKNOWN_OBJECT;
	link_count(link, hidden ? ANOMALY_HIDDEN_ALLOC : ANOMALY_UNKNOWN_FREE);
	return 0;
}

int link_free_objects_in(struct link *link, uint64_t pfn, struct page *page,
			 const struct kmem_event *cause)
{
	uint64_t addr = link_address(&link->rules, pfn);
	uint64_t step = 1ull << link->rules.granule_shift;
	uint64_t end = addr + (1ull << link->rules.page_shift);

	for (; page->objects && addr < end; addr += step) {
		uint32_t slot = live_objects_remove(&link->live, addr);
		int ret;

		if (slot == LIVE_NONE)
			continue;
		page->objects--;
		ret = free_implicitly(link, slot, cause);
		if (ret)
			return ret;
	}
	return 0;
}
