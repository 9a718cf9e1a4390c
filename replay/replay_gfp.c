#include "replay/replay_gfp.h"

#include "core/rare.h"
#include "replay/page_gfp.h"
#include "replay/replay_state.h"

/* What SLUB must know of the flags when it needs a new slab. */
static uint32_t slab_flags(const struct gfp_bits *bits, uint32_t gfp_flags)
{
	uint32_t flags = 0;

	if (!(gfp_flags & bits->direct_reclaim)) {
		flags |= PAGE_REQ_NONBLOCK;
		if (gfp_flags & bits->atomic)
			flags |= PAGE_REQ_HARDER;
	}
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

static RARE void learn(const struct replay *replay, uint32_t gfp_flags,
		       struct gfp_meaning *meaning)
{
	const struct gfp_bits *bits = &replay->trace->info.gfp;

	*meaning = (struct gfp_meaning){
	    .slab_flags = slab_flags(bits, gfp_flags),
	    .gfp_flags = gfp_flags,
	    .known = true,
	};
	if (replay->machine)
		page_gfp_request(page_machine_alloc(replay->machine), bits,
				 gfp_flags, &meaning->pages);
}

const struct gfp_meaning *replay_gfp(struct replay *replay, uint32_t gfp_flags)
{
	struct gfp_meaning *meaning =
	    &replay->gfp[gfp_flags * 0x9E3779B9u >> (32 - REPLAY_GFP_BITS)];

	if (meaning->gfp_flags != gfp_flags || !meaning->known)
		learn(replay, gfp_flags, meaning);
	return meaning;
}
