/*
 * slab_params: how SLUB lays out a cache: order, objects per slab, and how
 * many slabs it keeps.
 *
 * Sources, mm/slub.c: calculate_order(), calc_slab_order(), oo_make(),
 * set_cpu_partial(), set_min_partial() of 5.15, 6.1, 6.12, 6.18 and 7.2.
 */
#ifndef REPLAY_SLAB_PARAMS_H
#define REPLAY_SLAB_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "replay/slab_model.h"
#include "replay/variant.h"

/* The machine and its boot parameters. */
struct slub_env {
	enum kernel_variant variant;
	uint32_t page_size; /* bytes, a power of two */
	uint32_t word_size; /* of a pointer, 4 or 8 */
	uint32_t cpus;
	uint32_t order_count;	   /* the page allocator's, 11 as a rule */
	uint32_t slub_max_order;   /* 3 unless booted otherwise */
	uint32_t slub_min_order;   /* 0 unless booted otherwise */
	uint32_t slub_min_objects; /* 0: from the number of CPUs */
};

struct slub_params {
	uint32_t slab_size; /* bytes between two objects */
	uint32_t order, objs_per_slab;
	uint32_t order_min, objs_per_slab_min; /* where order fails */
	uint32_t cpu_partial;		       /* objects, as sysfs shows it */
	uint32_t cpu_partial_slabs;	       /* slabs (6.1 on) */
	uint32_t min_partial;		       /* empty slabs kept per node */
};

/* The kernel's defaults for a machine. */
struct slub_env slub_env_default(enum kernel_variant variant,
				 uint32_t page_size, uint32_t cpus);

static inline bool power_of_two(uint32_t value)
{
	return value && !(value & (value - 1));
}

/* Smallest order whose block holds bytes. */
unsigned int page_order_of(uint64_t bytes, uint32_t page_size);

/* True if a recorded slab can be: its objects fit into its pages. */
bool slab_objects_fit(uint32_t page_size, uint32_t order,
		      uint32_t objs_per_slab, uint32_t slab_size);

/*
 * The formulas for objects of slab_size bytes. debug: a debug cache, of which
 * CPUs keep no partial slabs (kmem_cache_has_cpu_partial()). ERR_LIMIT if no order the page
 * allocator has can hold one, or if a value of env is out of range.
 */
MUST_CHECK int slub_params_compute(const struct slub_env *env,
				   uint32_t slab_size, bool debug,
				   struct slub_params *params);

/* cpu_partial_slabs for a number of objects (slub_set_cpu_partial()). */
uint32_t slub_cpu_partial_slabs(uint32_t cpu_partial, uint32_t objs_per_slab);

#endif
