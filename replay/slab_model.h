/*
 * slab_model: the small table of functions that a slab allocator fills.
 *
 * A model hands out handles in place of addresses and takes them back; what
 * a handle means is the model's own affair (SLUB: the number of the slab). It
 * knows nothing of traces, takes its pages from a page_model and the memory
 * for its books from its creator. A new slab allocator is one new file that
 * fills this table.
 *
 * Glossary
 *   cache    objects of one size (kmem_cache)
 *   slab     a block of pages cut into objects of one cache
 *   start    what was there before the first event of a replay
 */
#ifndef REPLAY_SLAB_MODEL_H
#define REPLAY_SLAB_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"

/*
 * A cache as its creator knows it. What is 0 is not known. SLUB wants slab_size
 * (with config.debug it computes that of object_size); SLAB slab_size, or
 * object_size and align; SLOB's requests say their sizes themselves.
 */
struct slab_cache_spec {
	uint32_t object_size; /* what the user asked for, bytes */
	uint32_t slab_size;   /* with padding and metadata, bytes */
	uint32_t align;
	bool reclaimable;    /* SLAB_RECLAIM_ACCOUNT */
	bool dma;	     /* SLAB_CACHE_DMA */
	bool ctor;	     /* has a constructor */
	bool destroy_by_rcu; /* SLAB_TYPESAFE_BY_RCU */
	/* A free pointer has its place in the object in spite of RCU. */
	bool freeptr_inside;
	bool kmalloc; /* kmalloc's; SLOB: objects of any size */
	/*
	 * What the recorded kernel used, for models that imitate it; has_ says
	 * that it is known, since 0 is a possible value.
	 */
	bool has_order, has_cpu_partial, has_min_partial, has_arrays;
	uint32_t order, objs_per_slab, cpu_partial, min_partial;
	uint32_t sheaf_capacity; /* SLUB 6.18: objects in a sheaf, 0: none */
	uint32_t debug;		 /* SLUB: enum slub_debug */
	uint32_t limit, batchcount, shared; /* SLAB's arrays (slabinfo) */
};

struct slab_request {
	uint32_t cache;
	uint32_t bytes_req;
	uint32_t flags; /* enum page_request_flag */
	uint16_t cpu;
	int16_t node; /* -1: any */
};

/* Where a slab of the start lies. */
enum slab_place {
	SLAB_FULL, /* on no list: every object in use */
	SLAB_NODE_PARTIAL,
	SLAB_CPU_PARTIAL,
	SLAB_CPU,
};

#define SLAB_PFN_UNKNOWN UINT64_MAX

struct slab_start {
	uint32_t cache;
	uint32_t inuse; /* objects in use */
	/*
	 * Free objects that lie in the array of the CPU (SLAB) or its sheaf
	 * (SLUB); what does not fit there is free in the slab.
	 */
	uint32_t cached;
	uint64_t pfn; /* SLAB_PFN_UNKNOWN: learned later or never */
	enum slab_place place;
	uint16_t cpu; /* SLAB_CPU, SLAB_CPU_PARTIAL, cached */
	uint16_t node;
};

struct slab_counts {
	uint32_t slab_size, order, objs_per_slab;
	uint64_t slabs, slabs_peak, pages;
	uint64_t objects;	/* in use */
	uint64_t objects_total; /* room for, in the slabs that there are */
};

/* Of all caches together, as far as slabs hold their objects. */
struct slab_sums {
	uint64_t used_bytes; /* objects in use, with padding and metadata */
	uint64_t room_bytes; /* the same and all free places for objects */
};

struct slab_model;

struct slab_model_ops {
	const char *name;
	/*
	 * ERR_LIMIT: a size, alignment, order or number of objects that cannot
	 * be; ERR_NOMEM. *cache is written only on success.
	 */
	int (*cache_add)(struct slab_model *model,
			 const struct slab_cache_spec *spec, uint32_t *cache);
	/*
	 * ERR_NOMEM: the page model gave no page. ERR_LIMIT: no memory for the
	 * model's own books.
	 */
	int (*alloc)(struct slab_model *model,
		     const struct slab_request *request, uint64_t *handle);
	/* The handle must come from alloc or start and be in use. */
	void (*free)(struct slab_model *model, uint32_t cache, uint64_t handle,
		     unsigned int cpu);
	/*
	 * Puts a slab of the start in place; frees of its objects use the
	 * handle, as often as there are objects in use. SLOB, whose pages belong
	 * to no cache: so many objects, wherever they come to lie.
	 */
	int (*start)(struct slab_model *model, const struct slab_start *start,
		     uint64_t *handle);
	/*
	 * Does what the kernel does from time to time, up to ts_ns of the
	 * trace's clock, and returns when to call it next. May be NULL.
	 */
	uint64_t (*tick)(struct slab_model *model, uint64_t ts_ns);
	/* Tells where a slab of the start lies, once it is known. */
	void (*place)(struct slab_model *model, uint64_t handle, uint64_t pfn);
	void (*counts)(const struct slab_model *model, uint32_t cache,
		       struct slab_counts *counts);
	/*
	 * In constant time. What slabs hold beyond room_bytes are tails and the
	 * allocator's own structures.
	 */
	void (*sums)(const struct slab_model *model, struct slab_sums *sums);
	/* Recomputes every counter from raw state; 0 if all agree. */
	int (*check)(const struct slab_model *model, struct err *err);
	/* All its pages stay with the page model. */
	void (*destroy)(struct slab_model *model);
};

/* First member of every slab allocator's own struct. */
struct slab_model {
	const struct slab_model_ops *ops;
	uint64_t pages;		 /* held by all slabs now */
	uint64_t unplaced_pages; /* of freed start slabs of unknown place */
	/*
	 * Of objects with pages of their own, which the kernel does not count
	 * as slabs (SLOB: no KPF_SLAB); not in pages.
	 */
	uint64_t block_pages;
};

/* NULL is allowed. */
static inline void slab_model_destroy(struct slab_model *model)
{
	if (model)
		model->ops->destroy(model);
}

#endif
