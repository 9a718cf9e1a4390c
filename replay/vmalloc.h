/*
 * vmalloc: areas of virtually contiguous memory, as mm/vmalloc.c keeps them.
 *
 * Glossary
 *   area     a range of the kernel's address space; of vmalloc() it has pages
 *            of its own, one by one from the page allocator; of vmap() and
 *            ioremap() it has none
 *   guard    a page of address space behind each area that maps nothing
 *   space    address space, in pages: an area with its guard
 *   lazy     freed but still in the TLBs of some CPU: its pages are free, its
 *            space is not
 *   purge    flushing the TLBs of all CPUs, after which lazy space is free
 *
 * Sources: mm/vmalloc.c of 5.15, 6.1, 6.12: __get_vm_area_node() (guard),
 * __vmalloc_area_node() and vfree() (pages), lazy_max_pages(),
 * free_vmap_area_noflush() and __purge_vmap_area_lazy(). All of them decide
 * alike; 6.9 on keeps purged areas in pools of a node first, which changes
 * which addresses are given, not how much space is held.
 *
 * Not here: addresses (space has no order here, so it never runs out and is
 * never fragmented), huge pages (kvmalloc() may map 2 MiB at once from 5.18
 * on), and the kernel's own notes on an area (struct vm_struct and vmap_area,
 * and 8 bytes for each page), which come from kmalloc and caches.
 */
#ifndef REPLAY_VMALLOC_H
#define REPLAY_VMALLOC_H

#include <stdint.h>

#include "core/err.h"
#include "replay/memory.h"
#include "replay/page_model.h"

/* Never purge by itself: somebody else says when. */
#define VMALLOC_NO_LIMIT UINT64_MAX

struct vmalloc_config {
	/* Where pages come from, outlives the areas; NULL: no vmalloc_alloc().
	 */
	struct page_model *pages;
	uint32_t page_size; /* bytes, a power of two */
	/* More lazy space than that is purged: vmalloc_lazy_max(). */
	uint64_t lazy_max_pages;
	struct memory memory;
};

struct vmalloc_counts {
	uint64_t areas, areas_peak;
	uint64_t space, space_peak; /* pages, guards too, lazy not */
	uint64_t lazy, lazy_peak;   /* pages */
	uint64_t pages, pages_peak; /* taken from the page allocator */
	uint64_t purges;	    /* that found something */
	uint64_t failed;	    /* vmalloc_alloc() without memory */
};

struct vmalloc;

/* lazy_max_pages(): 32 MiB for each binary digit of the number of CPUs. */
uint64_t vmalloc_lazy_max(uint32_t online_cpus, uint32_t page_size);

/* ERR_USAGE for a page size that is none; ERR_NOMEM. */
MUST_CHECK int vmalloc_create(struct vmalloc **vmalloc,
			      const struct vmalloc_config *config);

/* Gives no page back. NULL is allowed. */
void vmalloc_destroy(struct vmalloc *vmalloc);

/*
 * vmalloc(): an area with pages for so many bytes, each asked for as in
 * request with order 0. Its number, for vmalloc_free(), in *area. ERR_USAGE for
 * 0 bytes; ERR_NOMEM, and nothing is held, if a page or memory is missing or
 * more than INT_MAX bytes are asked for (kvmalloc_node() has this limit; the
 * one of vmalloc(), all memory, is the page allocator's business here).
 */
MUST_CHECK int vmalloc_alloc(struct vmalloc *vmalloc, uint64_t bytes,
			     const struct page_request *request,
			     uint32_t *area);

/*
 * An area without pages, of so many bytes of space with its guard, rounded up
 * to pages. ERR_USAGE for 0 bytes; ERR_NOMEM.
 */
MUST_CHECK int vmalloc_map(struct vmalloc *vmalloc, uint64_t space_bytes,
			   uint32_t *area);

/* vfree(), vunmap() or iounmap() on that CPU; false: there is no such area. */
bool vmalloc_free(struct vmalloc *vmalloc, uint32_t area, unsigned int cpu);

/* All lazy space is free again. */
void vmalloc_purge(struct vmalloc *vmalloc);

/* Sets what is lazy, where it is known from elsewhere; pages. */
void vmalloc_set_lazy(struct vmalloc *vmalloc, uint64_t pages);

void vmalloc_counts(const struct vmalloc *vmalloc,
		    struct vmalloc_counts *counts);

/*
 * Recomputes areas, space and pages from the areas; 0 if all agree. Else
 * ERR_FORMAT.
 */
MUST_CHECK int vmalloc_check(const struct vmalloc *vmalloc, struct err *err);

#endif
