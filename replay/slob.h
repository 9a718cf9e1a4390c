/*
 * slob: the kernel's SLOB allocator (up to 6.3) as a slab_model.
 *
 * Glossary (besides replay/slab_model.h)
 *   unit    the step of sizes and places in a page: 2 bytes, 4 with 64 KiB
 *           pages (slob_t)
 *   heap    the pages that objects of all caches share
 *   run     neighbouring free units
 *   header  what kmalloc puts before an object to remember its size, as long
 *           as the alignment of kmalloc (minalign)
 *   footer  what SLOB puts behind an object of a SLAB_TYPESAFE_BY_RCU cache
 *           (struct slob_rcu)
 *   block   pages of one object that does not fit into a heap page
 *
 * A cache with spec.kmalloc stands for kmalloc: each object has the size of
 * its request, and the header. Objects of other caches have the size of the
 * request too, or of the cache if that is 0: a trace of another allocator
 * may know a cache by several sizes.
 *
 * Sources: mm/slob.c of 5.15 and 6.1, which decide alike (the tracepoints
 * differ: see slob_cache_bytes()). What a cache frees with RCU is freed at
 * once here: a trace does not tell when the grace period ended.
 */
#ifndef REPLAY_SLOB_H
#define REPLAY_SLOB_H

#include <stdbool.h>
#include <stdint.h>

#include "core/capture_info.h"
#include "core/err.h"
#include "replay/memory.h"
#include "replay/page_model.h"
#include "replay/slab_model.h"
#include "replay/variant.h"

/* What the sizes depend on. */
struct slob_env {
	enum kernel_variant variant;
	uint32_t page_size;
	uint32_t minalign;  /* ARCH_KMALLOC_MINALIGN: the header's length */
	uint32_t word_size; /* of a long: the least alignment of a cache */
};

/* As the recorded machine has it; its allocator may be another one. */
struct slob_env slob_env_of(const struct capture_info *info);

/*
 * SLOB_UNIT, what sizes are multiples of: sizeof(slobidx_t), a place in a page,
 * which is s16 up to 65534 bytes, above that s32.
 */
static inline uint32_t slob_unit_bytes(uint32_t page_size)
{
	return page_size <= 32767 * 2 ? 2 : 4;
}

/* struct slob_rcu: two pointers and an int. */
static inline uint32_t slob_footer_bytes(uint32_t word_size)
{
	return 3 * word_size;
}

/*
 * bytes_alloc of an object of a cache: c->size, with footer and in whole
 * units (__kmem_cache_create()); from a page up 5.15 traces the pages.
 */
uint64_t slob_cache_bytes(const struct slob_env *env, uint32_t object_size,
			  bool destroy_by_rcu);

struct slob_config {
	struct slob_env env;
	uint32_t nodes;
	struct page_model *pages; /* borrowed, outlives the model */
	struct memory memory;
};

/* ERR_USAGE or ERR_LIMIT with the reason in err, ERR_NOMEM. */
MUST_CHECK int slob_create(struct slab_model **slob,
			   const struct slob_config *config, struct err *err);

/*
 * A heap page of the start of which only the place is known: all of it is in
 * use until slob_start_free() says otherwise. recorded is the pfn that names
 * it; pfn is where it lies for the page model, or SLAB_PFN_UNKNOWN. Pages must
 * come in ascending order of recorded and before anything else is allocated.
 * ERR_LIMIT: no memory.
 */
MUST_CHECK int slob_start_page(struct slab_model *slob, uint64_t recorded,
			       uint64_t pfn);

/*
 * Opens bytes of a page made by slob_start_page(), from a place in it on:
 * false, and nothing is done, if that is no such page any more or if some of
 * it was opened before, since what is there now is the model's own affair.
 */
bool slob_start_free(struct slab_model *slob, uint64_t recorded,
		     uint32_t offset, uint32_t bytes, unsigned int cpu);

/* The heap as it is. */
struct slob_stats {
	uint64_t list_pages[3]; /* on the lists small, medium, large */
	uint64_t heap_pages;	/* on lists and full */
	uint64_t free_bytes;	/* in runs */
	uint64_t runs;
	uint64_t pages_tried; /* looked into by allocations so far */
};

void slob_stats(const struct slab_model *slob, struct slob_stats *stats);

#endif
