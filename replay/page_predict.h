/*
 * page_predict: which page the recorded kernel should have returned next, and
 * whether it did: a test of the rules that its lists are kept by.
 *
 * Per-CPU lists are followed from the events of their refills, frees and
 * drains; a list counts from its first refill on, because it was empty then.
 * The free areas are those of the books.
 *
 * Sources: mm/page_alloc.c, __rmqueue_pcplist(), free_unref_page_commit(),
 * rmqueue_bulk(), __rmqueue_smallest(), 5.15 to 6.18.
 */
#ifndef REPLAY_PAGE_PREDICT_H
#define REPLAY_PAGE_PREDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "replay/memory.h"
#include "replay/page_alloc.h"
#include "replay/pfn_table.h"

/* Blocks that were asked for, and those of them that came as predicted. */
struct page_predictions {
	uint64_t pcp, pcp_right;     /* allocations from per-CPU lists */
	uint64_t buddy, buddy_right; /* takes from the free areas */
};

struct predict_node;
struct predict_list;

struct page_predict {
	struct page_predictions counts;
	/* Private */
	struct page_alloc *pa; /* borrowed: the books' */
	struct memory memory;
	struct pfn_table on_list;     /* number of a node + 1 */
	struct pfn_table block_types; /* pageblock: type + 1, once seen */
	struct predict_node *nodes;
	struct predict_list *lists;
	size_t node_count, node_cap;
	uint32_t unused; /* list of nodes */
	uint32_t cpus;
	uint32_t block_order;
};

/* pa is the books'. ERR_NOMEM. */
MUST_CHECK int page_predict_init(struct page_predict *predict,
				 struct page_alloc *pa, uint32_t cpus,
				 const struct memory *memory);
/* A zeroed struct is allowed. */
void page_predict_fini(struct page_predict *predict);

/*
 * A page event in a zone, before the books enter it. Free blocks that the
 * books are shown to have on a wrong type's list are put right. ERR_NOMEM.
 */
MUST_CHECK int page_predict_feed(struct page_predict *predict,
				 const struct kmem_event *ev);

#endif
