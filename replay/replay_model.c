/*
 * Model mode: the trace says who asks for what, the models say where it goes.
 *
 * Page events that back slabs or large kmallocs are the recorded allocator's
 * own affair and are left out; the models ask for such pages themselves.
 */
#include <stdlib.h>
#include <string.h>

#include "replay/page_gfp.h"
#include "replay/page_slow.h"
#include "replay/replay_state.h"

void replay_page_request(const struct replay *replay,
			 const struct kmem_event *ev, unsigned int order,
			 struct page_request *request)
{
	*request = (struct page_request){
	    .order = order,
	    .cpu = ev->cpu,
	    .node = ev->node < 0 || ev->node >= (int)replay->nodes
			? PAGE_NODE_LOCAL
			: ev->node,
	};
	if (replay->machine)
		page_gfp_request(page_machine_alloc(replay->machine),
				 &replay->trace->info.gfp, ev->gfp_flags,
				 request);
}

/* What SLUB must know of the flags when it needs a new slab. */
static uint32_t slab_flags(const struct replay *replay, uint32_t gfp_flags)
{
	const struct gfp_bits *bits = &replay->trace->info.gfp;
	uint32_t flags = 0;

	if (!(gfp_flags & bits->direct_reclaim))
		flags |= PAGE_REQ_NONBLOCK;
	if (gfp_flags & bits->high)
		flags |= PAGE_REQ_HIGH;
	if (gfp_flags & bits->memalloc)
		flags |= PAGE_REQ_MEMALLOC;
	if (gfp_flags & bits->nomemalloc)
		flags |= PAGE_REQ_NOMEMALLOC;
	if (gfp_flags & bits->thisnode)
		flags |= PAGE_REQ_THISNODE;
	return flags;
}

/* ---- Objects ---- */

static int large_alloc(struct replay *replay, const struct kmem_event *ev,
		       const struct kmalloc_choice *choice, struct live *live)
{
	struct page_request request;

	*live = (struct live){.kind = LIVE_FAILED};
	if (!choice->bytes_alloc) {
		replay->result.failed++;
		return 0;
	}
	replay_page_request(replay, ev, choice->order, &request);
	if (replay->pages->ops->alloc(replay->pages, &request, &live->handle)) {
		if (!replay_vmalloc_fallback(replay, ev, choice, live))
			replay->result.failed++;
		return 0;
	}
	live->kind = LIVE_LARGE;
	live->order = choice->order;
	live->bytes_req = (uint32_t)ev->bytes_req;
	live->bytes_alloc = (uint32_t)choice->bytes_alloc;
	replay->large_pages += 1ull << choice->order;
	replay_live_add(replay, live);
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
	    .flags = slab_flags(replay, ev->gfp_flags),
	    .cpu = ev->cpu,
	    .node = ev->node,
	};
	uint64_t bytes_alloc = entry->spec.slab_size;
	int ret;

	if (replay->kind == SLAB_KIND_SLOB)
		replay_slob_sizes(replay, ev, choice, entry, &request,
				  &bytes_alloc);
	ret = replay->slab->ops->alloc(replay->slab, &request, &live->handle);
	if (ret == ERR_NOMEM) {
		*live = (struct live){.kind = LIVE_FAILED};
		if (!replay_vmalloc_fallback(replay, ev, choice, live))
			replay->result.failed++;
		return 0;
	}
	if (ret)
		return ret;
	live->kind = LIVE_SLAB;
	live->cache = cache;
	live->bytes_req = (uint32_t)ev->bytes_req;
	live->bytes_alloc = (uint32_t)bytes_alloc;
	entry->allocs++;
	replay_live_add(replay, live);
	return 0;
}

/* The recorded slab gets a slab of the start to stand for it. */
static void start_bind(struct replay *replay, struct slab_page *slab,
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
	return replay->own_model && slab && slab->old &&
	       slab->start == SLAB_PAGES_NONE && slab->cache != SLAB_PAGES_NONE;
}

