/*
 * page_rules: what differs between the kernels' page allocators, as data.
 *
 * The code asks for a rule by name and never for a version.
 */
#ifndef REPLAY_PAGE_RULES_H
#define REPLAY_PAGE_RULES_H

#include "replay/page_alloc.h"

/* When a CPU that frees high orders in a row gives everything back. */
enum page_free_high_rule {
	FREE_HIGH_NEVER,
	FREE_HIGH_FACTOR,    /* it freed before without an allocation */
	FREE_HIGH_BATCH,     /* it freed a batch in a row */
	FREE_HIGH_HALF_HIGH, /* ... and half of high_min more */
};

struct page_rules {
	/* Three lists for huge pages, one per type; else movable and others. */
	bool pcp_thp_by_type;
	/* A drain goes round the lists with growing shares, else one by one. */
	bool pcp_drain_growing;
	/* Drains that no allocation interrupts double up to 32 batches (6.1.104
	 * on), else as far as high lets them. */
	bool pcp_drain_limited;
	/* Huge pages' lists hold pageblocks (up to 6.11); else what a middle
	 * table's entry maps. */
	bool pcp_thp_pageblock;
	/* high moves between high_min and high_max by demand (6.7 on). */
	bool pcp_auto_high;
	enum page_free_high_rule free_high;
	/* A page goes back to the list of its type when it was freed to the
	 * CPU's list; else to the type that its pageblock has by then. */
	bool type_kept_on_pcp;
	/* A merge of whole pageblocks gives both the freed one's type, and a
	 * free of several pageblocks is done block by block (6.10 on). */
	bool merge_retypes;
	/* Whole pageblocks of any two types merge (up to 5.15 isolation apart).
	 */
	bool merge_any_type;
	/* Fallback claims a whole pageblock or takes one page (6.15, 6.12.y).
	 */
	bool claim_or_steal;
	/* The high-atomic reserve is a hundredth of the zone at most, and nothing
	 * where that is less than a pageblock (6.8 on); else a pageblock more. */
	bool highatomic_hundredth;
	/* A right to half of min is none to the high-atomic reserve, which only
	 * urgent requests may count (5.15: ALLOC_HARDER). */
	bool highatomic_urgent_only;
	/* Orders of the per-CPU lists come from them or not at all, and nobody
	 * falls back to the high-atomic reserve: rmqueue() of 5.15. */
	bool highatomic_by_order;
	/* Only what is free of it is missing to others, not all of it. */
	bool highatomic_free_only;
	/* Compaction moves blocks of any order below the one that is wanted, not
	 * single pages only (6.10 on). */
	bool compacts_blocks;
	/* Pageblocks that begin with a free block of the wanted order are not
	 * filled; else only those that are free as a whole. */
	bool compact_spares_wanted;
	/* The min mark of a Movable zone is small, as HighMem's is. */
	bool movable_min_capped;
	/* __GFP_ATOMIC, not what is missing, makes a request urgent, and it
	 * reaches below min without __GFP_HIGH too. */
	bool harder_alone;
	/* Who cannot fail reaches as deep in the end as an urgent request, a
	 * quarter of min; else half of it. */
	bool nofail_is_urgent;
	/* __GFP_HIGH lets a single page ignore the boost of min (6.3 on); else
	 * __GFP_ATOMIC. */
	bool high_ignores_boost;
};

/*
 * pcp_allowed_order(): the order of the huge pages that have per-CPU lists in a
 * kernel that has them built in; 0 if no block is so large.
 */
uint32_t page_rules_thp_order(const struct page_alloc_config *config,
			      uint32_t page_size);

/* Up to 5.13 only single pages have per-CPU lists (free_unref_page()). */
bool page_rules_pcp_singles(int major, int minor);

/* Static storage; version must be below PAGE_VERSIONS. */
const struct page_rules *page_rules_of(enum page_version version);

#endif
