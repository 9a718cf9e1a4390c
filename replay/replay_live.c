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
	if (silent_ends_knows(&replay->silent, ev->slot))
		silent_ends_remove(&replay->silent, ev->slot);
	return live;
}

int replay_live_freed(struct replay *replay, const struct kmem_event *ev,
		      int (*started)(struct replay *replay,
				     const struct kmem_event *ev),
		      struct live **live)
{
	struct live *freed;

	*live = NULL;
	if (ev->flags & EVF_HIDDEN_OBJECT) {
		replay->notes.hidden_frees += replay->slab_window.open;
		return 0;
	}
	if (!ev->object)
		return started(replay, ev);
	freed = replay_live(replay, ev);
	if (!freed)
		return ERR_NOMEM;
	if (freed->kind == LIVE_NOTHING)
		return started(replay, ev);
	*live = freed;
	return 0;
}

enum move_role replay_page_role(struct replay *replay,
				const struct kmem_event *ev,
				const struct live *live)
{
	return moves_role(&replay->moves, &replay->runs, ev,
			  live && live->kind == LIVE_PAGES && live->movable);
}
