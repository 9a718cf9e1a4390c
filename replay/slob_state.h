/*
 * slob_state: what the rooms of SLOB share: slob.c (the front door), slob_heap.c
 * (pages and their free runs), slob_start.c and slob_check.c. Private to them;
 * users include replay/slob.h.
 *
 *   list[0] ── page ─ page ─ page        head: where the last search ended
 *               │
 *               runs ▶ [at,units] ▶ [at,units]
 */
#ifndef REPLAY_SLOB_STATE_H
#define REPLAY_SLOB_STATE_H

#include "replay/slob.h"
#include "replay/slob_ring.h"

#define SLOB_NONE UINT32_MAX

enum { LISTS = 3 };

enum slob_page_kind { PAGE_UNUSED, PAGE_HEAP, PAGE_BLOCK };

struct slob_page {
	uint64_t pfn;
	uint32_t runs;	  /* first run; an unused record: the next such */
	uint16_t free;	  /* units in runs */
	uint16_t largest; /* no run has more units */
	uint16_t node;
	uint8_t order; /* of a block */
	uint8_t kind;  /* enum slob_page_kind */
	uint8_t list;  /* of a heap page with free units */
	bool start;    /* made by slob_start_page(); never used again */
};

struct slob_run {
	uint16_t at, len; /* units */
	uint32_t next;
};

/* Objects of the start side by side, as far as they are not yet freed. */
struct slob_row {
	uint64_t handle;       /* of the next one to free */
	uint32_t count, units; /* of one object */
};

/* The objects of one slab_model_ops.start: rows, the first one not used up. */
struct slob_batch {
	size_t row, end;
};

struct slob_cache {
	struct slab_cache_spec spec;
	uint64_t objects, blocks, blocks_peak, block_pages;
};

struct slob {
	struct slab_model model;
	struct slob_config config;
	uint32_t unit, unit_shift; /* bytes; the same as a power of two */
	uint32_t units_per_page;
	struct slob_cache *caches;
	size_t cache_count, cache_cap;
	struct slob_page *pages;
	struct ring_node *nodes; /* by page number */
	size_t page_count, page_cap, node_cap;
	uint32_t page_unused, page_live; /* list of records; records in use */
	/* Recorded pfns of the pages of the start, which are the first. */
	uint64_t *start_pfns;
	/* A bit per unit: set by slob_start_free(), once and for all. */
	uint64_t *start_opened;
	size_t start_pages, start_cap, opened_cap;
	struct slob_row *rows;
	struct slob_batch *batches;
	size_t row_count, row_cap, batch_count, batch_cap;
	struct slob_run *runs;
	size_t run_count, run_cap, run_live;
	uint32_t run_unused;
	struct slob_ring lists[LISTS];
	uint64_t heap_objects, heap_units; /* in use, those of the start too */
	uint64_t pages_tried;
};

/*
 * What slob_heap_alloc() is asked for: a start has many objects alike, and those
 * of them that come to lie side by side are allocated together.
 */
struct slob_want {
	uint32_t
	    count; /* objects: at most so many; then, as many as there are */
	uint32_t bytes, units;
	uint32_t align, align_offset; /* units; align 1: any place */
	int node;		      /* -1: any */
	bool of_start;
};

static inline struct slob *slob_of(struct slab_model *model)
{
	return (struct slob *)model;
}

static inline const struct slob *slob_of_const(const struct slab_model *model)
{
	return (const struct slob *)model;
}

static inline uint32_t slob_units_of(const struct slob *slob, uint32_t bytes)
{
	return (bytes + slob->unit - 1) >> slob->unit_shift;
}

/*
 * A handle is page number, place in units and size in bytes: 32, 16 and 16
 * bits; size 0 is a block, whose page record knows the order, or at BATCH_AT
 * all objects of a batch, of which the number stands for a page's.
 */
enum { BATCH_AT = 1 };

static inline uint64_t slob_handle_make(uint32_t page, uint32_t at,
					uint32_t bytes)
{
	return (uint64_t)page << 32 | (uint64_t)at << 16 | bytes;
}

/* slob_alloc(), and what want says besides. */
int slob_object_alloc(struct slob *slob, const struct slab_request *request,
		      struct slob_want *want, uint64_t *handle);

/* slab_model_ops.start */
int slob_start(struct slab_model *model, const struct slab_start *start,
	       uint64_t *handle);
/* The handle of an object to free; of a batch the next one's. */
uint64_t slob_start_next(struct slob *slob, uint64_t handle);

/* slab_model_ops.check */
int slob_check(const struct slab_model *model, struct err *err);

#endif
