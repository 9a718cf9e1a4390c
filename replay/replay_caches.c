#include "replay/replay_caches.h"

#include "core/rare.h"
#include "replay/rcu_caches.h"
#include "replay/replay_state.h"

RARE int replay_cache_learn(struct replay *replay, const struct kmem_event *ev,
			    uint32_t *entry)
{
	uint32_t slab_size =
	    ev->bytes_alloc < UINT32_MAX ? (uint32_t)ev->bytes_alloc : 0;

	if (ev->name)
		return cache_table_named(&replay->caches, ev->name, slab_size,
					 entry);
	replay->notes.cache_unknown++;
	return cache_table_by_size(&replay->caches, (uint32_t)ev->bytes_req,
				   slab_size, entry);
}

RARE int replay_observe_old(struct replay *replay, uint64_t pfn, uint32_t cache,
			    struct slab_page **slab)
{
	const struct snapshot_cache *captured =
	    replay->caches.entries[cache].captured;
	int ret;

	if (!captured || !slab_pages_fit(pfn) ||
	    captured->order >= SNAPSHOT_ORDERS_MAX)
		return 0;
	pfn &= ~((1ull << captured->order) - 1);
	ret = slab_pages_add(&replay->slab_pages, pfn, captured->order, true,
			     slab);
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

/* What the recorded SLOB makes of a request; 0: not known. */
static RARE uint64_t slob_bytes(const struct replay *replay,
				const struct kmem_event *ev)
{
	bool rcu = rcu_cache_named(names_get(&replay->trace->names, ev->name));

	return ev->bytes_req > UINT32_MAX
		   ? 0
		   : slob_cache_bytes(&replay->slob_env,
				      (uint32_t)ev->bytes_req, rcu);
}

/*
 * What the recorded kernel's rules make of a request of a cache that is known
 * by its name; 0: not known.
 */
static inline uint64_t cache_bytes(const struct replay *replay,
				   const struct kmem_event *ev, uint32_t entry)
{
	const struct snapshot_cache *captured;

	if (!ev->name || entry == CACHE_NONE)
		return 0;
	if (replay->trace->info.slab_kind == SLAB_KIND_SLOB)
		return slob_bytes(replay, ev);
	captured = replay->caches.entries[entry].captured;
	return captured ? captured->slab_size : 0;
}

void replay_predict(struct replay *replay, const struct kmem_event *ev,
		    const struct kmalloc_choice *choice, uint32_t entry)
{
	struct replay_result *result = &replay->result;
	bool kmalloc = ev->kind == EV_KMALLOC;
	uint64_t predicted;

	if (!replay->predicts)
		return;
	predicted =
	    kmalloc ? choice->bytes_alloc : cache_bytes(replay, ev, entry);
	if (!predicted && !kmalloc) {
		result->bytes_alloc_unknown++;
		return;
	}
	result->bytes_alloc_checked++;
	if (predicted != ev->bytes_alloc)
		result->bytes_alloc_mismatch++;
}
