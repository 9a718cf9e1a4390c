#include "replay/replay_live.h"

#include "replay/replay_state.h"

struct live *replay_live(struct replay *replay, const struct kmem_event *ev)
{
	if (ev->slot >= replay->live_cap) {
		struct live *grown =
		    memory_grow(&replay->memory, replay->live, sizeof(*grown),
				(size_t)ev->slot + 1, &replay->live_cap);

		if (!grown)
			return NULL;
		replay->live = grown;
	}
	return &replay->live[ev->slot];
}

struct live *replay_live_new(struct replay *replay, const struct kmem_event *ev)
{
	struct live *live = replay_live(replay, ev);

	/* After the window slots are reused without the events of frees. */
	if (live && live_counts(live) && replay->slab_window.open)
		replay_live_remove(replay, live);
	return live;
}

bool replay_page_moves(const struct replay *replay, const struct kmem_event *ev,
		       const struct live *live)
{
	return live && live->kind == LIVE_PAGES && live->movable &&
	       !ev->order && moves_freed(&replay->moves, ev);
}
