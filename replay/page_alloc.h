/*
 * page_alloc: Linux's page allocator outside the kernel.
 *
 * Glossary
 *   frame        one base page of physical memory, named by its pfn; its size
 *                (4K, 16K, 64K) never matters here, everything counts frames
 *   block        2^order frames, naturally aligned; every frame belongs to
 *                exactly one block, which is in use, free, or on a per-CPU list
 *   buddy        the other half of the block of the next order
 *   node, zone   memory near some CPUs; a contiguous range of its frames
 *   migratetype  how movable the contents are; free blocks are kept apart by it
 *   pageblock    2^pageblock_order frames that share one migratetype
 *   free area    the free blocks of one zone and order: a list per migratetype
 *
 *   pcp          a CPU's own lists of free pages of a zone
 *
 *   fallback     taking a block from another migratetype's list; "steal" takes
 *                pages, "claim" makes the whole pageblock one's own
 *
 *   watermark    how many pages must stay free for a request to pass
 *
 * Source: mm/page_alloc.c, include/linux/mmzone.h of Linux 5.15, 6.1, 6.12 and
 * 6.18; enum page_version chooses. What differs is in replay/page_rules.c.
 *
 * Memory comes from the caller, once: page_alloc_meta_size(),
 * page_alloc_init(). No call allocates, prints or asserts on what it is given.
 * Not thread-safe.
 */
#ifndef REPLAY_PAGE_ALLOC_H
#define REPLAY_PAGE_ALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

enum {
	PAGE_ORDER_MAX = 15, /* largest max_order */
	PAGE_ORDERS = PAGE_ORDER_MAX + 1,
	PAGE_ZONES_MAX = 256, /* nodes × zones */
	PAGE_NODES_MAX = 64,
	PAGE_CPUS_MAX = 4096,
	PAGE_NODE_LOCAL = -1,	 /* the node of the requesting CPU */
	PAGE_TYPE_OF_BLOCK = -1, /* the migratetype of the pageblock */
};

/* As in the kernel's enum zone_type; a request may use its zone and below. */
enum page_zone_kind {
	PAGE_ZONE_DMA,
	PAGE_ZONE_DMA32,
	PAGE_ZONE_NORMAL,
	PAGE_ZONE_HIGHMEM,
	PAGE_ZONE_MOVABLE,
	PAGE_ZONE_KINDS
};

/* As in the kernel's enum migratetype. */
enum page_migratetype {
	PAGE_UNMOVABLE,
	PAGE_MOVABLE,
	PAGE_RECLAIMABLE,
	PAGE_PCPTYPES, /* types with per-CPU lists, and with fallbacks */
	PAGE_HIGHATOMIC = PAGE_PCPTYPES,
	PAGE_CMA,
	PAGE_ISOLATE,
	PAGE_MIGRATETYPES
};

/* Which kernel's rules apply. */
enum page_version {
	PAGE_VERSION_5_15,
	PAGE_VERSION_6_1,
	PAGE_VERSION_6_12,
	PAGE_VERSION_6_18,
	PAGE_VERSIONS
};

/* The version whose rules are nearest below or at that kernel's. */
enum page_version page_version_of(int major, int minor);

/*
 * One zone, in any order; the ranges of two zones must not overlap. A zone
 * with spanned 0 exists in the kernel's build but holds no memory: it decides
 * which zone a gfp mask means and is otherwise skipped.
 */
struct page_zone_config {
	uint32_t node;
	enum page_zone_kind kind;
	uint64_t start_pfn, spanned; /* frames */
	uint64_t managed;	     /* frames, for the boost and the reserve */
	uint64_t wmark_min, wmark_low, wmark_high, boost; /* frames */
	/*
	 * Frames kept from requests that may use that higher zone. zoneinfo's
	 * "protection" has one number per zone that it lists for a node.
	 */
	uint64_t lowmem_reserve[PAGE_ZONE_KINDS];
	/*
	 * Per-CPU lists, in frames. Up to 6.6 pcp_high_min is the one "high"
	 * and pcp_high_max equals it. Small zones have a pcp_high_min above
	 * their pcp_high_max: then the latter counts. pcp_batch 0: no per-CPU
	 * lists.
	 */
	uint32_t pcp_batch, pcp_high_min, pcp_high_max;
};

struct page_slow_policy;
struct page_owner;

