/*
 * page_model: the small table of functions that a page allocator fills.
 *
 * Slab allocators and the replay engine take their pages through it and know
 * nothing else of the page allocator. A new page allocator is one new file
 * that fills this table; requests are those of replay/page_alloc.h.
 *
 * Glossary
 *   block   2^order pages at a pfn that is a multiple of 2^order
 */
#ifndef REPLAY_PAGE_MODEL_H
#define REPLAY_PAGE_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/snapshot.h"
#include "replay/page_alloc.h"

/* What a page allocator holds at one moment, in base pages. */
struct page_counts {
	uint64_t free_pages;  /* in the free areas */
	uint64_t pcp_pages;   /* on per-CPU lists */
	uint64_t fallbacks;   /* requests served from another migratetype */
	uint32_t order_count; /* 0: the model has no free areas */
	uint64_t free_blocks[SNAPSHOT_ORDERS_MAX];
};

struct page_model;

struct page_model_ops {
	const char *name;
	/* Takes a block; ERR_NOMEM if there is none to be had. */
	int (*alloc)(struct page_model *model,
		     const struct page_request *request, uint64_t *pfn);
	/*
	 * Gives a block back. Allocated blocks may be freed in pieces. false:
	 * a page of it was free already or is no memory; nothing was done.
	 */
	bool (*free)(struct page_model *model, uint64_t pfn, unsigned int order,
		     unsigned int cpu);
	/* The node of a page, 0 where the model has no nodes. */
	unsigned int (*node)(const struct page_model *model, uint64_t pfn);
	void (*counts)(const struct page_model *model,
		       struct page_counts *counts);
	/* The pcp_pages of counts, in constant time; NULL: no such lists. */
	uint64_t (*pcp_pages)(const struct page_model *model);
	/* What the kernel does on every CPU once a second; may be NULL. */
	void (*tick)(struct page_model *model);
	/* Recomputes every counter from raw state; 0 if all agree. */
	int (*check)(const struct page_model *model, struct err *err);
	void (*destroy)(struct page_model *model);
};

/* First member of every page model's own struct. */
struct page_model {
	const struct page_model_ops *ops;
};

/* NULL is allowed. */
static inline void page_model_destroy(struct page_model *model)
{
	if (model)
		model->ops->destroy(model);
}

#endif
