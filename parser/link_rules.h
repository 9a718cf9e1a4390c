/*
 * link_rules: what linking needs to know of the recorded kernel.
 */
#ifndef PARSER_LINK_RULES_H
#define PARSER_LINK_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/capture_info.h"
#include "core/event.h"

enum {
	/* Orders from here up are no kernel's: such an event is ignored. */
	LINK_ORDER_LIMIT = 16,
	/* CPUs from here up are not tracked one by one. */
	LINK_CPU_LIMIT = CAPTURE_CPUS_MAX,
};

struct link_rules {
	bool linked;
	uint64_t base;	       /* virtual address of pfn 0 */
	uint64_t base_align;   /* bytes; a base that has less is none */
	uint64_t address_mask; /* addresses are as wide as a long */
	unsigned int page_shift;
	/* Slab objects start at multiples of 1 << granule_shift bytes. */
	unsigned int granule_shift;
	/* Where linking is off: addresses that are remembered together. */
	unsigned int virtual_shift;
	/* SLOB puts objects of every cache into one page. */
	bool one_cache_per_slab;
	/* A kmalloc of so many bytes_alloc or more has pages of its own. */
	uint64_t large_from;
	/*
	 * kmem_cache_free() is traced after the object is free; within this
	 * time another CPU may allocate it first. 0: traced before.
	 */
	uint64_t late_free_ns;
};

/* All but linked and base, from what the capture says of its kernel. */
void link_rules_init(struct link_rules *rules, const struct capture_info *info);

/* A page allocation that happened and can be believed. */
static inline bool link_page_event_ok(const struct kmem_event *ev)
{
	return !(ev->flags & EVF_FAILED) && ev->order < LINK_ORDER_LIMIT &&
	       ev->addr < 1ull << 52;
}

static inline bool link_is_large(const struct link_rules *rules,
				 const struct kmem_event *ev)
{
	/* Both at once: which kind it is nobody foretells, large is rare. */
	return (ev->kind == EV_KMALLOC) &
	       (ev->bytes_alloc >= rules->large_from);
}

/* An object with a block of pages to itself, which is then no slab. */
static inline bool link_has_own_pages(const struct link_rules *rules,
				      const struct kmem_event *ev)
{
	/* mm/slob.c, slob_alloc_node(): a cache's too, from a page up. */
	return link_is_large(rules, ev) ||
	       (!rules->one_cache_per_slab && ev->kind == EV_CACHE_ALLOC &&
		ev->bytes_alloc >> rules->page_shift);
}

/* The page frame of a direct-map address; only if rules->linked. */
static inline uint64_t link_pfn(const struct link_rules *rules, uint64_t addr)
{
	return ((addr - rules->base) & rules->address_mask) >>
	       rules->page_shift;
}

/* The direct-map address of a page frame. */
static inline uint64_t link_address(const struct link_rules *rules,
				    uint64_t pfn)
{
	return ((pfn << rules->page_shift) + rules->base) & rules->address_mask;
}

#endif
