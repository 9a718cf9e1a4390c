/*
 * What silent_ends.h tells goes into the books of both modes: a free without an
 * event ends others as well. What later events say of these is the same, or
 * shows that it was wrong.
 */
#include "replay/replay_silent.h"

#include "replay/replay_live.h"

int replay_object_begin(struct replay *replay, const struct kmem_event *ev)
{
	if (replay->config.rules.silent_until_shown)
		return 0;
	return silent_ends_add(&replay->silent, ev->call_site, ev->cpu,
			       ev->slot);
}

/* Those that were there before ev's object are gone as well. */
static void older_end(struct replay *replay, const struct kmem_event *ev,
		      void (*end)(struct replay *replay,
				  const struct kmem_event *ev,
				  struct live *live))
{
	struct silent_ends *silent = &replay->silent;
	uint32_t slot;

	while ((slot = silent_ends_older(silent, ev->slot)) != SILENT_NONE) {
		struct live *older = &replay->live[slot];

		silent_ends_remove(silent, slot);
		end(replay, ev, older);
		older->kind = LIVE_ENDED;
		replay->notes.silent_ends++;
	}
}

void replay_object_end(struct replay *replay, const struct kmem_event *ev,
		       struct live *live,
		       void (*end)(struct replay *replay,
				   const struct kmem_event *ev,
				   struct live *live))
{
	bool silent = ev->flags & EVF_SYNTHETIC;
	bool known = silent_ends_knows(&replay->silent, ev->slot);

	if (known && !silent)
		silent_ends_spoke(&replay->silent, ev->slot);
	if (live->kind == LIVE_ENDED) {
		replay->notes.silent_ends_wrong += !silent;
		return;
	}
	end(replay, ev, live);
	if (!known)
		return;
	if (silent)
		older_end(replay, ev, end);
	silent_ends_remove(&replay->silent, ev->slot);
}