static int object_alloc(struct replay *replay, const struct kmem_event *ev)
{
	struct kmalloc_choice choice = {0}, recorded;
	struct slab_page *slab;
	uint32_t cache = CACHE_NONE;
	struct live *live;
	int ret = 0;

	if (ev->kind == EV_KMALLOC)
		choice = kmalloc_choose(&replay->caches.kmalloc, ev->bytes_req,
					ev->gfp_flags, ev->call_site);
	recorded = kmalloc_without_added(&replay->caches.kmalloc, choice);
	if (!choice.large) {
		ret = replay_cache_of(replay, ev, &recorded, &cache);
		if (!ret)
			ret = replay_observe(replay, ev, cache, &slab);
		if (!ret && bindable(replay, slab))
			start_bind(replay, slab, false);
	}
	if (ret || !replay->slab_window.open)
		return ret;
	replay_predict(replay, ev, &recorded, cache);
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

/*
 * A slab of the start is freed whole: what no event freed in it until now died
 * without one (kfree_rcu() of before the trace).
 */
static void start_slab_end(struct replay *replay, const struct kmem_event *ev)
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

static void large_free(struct replay *replay, const struct kmem_event *ev,
		       const struct live *live)
{
	replay->large_pages -= 1ull << live->order;
	replay_live_remove(replay, live);
	if (!replay->pages->ops->free(replay->pages, live->handle, live->order,
				      ev->cpu))
		replay->notes.page_frees_ignored++;
}

static void small_free(struct replay *replay, const struct kmem_event *ev,
		       const struct live *live)
{
	struct cache_entry *entry = &replay->caches.entries[live->cache];

	entry->frees++;
	replay_live_remove(replay, live);
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

static int object_free(struct replay *replay, const struct kmem_event *ev)
{
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
	replay_object_end(replay, ev, live, object_end);
	live->kind = LIVE_NOTHING;
	return 0;
}

/* ---- Pages ---- */

/*
 * The order of the model's block that holds a recorded one: where its pages are
 * larger than that, one of them.
 */
static unsigned int model_order(const struct replay *replay, unsigned int order)
{
	unsigned int bytes = order + replay->page_shift;

	return bytes > replay->model_page_shift
		   ? bytes - replay->model_page_shift
		   : 0;
}

/* A block under another page size: its parts are freed with the last of them. */
static void resized_pages_free(struct replay *replay,
			       const struct kmem_event *ev, struct live *live)
{
	unsigned int order = model_order(replay, live->order);

	if (ev->flags & EVF_BLOCK_LIVES)
		return;
	replay->direct_pages -= 1ull << order;
	if (!replay->pages->ops->free(replay->pages, live->handle, order,
				      ev->cpu))
		replay->notes.page_frees_ignored++;
	live->kind = LIVE_NOTHING;
}

static int page_event_alloc(struct replay *replay, const struct kmem_event *ev)
{
	unsigned int order = model_order(replay, ev->order);
	struct page_request request;
	struct live *live = replay_live_new(replay, ev);

	if (!live)
		return ERR_NOMEM;
	*live = (struct live){
	    .kind = LIVE_PAGES,
	    .pfn = ev->addr,
	    .order = ev->order,
	    .movable = (ev->gfp_flags & replay->trace->info.gfp.movable) != 0};
	replay_page_request(replay, ev, order, &request);
	if (replay->pages->ops->alloc(replay->pages, &request, &live->handle)) {
		live->kind = LIVE_FAILED;
		replay->result.failed++;
		return 0;
	}
	replay->direct_pages += 1ull << order;
	replay->user_pages += live->movable && !ev->order;
	return 0;
}

/*
 * Pages of the start lie in the model where they lay in the kernel, or are
 * replaced by others if the model thought that they were on a per-CPU list. Of
 * a block that is not all there the halves are tried.
 */
static void start_pages_free(struct replay *replay, const struct kmem_event *ev,
			     uint64_t pfn, unsigned int order)
{
	struct page_machine *machine = replay->machine;

	if (machine && (page_machine_claim(machine, pfn, order) ||
			page_machine_claim_other(machine, pfn, order, &pfn))) {
		if (replay->pages->ops->free(replay->pages, pfn, order,
					     ev->cpu))
			replay->notes.start_page_frees++;
		else
			replay->notes.page_frees_ignored++;
	} else if (machine && order) {
		start_pages_free(replay, ev, pfn, order - 1);
		start_pages_free(replay, ev, pfn + (1ull << (order - 1)),
				 order - 1);
	} else {
		replay->notes.page_frees_ignored++;
	}
}

/*
 * Where the kernel compacted, the model does: its page moves, too. What frees
 * the page in its new place will not say which one it is.
 */
static int page_moved(struct replay *replay, const struct kmem_event *ev,
		      struct live *live)
{
	struct page_alloc *pa =
	    replay->machine ? page_machine_alloc(replay->machine) : NULL;
	int zone = pa ? page_zone_of(pa, live->handle) : -1;
	uint64_t *grown =
	    memory_grow(&replay->memory, replay->moved, sizeof(*grown),
			replay->moved_count + 1, &replay->moved_cap);
	uint64_t target = live->handle;

	if (!grown)
		return ERR_NOMEM;
	replay->moved = grown;
	if (zone >= 0 &&
	    compaction_target(&replay->scans[zone], pa, (uint32_t)zone,
			      &target) &&
	    !replay->pages->ops->free(replay->pages, live->handle, 0, ev->cpu))
		replay->notes.page_frees_ignored++;
	grown[replay->moved_count++] = target;
	live->kind = LIVE_NOTHING;
	replay->notes.moved_pages++;
	return 0;
}

/*
 * A page that was allocated without an event: one that compaction moved there,
 * if any was moved, and of these the oldest.
 */
static void hidden_page_free(struct replay *replay, const struct kmem_event *ev)
{
	uint64_t pfn;

	replay->notes.hidden_frees++;
	if (ev->order || replay->moved_first == replay->moved_count ||
	    compaction_frees(&replay->compaction, ev))
		return;
	pfn = replay->moved[replay->moved_first++];
	replay->direct_pages--;
	replay->user_pages--;
	if (!replay->pages->ops->free(replay->pages, pfn, 0, ev->cpu))
		replay->notes.page_frees_ignored++;
}

static int page_event_free(struct replay *replay, const struct kmem_event *ev)
{
	uint64_t pages = 1ull << ev->order, offset;
	struct live *live;

	if (ev->flags & EVF_HIDDEN_OBJECT) {
		hidden_page_free(replay, ev);
		return 0;
	}
	live = ev->object ? replay_live(replay, ev) : NULL;
	if (ev->object && !live)
		return ERR_NOMEM;
	if (!live || live->kind == LIVE_NOTHING) {
		start_pages_free(replay, ev, ev->addr, ev->order);
		return 0;
	}
	if (replay_page_moves(replay, ev, live) && !live->order)
		return page_moved(replay, ev, live);
	if (live->kind == LIVE_PAGES && !live->order)
		replay->user_pages -= live->movable;
	if (live->kind == LIVE_PAGES &&
	    replay->model_page_shift != replay->page_shift) {
		resized_pages_free(replay, ev, live);
		return 0;
	}
	offset = ev->addr - live->pfn;
	if (live->kind == LIVE_PAGES && offset < 1ull << live->order &&
	    pages <= (1ull << live->order) - offset) {
		replay->direct_pages -= pages;
		if (!replay->pages->ops->free(replay->pages,
					      live->handle + offset, ev->order,
					      ev->cpu))
			replay->notes.page_frees_ignored++;
	} else {
		replay->notes.page_frees_ignored++;
	}
	if (!(ev->flags & EVF_BLOCK_LIVES) && !live_counts(live))
		live->kind = LIVE_NOTHING;
	return 0;
}

static int page_event(struct replay *replay, const struct kmem_event *ev)
{
	if (ev->flags & EVF_FAILED || ev->order >= SNAPSHOT_ORDERS_MAX)
		return 0;
	if (ev->flags & EVF_BACKS_SLAB) {
		if (ev->kind == EV_PAGE_FREE)
			start_slab_end(replay, ev);
		return replay_track_page(replay, ev);
	}
	if (!replay->page_window.open)
		return 0;
	/* Only of an old large kmalloc is it not known how large it was. */
	if (ev->flags & EVF_BACKS_LARGE && ev->object)
		return 0;
	return ev->kind == EV_PAGE_ALLOC ? page_event_alloc(replay, ev)
					 : page_event_free(replay, ev);
}

/*
 * While kswapd runs, which its frees show, frees leave less on per-CPU lists.
 * It looks at the watermarks between its rounds only, so that they last longer
 * than until the high one is met.
 */
static void kswapd_watch(struct replay *replay, const struct kmem_event *ev)
{
	const char thread[] = "kswapd";

	if (!replay->machine || !replay->page_window.open)
		return;
	if (ev->pid != replay->freeing_pid) {
		const char *comm = trace_comm(replay->trace, ev->pid);
		bool is = !strncmp(comm, thread, sizeof(thread) - 1);

		replay->freeing_pid = ev->pid;
		replay->freeing_kswapd =
		    is ? (int)strtol(comm + sizeof(thread) - 1, NULL, 10) : -1;
	}
	if (replay->freeing_kswapd >= 0)
		page_kswapd_seen(page_machine_alloc(replay->machine),
				 (uint32_t)replay->freeing_kswapd);
}

static int object_event_alloc(struct replay *replay,
			      const struct kmem_event *ev)
{
	int ret = object_alloc(replay, ev);

	return ret || !replay->slab_window.open
		   ? ret
		   : replay_object_begin(replay, ev);
}

int replay_model_event(struct replay *replay, const struct kmem_event *ev)
{
	switch (ev->kind) {
	case EV_KMALLOC:
	case EV_CACHE_ALLOC:
		return event_creates(ev) && !replay->slab_window.closed
			   ? object_event_alloc(replay, ev)
			   : 0;
	case EV_KFREE:
	case EV_CACHE_FREE:
		kswapd_watch(replay, ev);
		return event_ends(ev) && !replay->slab_window.closed
			   ? object_free(replay, ev)
			   : 0;
	case EV_PAGE_ALLOC:
	case EV_PAGE_FREE:
		if (ev->kind == EV_PAGE_FREE)
			kswapd_watch(replay, ev);
		return page_event(replay, ev);
	default:
		return 0;
	}
}
