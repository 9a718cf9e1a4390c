/*
 * slub_ref: SLUB's rules once more in the plainest way, for one cache, two
 * CPUs and one node, to hold the model against.
 */
#ifndef TESTS_REPLAY_SLUB_REF_H
#define TESTS_REPLAY_SLUB_REF_H

#include <stdbool.h>

#include "replay/slub.h"

enum { SLUB_REF_SLABS = 4096, SLUB_REF_CPUS = 2 };

struct slub_ref;

/* debug: a cache with debug options that CPUs keep nothing of. free() ends it. */
struct slub_ref *slub_ref_make(const struct slub_params *params,
			       enum kernel_variant variant, bool debug);

/* The object that the CPU gets, as a number. */
int slub_ref_alloc(struct slub_ref *ref, int cpu);
void slub_ref_free(struct slub_ref *ref, int object, int cpu);

/* Its slab, below SLUB_REF_SLABS. */
int slub_ref_slab(const struct slub_ref *ref, int object);

/* Slabs that there are. */
int slub_ref_slabs(const struct slub_ref *ref);

#endif
