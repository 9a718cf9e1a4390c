#include "replay/replay_recorded.h"

#include "replay/replay_caches.h"
#include "replay/replay_live.h"

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
	entry = replay_entry(replay, live);
	replay_live_add(replay, live, entry);
	if (entry) {
		entry->allocs++;
		entry->objects++;
	}
	return replay_object_begin(replay, ev);
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

static void object_end(struct replay *replay, const struct kmem_event *ev,
		       struct live *live)
{
	struct cache_entry *entry = replay_entry(replay, live);

	(void)ev;
	replay_live_remove(replay, live, entry);
	if (!entry)
		return;
	entry->frees++;
	entry->objects -= entry->objects > 0;
}

static int object_free(struct replay *replay, const struct kmem_event *ev)
{
	struct live *live;
	int ret;

	if (!event_free_counts(ev) || replay->slab_window.closed)
		return 0;
	ret = replay_live_freed(replay, ev, start_object_free, &live);
	if (ret || !live)
		return ret;
	if (!replay->slab_window.open || live->kind == LIVE_PAGES)
		return 0;
	replay_object_end(replay, ev, live, object_end);
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

/* Remembers what compaction may move; *role: what it did now. */
static int pages_note(struct replay *replay, const struct kmem_event *ev,
		      enum move_role *role)
{
	struct live *live = NULL;

	*role = MOVE_NONE;
	if (ev->order >= SNAPSHOT_ORDERS_MAX)
		return 0;
	if (ev->object) {
		live = ev->kind == EV_PAGE_ALLOC ? replay_live_new(replay, ev)
						 : replay_live(replay, ev);
		if (!live)
			return ERR_NOMEM;
	}
	if (ev->kind == EV_PAGE_FREE)
		*role = replay_page_role(replay, ev, live);
	else if (live)
		*live = (struct live){
		    .kind = LIVE_PAGES,
		    .order = ev->order,
		    .movable =
			(ev->gfp_flags & replay->trace->info.gfp.movable) != 0};
	return 0;
}

/*
 * A page event in the books. What compaction moves is in use in another place
 * from then on.
 */
static int books_feed(struct replay *replay, const struct kmem_event *ev,
		      enum move_role role)
{
	uint64_t target;
	int ret;

	if (role == MOVE_RELEASE)
		replay->books.corrected_pages +=
		    moves_released(&replay->runs, ev);
	else
		moves_settle(&replay->runs, ev);
	ret = page_books_feed(&replay->books, ev);
	if (role != MOVE_SOURCE)
		return ret;
	for (uint64_t i = 0; i < 1ull << ev->order; i++)
		replay->notes.moved_pages +=
		    moves_target(&replay->runs, ev->addr, ev->addr, &target);
	return ret;
}

static int other(struct replay *replay, const struct kmem_event *ev)
{
	enum move_role role = MOVE_NONE;
	int ret = 0;

	switch (ev->kind) {
	case EV_PAGE_ALLOC:
	case EV_PAGE_FREE:
		ret = page_event(replay, ev);
		if (!ret)
			ret = pages_note(replay, ev, &role);
		break;
	case EV_EXTFRAG:
		replay->result.fallbacks += replay->page_window.open;
		break;
	default:
		break;
	}
	if (ret || !replay->machine || !replay->page_window.open)
		return ret;
	ret = page_predict_feed(&replay->predict, ev);
	return ret ? ret : books_feed(replay, ev, role);
}

const struct replay_mode replay_recorded_mode = {
    .object_alloc = object_alloc,
    .object_free = object_free,
    .other = other,
};