struct page_alloc_config {
	enum page_version version;
	uint32_t max_order;	  /* largest order, inclusive: 10 on x86-64 */
	uint32_t pageblock_order; /* at most max_order */
	/* Order of the huge pages that have per-CPU lists; 0: none. */
	uint32_t thp_order;
	/* Per-CPU lists hold single pages only: page_rules_pcp_singles(). */
	bool pcp_singles;
	uint32_t cpu_count;	  /* 0: no per-CPU lists */
	const uint16_t *cpu_node; /* cpu_count elements; NULL: all on node 0 */
	/* The CPU's share of data cache holds more than 3 batches (6.7 on). */
	bool free_high_batch;
	/* False where a machine is too small to group pages by mobility. */
	bool group_by_mobility;
	/*
	 * The slow path's steps (replay/page_slow.h), kept by the caller as
	 * long as the allocator; NULL: page_slow_replay.
	 */
	const struct page_slow_policy *slow;
	/* Who is told of moved and reclaimed blocks; as above, NULL: nobody. */
	const struct page_owner *owner;
	/* vm.watermark_boost_factor, in 1/10000 of high; the kernel's: 15000 */
	uint32_t watermark_boost_factor;
	const struct page_zone_config *zones; /* read by init only */
	uint32_t zone_count;
};

struct page_alloc;

/*
 * Bytes that page_alloc_init() needs for the configuration: about 10 per frame.
 * 0 if the configuration is not valid; page_alloc_init() says why.
 */
size_t page_alloc_meta_size(const struct page_alloc_config *config);

/*
 * Builds the allocator in mem (aligned for any type, size bytes), which the
 * caller owns and keeps until it is done; nothing has to be freed. Every frame
 * counts as in use, every pageblock is movable: free or seed what is free.
 * ERR_USAGE or ERR_LIMIT with the reason in err: an order above PAGE_ORDER_MAX,
 * no zone with memory, overlapping zones, two zones of one kind on one node,
 * a size too small, ...
 */
MUST_CHECK int page_alloc_init(struct page_alloc **pa,
			       const struct page_alloc_config *config,
			       void *mem, size_t size, struct err *err);

/* ---- Requests ---- */

enum page_request_flag {
	PAGE_REQ_HIGH = 1u << 0,       /* __GFP_HIGH: may use half of min */
	PAGE_REQ_NONBLOCK = 1u << 1,   /* no direct reclaim: a quarter more */
	PAGE_REQ_NOMEMALLOC = 1u << 2, /* never the reserves */
	PAGE_REQ_MEMALLOC = 1u << 3,   /* no watermark holds it back */
	PAGE_REQ_THISNODE = 1u << 4,   /* that node or none */
	PAGE_REQ_NORETRY = 1u << 5,    /* rather fail than try long */
	PAGE_REQ_RETRY_MAYFAIL = 1u << 6, /* try long, but kill nobody */
	PAGE_REQ_NOFAIL = 1u << 7,	  /* the reserve rather than failure */
	PAGE_REQ_NOKSWAPD = 1u << 8,	  /* leave kswapd asleep */
	PAGE_REQ_NOIO = 1u << 9,	  /* no I/O, so no compaction */
	/* __GFP_ATOMIC, up to 6.2, with NONBLOCK: it lets a page ignore the
	 * boost; in 5.15 it, not NONBLOCK, gives the quarter more. */
	PAGE_REQ_HARDER = 1u << 10,
};

struct page_request {
	uint32_t order;
	enum page_migratetype migratetype; /* below PAGE_PCPTYPES */
	enum page_zone_kind zone;	   /* highest zone it may use */
	uint32_t flags;			   /* enum page_request_flag */
	uint32_t cpu;
	int32_t node;	   /* PAGE_NODE_LOCAL or a node */
	uint64_t nodemask; /* bit n: node n is allowed; 0: all are */
};

/*
 * Takes 2^order frames; *pfn is the first. ERR_NOMEM: there is no such block.
 * ERR_USAGE: an order, type, zone, CPU or node that does not exist. Both are
 * counted. What the watermarks refuse goes the slow path of the configuration's
 * policy. Under the default one a request that only they refuse is served all
 * the same (counters.below_min), because the kernel that was recorded found a
 * way.
 */
MUST_CHECK int page_alloc_pages(struct page_alloc *pa,
				const struct page_request *req, uint64_t *pfn);

/*
 * Gives back 2^order frames at pfn, as that CPU. They may be a part of the
 * block that was allocated, or several such blocks. ERR_USAGE, counted as
 * bad_frees, if a frame is not in use (double free), lies outside the zones,
 * or pfn is not aligned to the order: nothing is freed then.
 */
MUST_CHECK int page_free(struct page_alloc *pa, uint64_t pfn, uint32_t order,
			 uint32_t cpu);

