#include "replay/replay_model_objects.h"

#include "core/rare.h"
#include "replay/replay_caches.h"
#include "replay/replay_live.h"
#include "replay/replay_model_pages.h"
#include "replay/replay_slob.h"
#include "replay/replay_state.h"
#include "replay/replay_vmalloc.h"

/* Neither a slab nor pages could be had. */
static RARE int alloc_failed(struct replay *replay, const struct kmem_event *ev,
			     const struct kmalloc_choice *choice,
			     struct live *live)
{
	*live = (struct live){.kind = LIVE_FAILED};
	if (!replay_vmalloc_fallback(replay, ev, choice, live))
		replay->result.failed++;
	return 0;
}

static RARE int large_alloc(struct replay *replay, const struct kmem_event *ev,
			    const struct kmalloc_choice *choice,
			    struct live *live)
{
	struct page_request request;

	if (!choice->bytes_alloc)
		return alloc_failed(replay, ev, choice, live);
	replay_page_request(replay, ev, choice->order, &request);
	if (replay->pages->ops->alloc(replay->pages, &request, &live->handle))
		return alloc_failed(replay, ev, choice, live);
	live->kind = LIVE_LARGE;
	live->order = choice->order;
	live->bytes_req = (uint32_t)ev->bytes_req;
	live->bytes_alloc = (uint32_t)choice->bytes_alloc;
	replay->large_pages += 1ull << choice->order;
	replay_live_add(replay, live, NULL);
	return 0;
}

static int small_alloc(struct replay *replay, const struct kmem_event *ev,
		       const struct kmalloc_choice *choice, uint32_t cache,
		       struct live *live)
{
	struct cache_entry *entry = &replay->caches.entries[cache];
	struct slab_request request = {
	    .cache = entry->model,
	    .bytes_req = (uint32_t)ev->bytes_req,
	    .flags = replay_gfp(replay, ev->gfp_flags)->slab_flags,
	    .cpu = ev->cpu,
	    .node = ev->node,
	};
	uint64_t bytes_alloc = entry->spec.slab_size;
	int ret;

	if (replay->kind == SLAB_KIND_SLOB)
		replay_slob_sizes(replay, ev, choice, entry, &request,
				  &bytes_alloc);
	ret = replay->slab->ops->alloc(replay->slab, &request, &live->handle);
	if (ret)
		return ret == ERR_NOMEM ? alloc_failed(replay, ev, choice, live)
					: ret;
	live->kind = LIVE_SLAB;
	live->cache = cache;
	live->bytes_req = (uint32_t)ev->bytes_req;
	live->bytes_alloc = (uint32_t)bytes_alloc;
	entry->allocs++;
	replay_live_add(replay, live, entry);
	return 0;
}

/* The recorded slab gets a slab of the start to stand for it. */
static RARE void start_bind(struct replay *replay, struct slab_page *slab,
			    bool for_free)
{
	uint32_t model = replay->caches.entries[slab->cache].model;
	uint64_t handle;

	slab->start = start_slabs_bind(&replay->starts, model, for_free);
	if (slab->start == START_SLAB_NONE || !replay->machine ||
	    !start_slabs_holds(&replay->starts, slab->start, &handle))
		return;
	if (page_machine_claim(replay->machine, slab->pfn, slab->order))
		replay->slab->ops->place(replay->slab, handle, slab->pfn);
}

static bool bindable(const struct replay *replay, const struct slab_page *slab)
{
	return replay->own_model && replay->kind != SLAB_KIND_SLOB && slab &&
	       slab->old && slab->start == SLAB_PAGES_NONE &&
	       slab->cache != SLAB_PAGES_NONE;
}

static int object_alloc(struct replay *replay, const struct kmem_event *ev)
{
	const struct kmalloc_rules *rules = &replay->caches.kmalloc;
	struct kmalloc_choice choice = {0}, other;
	/* What it is without the caches that the kernel does not have. */
	const struct kmalloc_choice *recorded = &choice;
	struct slab_page *slab;
	uint32_t cache = CACHE_NONE;
	struct live *live;
	int ret = 0;

	if (ev->kind == EV_KMALLOC)
		choice = kmalloc_choose(rules, ev->bytes_req, ev->gfp_flags,
					ev->call_site);
	if (rules->added) {
		other = kmalloc_without_added(rules, choice);
		recorded = &other;
	}
	if (!choice.large) {
		ret = replay_cache_of(replay, ev, recorded, &cache);
		if (!ret)
			ret = replay_observe(replay, ev, cache, &slab);
		if (!ret && bindable(replay, slab))
			start_bind(replay, slab, false);
	}
	if (ret || !replay->slab_window.open)
		return ret;
	replay_predict(replay, ev, recorded, cache);
	live = replay_live_new(replay, ev);
	if (!live)
		return ERR_NOMEM;
	if (replay_vmalloc_alloc(replay, ev, &choice, live))
		return 0;
	if (choice.large)
		return large_alloc(replay, ev, &choice, live);
	ret = replay_own_cache(replay, ev, &choice, &cache);
	if (ret)
		return ret;
	if (cache != CACHE_NONE)
		return small_alloc(replay, ev, &choice, cache, live);
	*live = (struct live){.kind = LIVE_FAILED};
	return 0;
}

