/*
 * kmalloc: which cache a kmalloc of some size comes from.
 *
 * Glossary
 *   class   one size that kmalloc has a cache for, per type
 *   type    which set of caches: normal, dma, reclaimable, accounted
 *   large   above the biggest class: straight from the page allocator
 *
 * Sources: include/linux/slab.h kmalloc_type(), __kmalloc_index(),
 * mm/slab_common.c create_kmalloc_caches(), 5.15 to 6.18. Where the recorded
 * kernel's caches are known, they decide; else its version and architecture.
 */
#ifndef REPLAY_KMALLOC_H
#define REPLAY_KMALLOC_H

#include <stdbool.h>
#include <stdint.h>

#include "core/capture_info.h"
#include "core/err.h"
#include "core/snapshot.h"

enum kmalloc_type {
	KMALLOC_NORMAL,
	KMALLOC_DMA,
	KMALLOC_RECLAIM,
	KMALLOC_CGROUP,
	KMALLOC_TYPES
};

enum {
	KMALLOC_CLASSES_MAX = 24,
	KMALLOC_STEP = 8, /* classes below the table's end differ by that */
	KMALLOC_TABLE = 8192 / KMALLOC_STEP + 1,
	KMALLOC_NAME_MAX = 32,
};

struct kmalloc_class {
	uint32_t bytes;	    /* largest request it serves */
	uint32_t slab_size; /* what an object takes: bytes_alloc */
	char name[KMALLOC_NAME_MAX];
};

struct kmalloc_rules {
	uint32_t count[KMALLOC_TYPES]; /* 0: the kernel has no such type */
	/* Ascending by bytes. */
	struct kmalloc_class classes[KMALLOC_TYPES][KMALLOC_CLASSES_MAX];
	bool captured; /* from the recorded kernel's own list */
	/*
	 * SLOB has no classes: one entry per type stands for all that the heap
	 * serves, and an object takes its size and a header (mm/slob.c,
	 * __do_kmalloc_node()). 0 for other allocators.
	 */
	uint32_t header;
	uint32_t page_size;
	uint64_t large_limit; /* requests above fail */
	/* Private */
	uint8_t table[KMALLOC_TYPES][KMALLOC_TABLE];
	uint32_t gfp_dma, gfp_reclaimable, gfp_account;
};

/*
 * The rules of the recorded kernel; snapshot (may be NULL or lack caches)
 * tells its caches. ERR_FORMAT if the capture has no page size.
 */
MUST_CHECK int kmalloc_rules_init(struct kmalloc_rules *rules,
				  const struct capture_info *info,
				  const struct snapshot *snapshot);

/* True for the name of a kmalloc cache: "kmalloc-64", "dma-kmalloc-1k". */
bool kmalloc_is_class(const char *name);

/* What becomes of one request. */
struct kmalloc_choice {
	enum kmalloc_type type;
	uint32_t index; /* of the class; not for large */
	bool large;
	uint8_t order;	      /* large */
	uint64_t bytes_alloc; /* predicted; 0: the kernel would refuse */
};

/* bytes_req 0 is no allocation: bytes_alloc 0. */
struct kmalloc_choice kmalloc_choose(const struct kmalloc_rules *rules,
				     uint64_t bytes_req, uint32_t gfp_flags);

#endif
