#include "replay/replay_recorded.h"

#include "replay/replay_caches.h"
#include "replay/replay_state.h"

/* Places for objects in a slab that may be of less than its cache's order. */
static uint64_t room_bytes(const struct replay *replay,
			   const struct cache_entry *entry, unsigned int order)
{
	uint64_t bytes = (uint64_t)replay->trace->info.page_size << order;
	uint64_t size = entry->spec.slab_size;

	if (!size)
		return 0;
	if (order == entry->spec.order && entry->spec.objs_per_slab)
		return entry->spec.objs_per_slab * size;
	return bytes / size * size;
}

static void slab_born(struct replay *replay, struct slab_page *slab)
{
	struct cache_entry *entry = &replay->caches.entries[slab->cache];

	entry->slabs++;
	entry->pages += 1ull << slab->order;
	entry->room_bytes += room_bytes(replay, entry, slab->order);
	if (entry->slabs > entry->slabs_peak)
		entry->slabs_peak = entry->slabs;
	replay_share(replay, entry);
}

static void slab_gone(struct replay *replay, uint32_t cache, unsigned int order)
{
	struct cache_entry *entry = &replay->caches.entries[cache];
	uint64_t pages = 1ull << order;
	uint64_t room = room_bytes(replay, entry, order);

	entry->slabs -= entry->slabs > 0;
	entry->pages -= entry->pages < pages ? entry->pages : pages;
	entry->room_bytes -=
	    entry->room_bytes < room ? entry->room_bytes : room;
	replay_share(replay, entry);
}

/*
 * An object event: its slab, whose cache may become known with it. *slab is
 * NULL if it cannot be told.
 */
static int object_seen(struct replay *replay, const struct kmem_event *ev,
		       uint32_t cache, struct slab_page **slab)
{
	bool unknown;
	int ret;

	/* A second look is needed only where the first one told the cache. */
	ret = replay_observe(replay, ev, CACHE_NONE, slab);
	if (ret || (*slab && (*slab)->cache != SLAB_PAGES_NONE) ||
	    cache == CACHE_NONE)
		return ret;
	unknown = *slab && !(*slab)->old;
	ret = replay_observe(replay, ev, cache, slab);
	if (!ret && unknown && *slab)
		slab_born(replay, *slab);
	return ret;
}

/* No object of a kernel is larger. */
static uint32_t bytes_of(uint64_t bytes)
{
	return bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
}

static int object_alloc(struct replay *replay, const struct kmem_event *ev)
{
	struct kmalloc_choice choice = {0};
	uint32_t cache = CACHE_NONE;
	struct slab_page *slab = NULL;
	struct cache_entry *entry;
	struct live *live;
	int ret = 0;

	if (ev->kind == EV_KMALLOC)
		choice = kmalloc_choose(&replay->rules, ev->bytes_req,
					ev->gfp_flags, ev->call_site);
	if (!(ev->flags & EVF_LARGE) && !choice.large) {
		ret = replay_cache_of(replay, ev, &choice, &cache);
		if (!ret)
			ret = object_seen(replay, ev, cache, &slab);
	}
	if (ret || !replay->slab_window.open)
		return ret;
	replay_predict(replay, ev, &choice, cache);
	live = replay_live_new(replay, ev);
	if (!live)
		return ERR_NOMEM;
	*live = (struct live){.kind = ev->flags & EVF_LARGE ? LIVE_LARGE
							    : LIVE_SLAB,
			      .bytes_req = bytes_of(ev->bytes_req),
			      .bytes_alloc = bytes_of(ev->bytes_alloc),
			      .cache = cache};
	replay_live_add(replay, live);
	if (cache == CACHE_NONE)
		return 0;
	entry = &replay->caches.entries[cache];
	entry->allocs++;
	entry->objects++;
	return 0;
}

static int start_object_free(struct replay *replay, const struct kmem_event *ev)
{
	struct cache_entry *entry;
	struct slab_page *slab;
	uint32_t cache = CACHE_NONE;
	int ret = 0;

	if (ev->name)
		ret = cache_table_named(&replay->caches, ev->name, 0, &cache);
	if (!ret)
		ret = object_seen(replay, ev, cache, &slab);
	if (ret || !replay->slab_window.open)
		return ret;
	replay->notes.start_frees++;
	if (slab && slab->cache != SLAB_PAGES_NONE)
		cache = slab->cache;
	if (cache == CACHE_NONE) {
		replay->notes.start_frees_unplaced++;
		return 0;
	}
	entry = &replay->caches.entries[cache];
	entry->frees++;
	entry->objects -= entry->objects > 0;
	entry->old_objects -= entry->old_objects > 0;
	replay_share(replay, entry);
	return 0;
}

