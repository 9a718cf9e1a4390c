/*
 * slob_ref: SLOB's heap once more in the plainest way, a byte for each unit, to
 * hold the model against.
 */
#ifndef TESTS_REPLAY_SLOB_REF_H
#define TESTS_REPLAY_SLOB_REF_H

#include <stdbool.h>
#include <stdint.h>

#include "replay/slab_model.h"

struct slob_ref;

/* Where an object lies */
struct slob_place {
	uint32_t page, at, bytes;
};

struct slob_ref *slob_ref_make(uint32_t page_size, uint32_t unit,
			       uint32_t minalign);
void slob_ref_end(struct slob_ref *ref);

/* False: it is of no heap page, but has pages of its own. */
bool slob_ref_alloc(struct slob_ref *ref, const struct slab_cache_spec *spec,
		    uint32_t bytes, struct slob_place *place);
void slob_ref_free(struct slob_ref *ref, const struct slob_place *place);

/* The model's object is in the same page, at the same place. */
void slob_ref_compare(struct slob_ref *ref, const struct slob_place *place,
		      uint64_t handle);

/* Pages with room on one of the three lists. */
uint32_t slob_ref_pages(const struct slob_ref *ref, int list);

#endif