int replay_model_object_alloc(struct replay *replay,
			      const struct kmem_event *ev)
{
	int ret = object_alloc(replay, ev);

	return ret || !replay->slab_window.open
		   ? ret
		   : replay_object_begin(replay, ev);
}

/* A free of an object of the start. */
static int start_object_free(struct replay *replay, const struct kmem_event *ev)
{
	uint32_t cache = CACHE_NONE;
	struct slab_page *slab;
	uint64_t handle;
	int ret = 0;

	if (ev->name)
		ret = cache_table_named(&replay->caches, ev->name, 0, &cache);
	if (!ret)
		ret = replay_observe(replay, ev, cache, &slab);
	if (ret || !replay->slab_window.open)
		return ret;
	replay->notes.start_frees++;
	if (bindable(replay, slab))
		start_bind(replay, slab, true);
	if (slab && slab->cache != SLAB_PAGES_NONE)
		cache = slab->cache;
	if (replay->kind == SLAB_KIND_SLOB && replay->own_model) {
		if (!replay_slob_start_free(replay, ev, cache))
			replay->notes.start_frees_unplaced++;
		return 0;
	}
	if (cache == CACHE_NONE ||
	    !start_slabs_take(&replay->starts,
			      replay->caches.entries[cache].model,
			      slab ? slab->start : START_SLAB_NONE, &handle)) {
		replay->notes.start_frees_unplaced++;
		return 0;
	}
	replay->caches.entries[cache].frees++;
	replay->slab->ops->free(
	    replay->slab, replay->caches.entries[cache].model, handle, ev->cpu);
	return 0;
}

void replay_model_slab_end(struct replay *replay, const struct kmem_event *ev)
{
	const struct slab_page *slab =
	    slab_pages_find(&replay->slab_pages, ev->addr);
	uint64_t handle;

	if (!slab || !slab->old || slab->start == SLAB_PAGES_NONE ||
	    slab->cache == SLAB_PAGES_NONE || !replay->own_model ||
	    !replay->slab_window.open)
		return;
	while (start_slabs_holds(&replay->starts, slab->start, &handle) &&
	       start_slabs_take(&replay->starts,
				replay->caches.entries[slab->cache].model,
				slab->start, &handle)) {
		replay->caches.entries[slab->cache].frees++;
		replay->notes.start_frees_implicit++;
		replay->slab->ops->free(
		    replay->slab, replay->caches.entries[slab->cache].model,
		    handle, ev->cpu);
	}
}

static RARE void large_free(struct replay *replay, const struct kmem_event *ev,
			    const struct live *live)
{
	replay->large_pages -= 1ull << live->order;
	replay_live_remove(replay, live, NULL);
	if (!replay->pages->ops->free(replay->pages, live->handle, live->order,
				      ev->cpu))
		replay->notes.page_frees_ignored++;
}

static void small_free(struct replay *replay, const struct kmem_event *ev,
		       const struct live *live)
{
	struct cache_entry *entry = &replay->caches.entries[live->cache];

	entry->frees++;
	replay_live_remove(replay, live, entry);
	replay->slab->ops->free(replay->slab, entry->model, live->handle,
				ev->cpu);
}

/* ev: its free, or that of an object that shows it to be gone. */
static void object_end(struct replay *replay, const struct kmem_event *ev,
		       struct live *live)
{
	switch (live->kind) {
	case LIVE_SLAB:
		small_free(replay, ev, live);
		break;
	case LIVE_LARGE:
		large_free(replay, ev, live);
		break;
	case LIVE_VMALLOC:
		replay_vmalloc_end(replay, ev, live);
		break;
	default:
		break;
	}
}

int replay_model_object_free(struct replay *replay, const struct kmem_event *ev)
{
	struct live *live;
	int ret = replay_live_freed(replay, ev, start_object_free, &live);

	if (ret || !live)
		return ret;
	replay_object_end(replay, ev, live, object_end);
	live->kind = LIVE_NOTHING;
	return 0;
}