/*
 * What the kernel's vmstat worker does on one CPU every second: high limits
 * that grew decay (6.7 on); lists of remote nodes' zones are emptied by one
 * batch after three idle ticks.
 */
void page_pcp_tick(struct page_alloc *pa, uint32_t cpu);

/*
 * What "high" of a CPU's list is just now, where the version lets it move (6.7
 * on; it then lies between pcp_high_min and pcp_high_max, whatever is said).
 * Nothing is done where there is no such list, or high stays.
 */
void page_pcp_set_high(struct page_alloc *pa, uint32_t zone, uint32_t cpu,
		       uint32_t high);

/* Empties all per-CPU lists into the free areas (drain_all_pages()). */
void page_pcp_drain_all(struct page_alloc *pa);

/* ---- A warm start ---- */

/*
 * Sets the migratetype of the pageblock that holds pfn. With move_free its
 * free blocks follow to that type's lists (as when it is claimed).
 */
MUST_CHECK int page_block_set_type(struct page_alloc *pa, uint64_t pfn,
				   int migratetype, bool move_free);
/* The type of pfn's pageblock; ERR_USAGE outside the zones. */
int page_block_type(const struct page_alloc *pa, uint64_t pfn);

/*
 * Makes a block free that was in use, at the tail of its list, so that lists
 * keep the order of the calls. migratetype: PAGE_TYPE_OF_BLOCK, or the list.
 */
MUST_CHECK int page_alloc_seed_free(struct page_alloc *pa, uint64_t pfn,
				    uint32_t order, int migratetype);

/*
 * Puts an in-use block onto the tail of that CPU's list. The snapshot files
 * tell how many pages those lists hold, not which. ERR_USAGE: a page of it is
 * not in use, or there is no such list.
 */
MUST_CHECK int page_alloc_seed_pcp(struct page_alloc *pa, uint64_t pfn,
				   uint32_t order, int migratetype,
				   uint32_t cpu);

/* ---- Recorded addresses ---- */

/*
 * Takes exactly these frames out of the free areas wherever they lie; blocks
 * around them are split and the rest stays on its list. Frames that are not
 * free stay as they are. *taken: how many came; less than 2^order means that
 * the books and the trace disagree, or that they were on a per-CPU list.
 * migratetype says what the owner is, as a request's; it may be
 * PAGE_TYPE_OF_BLOCK where it is not known.
 */
MUST_CHECK int page_take(struct page_alloc *pa, uint64_t pfn, uint32_t order,
			 int migratetype, uint64_t *taken);

/*
 * Makes free whatever of these frames is in use, and coalesces; *put: how many
 * were. migratetype as for page_alloc_seed_free().
 */
MUST_CHECK int page_put(struct page_alloc *pa, uint64_t pfn, uint32_t order,
			int migratetype, uint64_t *put);

/*
 * What a fallback of the recorded kernel did before it took anything: the free
 * block of that order at pfn, with its pageblock's other free blocks if the
 * rules say so, is on that type's lists; with claimed its pageblocks have that
 * type. Blocks that are not free stay as they are. ERR_USAGE: no such order,
 * place or type.
 */
MUST_CHECK int page_fell_back(struct page_alloc *pa, uint64_t pfn,
			      uint32_t order, int migratetype, bool claimed);

/*
 * Takes the free block that starts at pfn, all of it, as compaction does: a block
 * of half a pageblock or more makes its pageblocks movable. *order: its order.
 * ERR_NOMEM if the zone would fall below its min watermark, ERR_USAGE if no
 * free block starts there. Source: mm/page_alloc.c, __isolate_free_page().
 */
MUST_CHECK int page_isolate(struct page_alloc *pa, uint64_t pfn,
			    uint32_t *order);

/*
 * Moves the free block that holds pfn to the head of another type's list.
 * ERR_USAGE if pfn is not free or there is no such type.
 */
MUST_CHECK int page_move_free(struct page_alloc *pa, uint64_t pfn,
			      int migratetype);

/* ---- What there is ---- */

