/*
 * replay_caches: which cache a recorded object is of, in which slab page it
 * lies, and what the recorded kernel's rules say of its size.
 */
#ifndef REPLAY_REPLAY_CACHES_H
#define REPLAY_REPLAY_CACHES_H

#include "replay/replay_state.h"

/* replay_cache_of() where the table of caches does not have it by its name. */
MUST_CHECK int replay_cache_learn(struct replay *replay,
				  const struct kmem_event *ev, uint32_t *entry);

/*
 * The cache of an allocation event of a small object, *entry CACHE_NONE if it
 * cannot be told. choice: of kmalloc_choose(), for EV_KMALLOC. Errors of
 * cache_table_kmalloc().
 */
MUST_CHECK static inline int
replay_cache_of(struct replay *replay, const struct kmem_event *ev,
		const struct kmalloc_choice *choice, uint32_t *entry)
{
	if (ev->kind == EV_KMALLOC)
		return cache_table_kmalloc(&replay->caches, choice, entry);
	*entry = ev->name ? cache_table_known(&replay->caches, ev->name)
			  : CACHE_NONE;
	return *entry == CACHE_NONE ? replay_cache_learn(replay, ev, entry) : 0;
}

/* replay_observe() where the page is not known: a slab of before the trace. */
MUST_CHECK int replay_observe_old(struct replay *replay, uint64_t pfn,
				  uint32_t cache, struct slab_page **slab);

/*
 * Learns from an object event that its page is a slab of that cache. The slab
 * is returned in *slab, NULL where addresses are not linked to pages.
 * ERR_NOMEM.
 */
MUST_CHECK static inline int replay_observe(struct replay *replay,
					    const struct kmem_event *ev,
					    uint32_t cache,
					    struct slab_page **slab)
{
	const struct capture_info *info = &replay->trace->info;
	uint64_t pfn;

	*slab = NULL;
	if (!info->linked || !replay->one_cache_per_slab)
		return 0;
	pfn = ((ev->addr - info->direct_map_base) & replay->address_mask) >>
	      replay->page_shift;
	*slab = slab_pages_find(&replay->slab_pages, pfn);
	if (!*slab)
		return cache == CACHE_NONE
			   ? 0
			   : replay_observe_old(replay, pfn, cache, slab);
	if ((*slab)->cache == SLAB_PAGES_NONE)
		(*slab)->cache = cache;
	return 0;
}

/* Enters a page event into the table of slab pages. ERR_NOMEM. */
MUST_CHECK int replay_track_page(struct replay *replay,
				 const struct kmem_event *ev);

/*
 * Holds bytes_alloc of an allocation against what the recorded kernel's rules
 * predict from bytes_req and the cache, never from bytes_alloc itself. An
 * unknown cache counts as unknown; where the allocator is another one nothing
 * is counted.
 */
void replay_predict(struct replay *replay, const struct kmem_event *ev,
		    const struct kmalloc_choice *choice, uint32_t entry);

#endif
