#include "replay/replay_gfp.h"

#include "core/rare.h"
#include "replay/page_gfp.h"
#include "replay/replay_state.h"

static RARE void learn(const struct replay *replay, uint32_t gfp_flags,
		       struct gfp_meaning *meaning)
{
	const struct gfp_bits *bits = &replay->trace->info.gfp;

	*meaning = (struct gfp_meaning){
	    .slab_flags = page_gfp_flags(bits, gfp_flags),
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