/* Counts since the start; seeding is not counted. */
struct page_counters {
	uint64_t allocs, frees; /* requests served, calls that freed */
	uint64_t alloc_pages, free_pages; /* frames of these */
	uint64_t failures;		  /* requests with no memory for them */
	uint64_t bad_requests;		  /* impossible ones */
	uint64_t bad_frees;		  /* refused frees */
	uint64_t splits;		  /* halvings of a block */
	uint64_t merges;		  /* two buddies made one */
	uint64_t refills, refilled;	  /* of per-CPU lists; frames */
	uint64_t drains, drained;	  /* of per-CPU lists; frames */
	uint64_t pcp_hits;		  /* requests served without a refill */
	uint64_t fallbacks;		  /* extfrag events */
	uint64_t claims;		  /* pageblocks retyped by fallbacks */
	uint64_t moved_pages; /* free pages that changed lists with them */
	uint64_t boosts;      /* raises of a zone's watermark boost */
	uint64_t slow;	      /* requests that failed the low watermark */
	uint64_t below_min;   /* served although min refused them */
	uint64_t drain_alls;  /* all lists emptied for want of memory */
	uint64_t remote;      /* served by another node than asked for */
	uint64_t retypes;     /* pageblocks retyped by a merge (6.10 on) */
	/* High-atomic pageblocks set aside, and opened again. */
	uint64_t highatomic_reserved, highatomic_unreserved;
	/* The slow path's steps, as vmstat has them (replay/page_slow.h). */
	uint64_t kswapd_wakes;	   /* requests that woke it */
	uint64_t kswapd_reclaimed; /* frames */
	uint64_t reclaim_stalls;   /* requests that reclaimed: allocstall */
	uint64_t reclaimed;	   /* frames, kswapd's among them */
	uint64_t compact_stalls;   /* requests that compacted ... */
	uint64_t compact_successes, compact_fails; /* ... and got it, or not */
	uint64_t compact_deferred; /* zones left out for a recent failure */
	uint64_t compact_moved;	   /* frames: pgmigrate_success */
	uint64_t slow_retries;	   /* turns of the loop after the first */
	uint64_t ooms;		   /* OOM was called for */
};

const struct page_counters *page_alloc_counters(const struct page_alloc *pa);

struct page_zone_info {
	uint32_t node;
	enum page_zone_kind kind;
	uint64_t start_pfn, spanned, managed;
	uint64_t wmark_min, wmark_low, wmark_high, boost;
	uint64_t free_pages;  /* in the free areas */
	uint64_t pcp_pages;   /* on all per-CPU lists */
	uint64_t reclaimable; /* in blocks that are marked so */
	uint32_t order_count; /* orders 0 .. order_count - 1 */
	uint64_t free_blocks[PAGE_MIGRATETYPES][PAGE_ORDERS];
	uint64_t free_blocks_any[PAGE_ORDERS]; /* their sum over the types */
};

/* Zones as in the configuration, in its order. */
uint32_t page_zone_count(const struct page_alloc *pa);
/* ERR_USAGE if there is no such zone. */
MUST_CHECK int page_zone_info(const struct page_alloc *pa, uint32_t zone,
			      struct page_zone_info *info);
/*
 * The block that a take of that order and type would come from: the first of
 * the smallest order that has one. False if that type has none.
 */
bool page_peek(const struct page_alloc *pa, uint32_t zone, uint32_t order,
	       int migratetype, uint64_t *pfn, uint32_t *found_order);
/* Order of a pageblock. */
uint32_t page_block_order(const struct page_alloc *pa);
/* True if blocks of that order go through the CPUs' own lists. */
bool page_is_listed(const struct page_alloc *pa, uint32_t order);
/* The zone that holds pfn, or ERR_USAGE. */
int page_zone_of(const struct page_alloc *pa, uint64_t pfn);
/* Pageblocks of each type (whole and partial ones). ERR_USAGE: no such zone. */
MUST_CHECK int page_zone_blocks(const struct page_alloc *pa, uint32_t zone,
				uint64_t count[PAGE_MIGRATETYPES]);
/* Frames on one CPU's lists of a zone; 0 if there is no such CPU or zone. */
uint32_t page_pcp_count(const struct page_alloc *pa, uint32_t zone,
			uint32_t cpu);
/* Frames on the per-CPU lists of all zones. */
uint64_t page_pcp_total(const struct page_alloc *pa);
/* Free frames of all zones, per-CPU lists not included (as in vmstat). */
uint64_t page_free_total(const struct page_alloc *pa);

enum page_use {
	PAGE_USE_OUTSIDE,
	PAGE_USE_IN_USE,
	PAGE_USE_FREE,
	PAGE_USE_PCP
};

/*
 * What a frame is now, and the block it belongs to: *head its first pfn,
 * *order its order (both may be NULL; not set for PAGE_USE_OUTSIDE).
 */
enum page_use page_lookup(const struct page_alloc *pa, uint64_t pfn,
			  uint64_t *head, uint32_t *order);

/*
 * Recomputes every counter and every list from the frames and compares, for
 * tests: O(frames). ERR_FORMAT with the first difference in err.
 */
MUST_CHECK int page_alloc_check(const struct page_alloc *pa, struct err *err);

#endif
