/*
 * page_books: where the recorded kernel's free pages were, event by event.
 *
 * Addresses come from the trace; nothing is decided here. Pages on per-CPU
 * lists and pages in the free areas are told apart by the events of their
 * crossing: mm_page_alloc_zone_locked (out of the free areas) and
 * mm_page_pcpu_drain (back into them). Until the first of these is seen,
 * freed pages count as gone to the free areas.
 *
 * Sources: mm/page_alloc.c, rmqueue_bulk(), free_pcppages_bulk(),
 * free_unref_page(), 5.15 to 6.18.
 */
#ifndef REPLAY_PAGE_BOOKS_H
#define REPLAY_PAGE_BOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "replay/page_alloc.h"
#include "replay/page_model.h"
#include "replay/pfn_table.h"

struct page_books {
	/*
	 * Pages that the events show elsewhere than the books had them, and
	 * that were put right: a CPU that could not take its list's lock goes
	 * straight to the free areas, without an event.
	 */
	uint64_t corrected_pages;
	/* Private */
	struct page_model *model; /* borrowed; its free areas are the books */
	struct page_alloc *pa;
	struct pfn_table pcp; /* order + 1 of a block on a per-CPU list */
	uint64_t pcp_pages;
	uint64_t pcp_unknown; /* on lists since before, place not known */
	bool crossings;	      /* the trace has those events */
	bool steals_unlocked; /* a steal has no zone_locked event (6.12 on) */
};

/* pcp_start: pages on per-CPU lists at the start. */
void page_books_init(struct page_books *books, struct page_model *model,
		     struct page_alloc *pa, uint64_t pcp_start,
		     bool steals_unlocked, const struct memory *memory);
void page_books_fini(struct page_books *books);

/* Enters a page event of any kind; others are ignored. ERR_NOMEM. */
MUST_CHECK int page_books_feed(struct page_books *books,
			       const struct kmem_event *ev);

/* Pages on per-CPU lists. */
static inline uint64_t page_books_pcp(const struct page_books *books)
{
	return books->pcp_pages + books->pcp_unknown;
}

void page_books_counts(const struct page_books *books,
		       struct page_counts *counts);

#endif
