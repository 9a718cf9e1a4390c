/*
 * slab_layout: how SLAB lays out a cache: order, objects per slab, where the
 * freelist lies, colours, and how many objects its arrays hold.
 *
 * Glossary
 *   freelist   one index per object: which objects of a slab are free
 *   colour     how many cache lines the first object of a slab is moved by, so
 *              that objects of different slabs do not share cache sets
 *   limit      objects that a CPU's array holds
 *   batch      objects that go to and from an array at once
 *   shared     how many batches a node's shared array holds
 *
 * Sources, mm/slab.c: cache_estimate(), calculate_slab_order(),
 * __kmem_cache_create(), enable_cpucache() of 5.15 and 6.1, which agree but
 * for the largest kmalloc cache.
 */
#ifndef REPLAY_SLAB_LAYOUT_H
#define REPLAY_SLAB_LAYOUT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "replay/variant.h"

/* The machine and its boot parameters. */
struct slab_layout_env {
	enum kernel_variant variant;
	uint32_t page_size;	 /* bytes, a power of two */
	uint32_t word_size;	 /* of a pointer: 4 or 8 */
	uint32_t cache_line;	 /* bytes, a power of two */
	uint32_t kmalloc_min;	 /* KMALLOC_MIN_SIZE: smallest class */
	uint32_t cpus;		 /* possible ones */
	uint32_t order_count;	 /* the page allocator's, 11 as a rule */
	uint32_t slab_max_order; /* 1 above 32 MiB of memory, else 0 */
};

/* A cache as its creator describes it. */
struct slab_layout_spec {
	uint32_t object_size;
	/*
	 * 0: object_size is the distance of two objects already, as slabinfo
	 * and bytes_alloc give it.
	 */
	uint32_t align;
	bool ctor;	   /* its objects keep their contents while free */
	bool rcu;	   /* SLAB_TYPESAFE_BY_RCU: the same */
	bool reclaimable;  /* SLAB_RECLAIM_ACCOUNT */
	bool noleaktrace;  /* SLAB_NOLEAKTRACE */
	bool init_on_free; /* boot parameter init_on_free, config default */
};

enum slab_freelist {
	SLAB_FREELIST_IN_OBJECT, /* in an object that is free itself */
	SLAB_FREELIST_OFF_SLAB,	 /* an object of a kmalloc cache */
	SLAB_FREELIST_ON_SLAB,	 /* at the end of the slab */
};

struct slab_layout {
	uint32_t size; /* bytes between two objects */
	uint32_t order, objs_per_slab;
	enum slab_freelist freelist;
	uint32_t freelist_size;	      /* bytes, per slab */
	uint32_t freelist_class;      /* off slab: size of the kmalloc object */
	uint32_t colours, colour_off; /* number of them, bytes of each */
	uint32_t limit, batchcount, shared;
};

/* The kernel's defaults for a machine with more than 32 MiB. */
struct slab_layout_env slab_layout_env_default(enum kernel_variant variant,
					       uint32_t page_size,
					       uint32_t cpus);

/*
 * ERR_LIMIT if no order that the page allocator has can hold an object, or if
 * a value of env or spec is out of range.
 */
MUST_CHECK int slab_layout_compute(const struct slab_layout_env *env,
				   const struct slab_layout_spec *spec,
				   struct slab_layout *layout);

/* Object size of the kmalloc cache that serves bytes; 0: none does. */
uint32_t slab_layout_kmalloc(const struct slab_layout_env *env, uint32_t bytes);

#endif
