/*
 * page_slow: what becomes of a request that the low watermark refuses.
 *
 * Glossary
 *   kswapd       reclaim in the background, up to the high watermark
 *   direct       ... by the request itself, which waits for it
 *   reclaim      taking back blocks that their owner can do without
 *   compaction   moving blocks to the zone's end, so that what is free at its
 *                start grows together; it frees nothing
 *   mark         what the owner allows to be done to a block in use
 *   OOM          out of memory: somebody is made to give up what he holds
 *
 * The way through these is __alloc_pages_slowpath()'s; the steps are a table
 * of functions, struct page_slow_policy. Every step is counted in struct
 * page_counters. What is not marked is never touched.
 *
 * Source: mm/page_alloc.c: __alloc_pages_slowpath(), should_reclaim_retry(),
 * should_compact_retry(); mm/compaction.c; mm/vmscan.c: balance_pgdat().
 */
#ifndef REPLAY_PAGE_SLOW_H
#define REPLAY_PAGE_SLOW_H

#include "replay/page_alloc.h"

enum page_mark {
	PAGE_MARK_MOVABLE = 1u << 0,	 /* its contents can be elsewhere */
	PAGE_MARK_RECLAIMABLE = 1u << 1, /* its contents can be given up */
};

/*
 * Marks 2^order frames in use, which become a block of their own. 0 takes the
 * marks away; so does a free. Reclaimable blocks are taken back oldest mark
 * first. ERR_USAGE if a frame is not in use, or for marks that do not exist.
 */
MUST_CHECK int page_mark(struct page_alloc *pa, uint64_t pfn, uint32_t order,
			 uint32_t marks);

/*
 * Who is told what happened to marked blocks. Members may be NULL. The
 * functions must not call the allocator, oom() excepted.
 */
struct page_owner {
	void *context;
	/* The block lies at to now, with its marks; from is free. */
	void (*moved)(void *context, uint64_t from, uint64_t to,
		      uint32_t order);
	/* The block is not the owner's any more, and free. */
	void (*reclaimed)(void *context, uint64_t pfn, uint32_t order);
	/* Gives memory up with page_free(); false if there was none to give. */
	bool (*oom)(void *context, const struct page_request *req);
};

/* In the order of enum compact_result, so that the largest tells most. */
enum page_compact_result {
	PAGE_COMPACT_SKIPPED,  /* too little is free to move anything to */
	PAGE_COMPACT_DEFERRED, /* it failed there not long ago */
	PAGE_COMPACT_COMPLETE, /* the whole zone was gone through, in vain */
	PAGE_COMPACT_PARTIAL,  /* a part of it was */
	PAGE_COMPACT_SUCCESS   /* there is such a block */
};

/* enum compact_priority: each does all that the one before does. */
enum page_compact_effort {
	PAGE_COMPACT_ASYNC, /* pageblocks of the request's type only */
	PAGE_COMPACT_LIGHT, /* from all pageblocks, to movable ones */
	PAGE_COMPACT_FULL   /* to all pageblocks, the whole zone, now */
};

/* The steps. A function that is NULL is a step that is left out. */
struct page_slow_policy {
	const char *name;
	/*
	 * The turn of a node's kswapd, after the request that woke it: the node
	 * is to be made fit for requests of that order that may use its zones
	 * up to highest, the most that anybody asked for since its last turn.
	 */
	void (*kswapd)(struct page_alloc *pa, uint32_t node, uint32_t order,
		       enum page_zone_kind highest);
	/* Makes a free block for the request in that zone, by moving others. */
	enum page_compact_result (*compact)(struct page_alloc *pa,
					    uint32_t zone,
					    const struct page_request *req,
					    enum page_compact_effort effort);
	/* Takes back about that many frames; returns how many it was. */
	uint64_t (*reclaim)(struct page_alloc *pa, uint32_t zone,
			    uint64_t frames);
	/* True if somebody gave memory up, so that to try again is worth it. */
	bool (*oom)(struct page_alloc *pa, const struct page_request *req);
	/*
	 * In the end a request that only watermarks refuse is served all the
	 * same, and counted in below_min.
	 */
	bool below_min;
};

/* As the kernel does it: the steps below, and failure if they do not help. */
extern const struct page_slow_policy page_slow_linux;

/*
 * For replays of what a kernel did, and the default. Its frees hold already
 * what its kswapd reclaimed, so here kswapd takes nothing back; and whatever
 * was served there is served here if it can be.
 */
extern const struct page_slow_policy page_slow_replay;

/* ---- The steps of page_slow_linux, for policies that want some of them ---- */

/*
 * balance_pgdat(): reclaims until one of these zones would pass such a request
 * at the high mark, and as much as their boosts are beyond; ends the boosts.
 * After 16 turns in vain it is not woken any more until somebody else
 * reclaimed something. Nothing is done where there is no such node, order or
 * zone.
 */
void page_kswapd_balance(struct page_alloc *pa, uint32_t node, uint32_t order,
			 enum page_zone_kind highest);

/* Only ends the boosts, as if the pages had been there. */
void page_kswapd_unboost(struct page_alloc *pa, uint32_t node, uint32_t order,
			 enum page_zone_kind highest);

/*
 * kswapd of that node is seen at work, so the node's per-CPU lists are kept short
 * (ZONE_RECLAIM_ACTIVE: set and cleared by balance_pgdat(), within which it
 * makes all its frees), until the next free above the high mark.
 */
void page_kswapd_seen(struct page_alloc *pa, uint32_t node);

/* compact_zone() */
enum page_compact_result page_compact_zone(struct page_alloc *pa, uint32_t zone,
					   const struct page_request *req,
					   enum page_compact_effort effort);

/* shrink_node(): oldest marks first, each block told to the owner. */
uint64_t page_reclaim_zone(struct page_alloc *pa, uint32_t zone,
			   uint64_t frames);

/* out_of_memory(): asks the owner. */
bool page_oom_owner(struct page_alloc *pa, const struct page_request *req);

#endif
