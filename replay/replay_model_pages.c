#include "replay/replay_model_pages.h"

#include "replay/replay_caches.h"
#include "replay/replay_live.h"
#include "replay/replay_model_objects.h"
#include "replay/replay_state.h"

void replay_page_request(struct replay *replay, const struct kmem_event *ev,
			 unsigned int order, struct page_request *request)
{
	*request = replay_gfp(replay, ev->gfp_flags)->pages;
	request->order = order;
	request->cpu = ev->cpu;
	request->node = ev->node < 0 || ev->node >= (int)replay->nodes
			    ? PAGE_NODE_LOCAL
			    : ev->node;
}

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
 * Where the kernel compacted, the model does: its page moves, too, unless it lies
 * as high as targets do. What frees it in its new place will not say which one
 * it is. *moved false: targets ran out, so its owner freed it.
 */
static int page_moved(struct replay *replay, const struct kmem_event *ev,
		      struct moved_page *page, bool *moved)
{
	struct moved_page *grown =
	    memory_grow(&replay->memory, replay->moved, sizeof(*grown),
			replay->moved_count + 1, &replay->moved_cap);

	if (!grown)
		return ERR_NOMEM;
	replay->moved = grown;
	/* Pages that are only counted stay where they are. */
	*moved = !replay->machine ||
		 moves_target(&replay->runs, ev->addr, page->pfn, &page->pfn) ||
		 !moves_went_above(&replay->runs, page->pfn);
	if (*moved) {
		grown[replay->moved_count++] = *page;
		replay->notes.moved_pages++;
	}
	return 0;
}

/* The run of compaction is over: what the model isolated for it is free again. */
static void targets_release(struct replay *replay, const struct kmem_event *ev)
{
	uint64_t pfn;

	while (moves_left(&replay->runs, ev->addr, &pfn)) {
		if (!replay->pages->ops->free(replay->pages, pfn, 0, ev->cpu))
			replay->notes.page_frees_ignored++;
	}
}

/*
 * A page that was allocated without an event: one that compaction moved there,
 * if any was moved, and of these the oldest.
 */
static void hidden_page_free(struct replay *replay, const struct kmem_event *ev)
{
	enum move_role role = replay_page_role(replay, ev, NULL);
	struct moved_page page;

	replay->notes.hidden_frees++;
	if (role == MOVE_RELEASE)
		targets_release(replay, ev);
	if (role != MOVE_NONE || ev->order ||
	    replay->moved_first == replay->moved_count)
		return;
	page = replay->moved[replay->moved_first++];
	if (!page.old) {
		replay->direct_pages--;
		replay->user_pages--;
	}
	if (!replay->pages->ops->free(replay->pages, page.pfn, 0, ev->cpu))
		replay->notes.page_frees_ignored++;
}

/* Pages from before the trace; a single one may have been moved. */
static int old_page_free(struct replay *replay, const struct kmem_event *ev)
{
	struct moved_page page = {.pfn = ev->addr, .old = true};
	bool moved = false;
	int ret = 0;

	if (replay->machine && !ev->order &&
	    replay_page_role(replay, ev, NULL) == MOVE_SOURCE)
		ret = page_moved(replay, ev, &page, &moved);
	if (!ret && !(moved && page.pfn == ev->addr))
		start_pages_free(replay, ev, ev->addr, ev->order);
	return ret;
}

/* A single page of the trace's; *moved: it lives on elsewhere. */
static int live_page_moves(struct replay *replay, const struct kmem_event *ev,
			   struct live *live, bool *moved)
{
	struct moved_page page = {.pfn = live->handle};
	int ret;

	*moved = false;
	if (live->order || replay_page_role(replay, ev, live) != MOVE_SOURCE)
		return 0;
	ret = page_moved(replay, ev, &page, moved);
	if (ret || !*moved)
		return ret;
	live->kind = LIVE_NOTHING;
	if (page.pfn != live->handle &&
	    !replay->pages->ops->free(replay->pages, live->handle, 0, ev->cpu))
		replay->notes.page_frees_ignored++;
	return 0;
}

static int page_event_free(struct replay *replay, const struct kmem_event *ev)
{
	uint64_t pages = 1ull << ev->order, offset;
	struct live *live;
	bool moved;
	int ret;

	if (ev->flags & EVF_HIDDEN_OBJECT) {
		hidden_page_free(replay, ev);
		return 0;
	}
	live = ev->object ? replay_live(replay, ev) : NULL;
	if (ev->object && !live)
		return ERR_NOMEM;
	if (!live || live->kind == LIVE_NOTHING)
		return old_page_free(replay, ev);
	ret = live_page_moves(replay, ev, live, &moved);
	if (ret || moved)
		return ret;
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

int replay_model_page_event(struct replay *replay, const struct kmem_event *ev)
{
	if (ev->flags & EVF_FAILED || ev->order >= SNAPSHOT_ORDERS_MAX)
		return 0;
	if (ev->flags & EVF_BACKS_SLAB) {
		if (ev->kind == EV_PAGE_FREE)
			replay_model_slab_end(replay, ev);
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
