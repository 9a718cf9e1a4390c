#include "replay/replay_caches.h"

#include "replay/rcu_caches.h"
#include "replay/replay_state.h"

int replay_cache_of(struct replay *replay, const struct kmem_event *ev,
		    const struct kmalloc_choice *choice, uint32_t *entry)
{
	uint32_t slab_size =
	    ev->bytes_alloc < UINT32_MAX ? (uint32_t)ev->bytes_alloc : 0;

	if (ev->kind == EV_KMALLOC)
		return cache_table_kmalloc(&replay->caches, choice, entry);
	if (ev->name)
		return cache_table_named(&replay->caches, ev->name, slab_size,
					 entry);
	replay->notes.cache_unknown++;
	return cache_table_by_size(&replay->caches, (uint32_t)ev->bytes_req,
				   slab_size, entry);
}

int replay_observe(struct replay *replay, const struct kmem_event *ev,
		   uint32_t cache, struct slab_page **slab)
{
	const struct capture_info *info = &replay->trace->info;
	const struct cache_entry *entry;
	uint64_t pfn;
	int ret;

	*slab = NULL;
	if (!info->linked || !replay->one_cache_per_slab)
		return 0;
	pfn = ((ev->addr - info->direct_map_base) & replay->address_mask) >>
	      replay->page_shift;
	*slab = slab_pages_find(&replay->slab_pages, pfn);
	if (*slab) {
		if ((*slab)->cache == SLAB_PAGES_NONE)
			(*slab)->cache = cache;
		return 0;
	}
	if (cache == CACHE_NONE)
		return 0;
	entry = &replay->caches.entries[cache];
	if (!entry->captured || !slab_pages_fit(pfn) ||
	    entry->captured->order >= SNAPSHOT_ORDERS_MAX)
		return 0;
	pfn &= ~((1ull << entry->captured->order) - 1);
	ret = slab_pages_add(&replay->slab_pages, pfn, entry->captured->order,
			     true, slab);
	if (!ret)
		(*slab)->cache = cache;
	return ret;
}

int replay_track_page(struct replay *replay, const struct kmem_event *ev)
{
	struct slab_page *slab;
	int ret = 0;

	if (!(ev->flags & EVF_BACKS_SLAB) || !slab_pages_fit(ev->addr) ||
	    !replay->one_cache_per_slab)
		return 0;
	/* The start has its slabs already, as they will be when it begins. */
	slab = slab_pages_find(&replay->slab_pages, ev->addr);
	if (!replay->recorded && !replay->slab_window.open &&
	    !replay->slab_window.closed && slab &&
	    slab->start != SLAB_PAGES_NONE)
		return 0;
	if (ev->kind == EV_PAGE_FREE) {
		slab = slab_pages_find(&replay->slab_pages, ev->addr);
		return slab ? slab_pages_remove(&replay->slab_pages, slab) : 0;
	}
	ret = slab_pages_add(&replay->slab_pages, ev->addr, ev->order,
			     !replay->slab_window.open, &slab);
	if (!ret && ev->name)
		ret = cache_table_named(&replay->caches, ev->name, 0,
					&slab->cache);
	return ret;
}

/*
 * What the recorded kernel's rules make of a request of a cache that is known
 * by its name; 0: not known.
 */
static uint64_t cache_bytes(const struct replay *replay,
			    const struct kmem_event *ev, uint32_t entry)
{
	const struct snapshot_cache *captured;

	if (!ev->name || entry == CACHE_NONE)
		return 0;
	if (replay->trace->info.slab_kind == SLAB_KIND_SLOB)
		return ev->bytes_req > UINT32_MAX
			   ? 0
			   : slob_cache_bytes(
				 &replay->slob_env, (uint32_t)ev->bytes_req,
				 rcu_cache_named(names_get(
				     &replay->trace->names, ev->name)));
	captured = replay->caches.entries[entry].captured;
	return captured ? captured->slab_size : 0;
}

void replay_predict(struct replay *replay, const struct kmem_event *ev,
		    const struct kmalloc_choice *choice, uint32_t entry)
{
	uint64_t predicted;

	if (!replay->predicts)
		return;
	predicted = ev->kind == EV_KMALLOC ? choice->bytes_alloc
					   : cache_bytes(replay, ev, entry);
	if (!predicted && ev->kind == EV_CACHE_ALLOC) {
		replay->result.bytes_alloc_unknown++;
		return;
	}
	replay->result.bytes_alloc_checked++;
	replay->result.bytes_alloc_mismatch += predicted != ev->bytes_alloc;
}
