#include "replay/replay_model.h"

#include <stdlib.h>
#include <string.h>

#include "replay/page_slow.h"
#include "replay/replay_model_objects.h"
#include "replay/replay_model_pages.h"
#include "replay/replay_state.h"

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

int replay_model_event(struct replay *replay, const struct kmem_event *ev)
{
	switch (ev->kind) {
	case EV_KMALLOC:
	case EV_CACHE_ALLOC:
		return event_creates(ev) && !replay->slab_window.closed
			   ? replay_model_object_alloc(replay, ev)
			   : 0;
	case EV_KFREE:
	case EV_CACHE_FREE:
		kswapd_watch(replay, ev);
		return event_ends(ev) && !replay->slab_window.closed
			   ? replay_model_object_free(replay, ev)
			   : 0;
	case EV_PAGE_ALLOC:
	case EV_PAGE_FREE:
		if (ev->kind == EV_PAGE_FREE)
			kswapd_watch(replay, ev);
		return replay_model_page_event(replay, ev);
	default:
		return 0;
	}
}
