#include "replay/replay_model.h"

#include <stdlib.h>
#include <string.h>

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
