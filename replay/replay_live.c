#include "replay/replay_live.h"

#include "core/rare.h"

RARE struct live *replay_live_grow(struct replay *replay, uint32_t slot)
{
	struct live *grown =
	    memory_grow(&replay->memory, replay->live, sizeof(*grown),
			(size_t)slot + 1, &replay->live_cap);

	if (!grown)
		return NULL;
	replay->live = grown;
	return &grown[slot];
}

RARE void replay_live_forget(struct replay *replay, struct live *live,
			     uint32_t slot)
{
	/* After the window slots are reused without the events of frees. */
	if (live_counts(live) && replay->slab_window.open)
		replay_live_remove(replay, live, replay_entry(replay, live));
	silent_ends_remove(&replay->silent, slot);
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