static int object_free(struct replay *replay, const struct kmem_event *ev)
{
	struct cache_entry *entry;
	struct live *live;

	if (ev->flags & EVF_HIDDEN_OBJECT) {
		replay->notes.hidden_frees += replay->slab_window.open;
		return 0;
	}
	if (!ev->object)
		return start_object_free(replay, ev);
	live = replay_live(replay, ev);
	if (!live)
		return ERR_NOMEM;
	if (live->kind == LIVE_NOTHING)
		return start_object_free(replay, ev);
	if (!replay->slab_window.open || live->kind == LIVE_PAGES)
		return 0;
	replay_live_remove(replay, live);
	if (live->cache != CACHE_NONE) {
		entry = &replay->caches.entries[live->cache];
		entry->frees++;
		entry->objects -= entry->objects > 0;
	}
	live->kind = LIVE_NOTHING;
	return 0;
}

static int slab_page_alloc(struct replay *replay, const struct kmem_event *ev)
{
	struct slab_page *slab;
	int ret = replay_track_page(replay, ev);

	if (ret || !replay->slab_window.open)
		return ret;
	replay->slab_pages_now += 1ull << ev->order;
	slab = slab_pages_find(&replay->slab_pages, ev->addr);
	if (slab && slab->cache != SLAB_PAGES_NONE)
		slab_born(replay, slab);
	return 0;
}

static int slab_page_free(struct replay *replay, const struct kmem_event *ev)
{
	uint64_t pages = 1ull << ev->order;
	struct slab_page *slab = slab_pages_find(&replay->slab_pages, ev->addr);
	uint32_t cache = slab ? slab->cache : CACHE_NONE;
	int ret = 0;

	if (cache == SLAB_PAGES_NONE && ev->name)
		ret = cache_table_named(&replay->caches, ev->name, 0, &cache);
	if (!ret)
		ret = replay_track_page(replay, ev);
	if (ret || !replay->slab_window.open)
		return ret;
	replay->slab_pages_now -=
	    replay->slab_pages_now < pages ? replay->slab_pages_now : pages;
	if (cache != CACHE_NONE)
		slab_gone(replay, cache, ev->order);
	else
		replay->notes.start_frees_unplaced++;
	return 0;
}

/* Adds or takes pages from a count that frees of start pages may not wrap. */
static void pages_count(uint64_t *count, const struct kmem_event *ev)
{
	uint64_t pages = 1ull << ev->order;

	if (ev->kind == EV_PAGE_ALLOC)
		*count += pages;
	else if (ev->object)
		*count -= *count < pages ? *count : pages;
}

static int page_event(struct replay *replay, const struct kmem_event *ev)
{
	int ret = 0;

	if (ev->flags & EVF_FAILED || ev->order >= SNAPSHOT_ORDERS_MAX)
		return 0;
	if (ev->flags & EVF_BACKS_SLAB)
		ret = ev->kind == EV_PAGE_ALLOC ? slab_page_alloc(replay, ev)
						: slab_page_free(replay, ev);
	else if (replay->page_window.open)
		pages_count(ev->flags & EVF_BACKS_LARGE ? &replay->large_pages
							: &replay->direct_pages,
			    ev);
	return ret;
}

/* Remembers what compaction may move; *moves: it did so now. */
static int page_moves(struct replay *replay, const struct kmem_event *ev,
		      bool *moves)
{
	struct live *live;

	*moves = false;
	if (!ev->object || ev->order >= SNAPSHOT_ORDERS_MAX)
		return 0;
	live = ev->kind == EV_PAGE_ALLOC ? replay_live_new(replay, ev)
					 : replay_live(replay, ev);
	if (!live)
		return ERR_NOMEM;
	if (ev->kind == EV_PAGE_ALLOC)
		*live = (struct live){
		    .kind = LIVE_PAGES,
		    .order = ev->order,
		    .movable =
			(ev->gfp_flags & replay->trace->info.gfp.movable) != 0};
	else
		*moves = replay_page_moves(replay, ev, live);
	return 0;
}

int replay_recorded_event(struct replay *replay, const struct kmem_event *ev)
{
	bool moves = false;
	int ret = 0;

	switch (ev->kind) {
	case EV_KMALLOC:
	case EV_CACHE_ALLOC:
		return event_creates(ev) && !replay->slab_window.closed
			   ? object_alloc(replay, ev)
			   : 0;
	case EV_KFREE:
	case EV_CACHE_FREE:
		return event_ends(ev) && !replay->slab_window.closed
			   ? object_free(replay, ev)
			   : 0;
	case EV_PAGE_ALLOC:
	case EV_PAGE_FREE:
		ret = page_event(replay, ev);
		if (!ret)
			ret = page_moves(replay, ev, &moves);
		break;
	case EV_EXTFRAG:
		replay->result.fallbacks += replay->page_window.open;
		break;
	default:
		break;
	}
	if (!ret && replay->machine && replay->page_window.open)
		ret = page_predict_feed(&replay->predict, ev);
	if (!ret && replay->machine && replay->page_window.open)
		ret = page_books_feed(&replay->books, ev);
	if (!ret && moves && replay->machine && replay->page_window.open)
		page_books_moved(&replay->books, ev);
	return ret;
}
