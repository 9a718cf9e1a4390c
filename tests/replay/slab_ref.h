/*
 * slab_ref: SLAB's rules once more in the plainest way, to hold the model
 * against. It names objects, where the model names slabs only.
 */
#ifndef TESTS_REPLAY_SLAB_REF_H
#define TESTS_REPLAY_SLAB_REF_H

#include <stdint.h>

#include "replay/slab_layout.h"

/* Objects of a slab are numbered from its number times SLAB_REF_NUM on. */
enum { SLAB_REF_SLABS = 4096, SLAB_REF_NUM = 256 };

struct slab_ref;

/* One cache; cpu_node is read if there is more than one node. free() ends it. */
struct slab_ref *slab_ref_make(const struct slab_layout *layout, uint32_t cpus,
			       uint32_t nodes, const uint16_t *cpu_node);

/* The object that the CPU gets; node -1: of its own. */
int slab_ref_alloc(struct slab_ref *ref, int cpu, int node);
void slab_ref_free(struct slab_ref *ref, int object, int cpu);

/* What all CPUs do every two seconds. */
void slab_ref_reap(struct slab_ref *ref);

/* Slabs that there are. */
uint32_t slab_ref_slabs(const struct slab_ref *ref);

#endif
