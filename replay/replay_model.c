#include "replay/replay_model.h"

#include "replay/page_slow.h"
#include "replay/replay_model_objects.h"
#include "replay/replay_model_pages.h"

/*
 * While kswapd runs, which its frees show, frees leave less on per-CPU lists.
 * It looks at the watermarks between its rounds only, so that they last longer
 * than until the high one is met.
 */
static void kswapd_watch(struct replay *replay, const struct kmem_event *ev)
{
	int32_t node;

	if (!replay->machine || !replay->page_window.open)
		return;
	node = memory_threads_get(&replay->moves.threads, ev->pid)->kswapd;
	if (node >= 0)
		page_kswapd_seen(page_machine_alloc(replay->machine),
				 (uint32_t)node);
}

static int object_free(struct replay *replay, const struct kmem_event *ev)
{
	kswapd_watch(replay, ev);
	return event_free_counts(ev) && !replay->slab_window.closed
		   ? replay_model_object_free(replay, ev)
		   : 0;
}

static int other(struct replay *replay, const struct kmem_event *ev)
{
	if (ev->kind == EV_PAGE_FREE)
		kswapd_watch(replay, ev);
	else if (ev->kind != EV_PAGE_ALLOC)
		return 0;
	return replay_model_page_event(replay, ev);
}

const struct replay_mode replay_model_mode = {
    .object_alloc = replay_model_object_alloc,
    .object_free = object_free,
    .other = other,
};
