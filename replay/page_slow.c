/*
 * The slow path: one step after the other until one helps.
 *
 *   low mark refused -> kswapd is woken -> min mark, with the request's rights
 *     -> compaction first, if the order is high or spoils pageblocks
 *     +> reclaim -> reserve opened, per-CPU lists emptied -> compaction -+
 *     |    again, while it makes headway (16 times without)              |
 *     +------------------------------------------------------------------+
 *     -> OOM, and again if somebody gave up memory; the whole reserve for who
 *        cannot fail
 *     -> failure; or below the min mark, where the policy says so
 *
 * Requests that must not wait (PAGE_REQ_NONBLOCK) and those from within reclaim
 * (PAGE_REQ_MEMALLOC) leave before the loop. All loops end: each turn
 * takes something back, of which there is an end, or counts as vain.
 */
#include "core/rare.h"
#include "replay/page_compact.h"
#include "replay/page_highatomic.h"
#include "replay/page_kswapd.h"
#include "replay/page_slow.h"

/* MAX_RECLAIM_RETRIES, MAX_COMPACT_RETRIES, SWAP_CLUSTER_MAX */
enum { RECLAIM_RETRIES = 16, COMPACT_RETRIES = 16, RECLAIM_BATCH = 32 };
/* What lasts when other rights take the place of a request's own. */
enum { ALLOC_LASTING = ALLOC_CMA | ALLOC_NO_KSWAPD };
/* So many times somebody may give up memory for one request. */
enum { OOM_MAX = 1000 };

const struct page_slow_policy page_slow_linux = {
    .name = "linux",
    .kswapd = page_kswapd_balance,
    .compact = page_compact_zone,
    .reclaim = page_reclaim_zone,
    .oom = page_oom_owner,
};

const struct page_slow_policy page_slow_replay = {
    .name = "replay",
    .kswapd = page_kswapd_unboost,
    .compact = page_compact_zone,
    .reclaim = page_reclaim_zone,
    .oom = page_oom_owner,
    .below_min = true,
};

/* One request on its way. */
struct slow {
	struct page_alloc *pa;
	struct page_walk *walk;
	uint64_t *pfn;
	enum page_compact_result compacted;
	enum page_compact_effort effort;
	uint32_t compact_retries, vain, ooms;
	uint64_t progress; /* frames that the last reclaim brought */
};

static bool is_costly(const struct page_request *req)
{
	return req->order > PCP_COSTLY_ORDER;
}

static bool may_wait(const struct page_request *req)
{
	return !(req->flags & PAGE_REQ_NONBLOCK);
}

/* Whether it may wait is another question: 5.15's GFP_NOWAIT is not urgent. */
static bool is_urgent(const struct page_alloc *pa,
		      const struct page_request *req)
{
	return req->flags &
	       (pa->rules->harder_alone ? PAGE_REQ_HARDER : PAGE_REQ_NONBLOCK);
}

/* gfp_compaction_allowed() */
static bool may_compact(const struct page_request *req)
{
	return req->order && !(req->flags & PAGE_REQ_NOIO);
}

/* __gfp_pfmemalloc_flags() */
static bool ignores_watermarks(const struct page_request *req)
{
	return (req->flags & (PAGE_REQ_MEMALLOC | PAGE_REQ_NOMEMALLOC)) ==
	       PAGE_REQ_MEMALLOC;
}

/*
 * Memory policies bind users: not who is urgent (who has no ALLOC_CPUSET), nor
 * who has the reserves.
 */
static bool ignores_policy(const struct page_alloc *pa,
			   const struct page_request *req)
{
	return ignores_watermarks(req) ||
	       (is_urgent(pa, req) &&
		(pa->rules->harder_alone || req->flags & PAGE_REQ_HIGH));
}

uint32_t walk_slow_flags(const struct page_alloc *pa,
			 const struct page_request *req)
{
	uint32_t flags = req->flags & ALLOC_NO_KSWAPD;

	if (req->flags & PAGE_REQ_HIGH)
		flags |= ALLOC_MIN_RESERVE;
	if (req->flags & PAGE_REQ_HARDER)
		flags |= ALLOC_ATOMIC;
	if (is_urgent(pa, req) && !(req->flags & PAGE_REQ_NOMEMALLOC)) {
		flags |= ALLOC_NON_BLOCK;
		if (req->order &&
		    (flags & ALLOC_MIN_RESERVE || pa->rules->harder_alone))
			flags |= ALLOC_HIGHATOMIC;
	}
	return flags | walk_cma_flag(pa, req);
}

/* wake_all_kswapds(): each node's, where its zones begin in the list. */
static void wake_kswapds(struct page_alloc *pa, const struct page_walk *walk)
{
	uint32_t last = PAGE_NODES_MAX;
	bool woken = false;

	if (walk->req->flags & PAGE_REQ_NOKSWAPD)
		return;
	for (uint32_t i = 0; i < walk->list->count; i++) {
		const struct page_zone *zone = &pa->zones[walk->list->zones[i]];

		if (zone->node == last || !walk_allows(walk, zone))
			continue;
		last = zone->node;
		woken |=
		    kswapd_wake(pa, last, walk->req->order, walk->req->zone);
	}
	pa->counters.kswapd_wakes += woken;
}

/* try_to_compact_pages() */
static enum page_compact_result compact_zones(struct slow *slow,
					      enum page_compact_effort effort)
{
	enum page_compact_result best = PAGE_COMPACT_SKIPPED;
	const struct page_walk *walk = slow->walk;
	struct page_alloc *pa = slow->pa;

	for (uint32_t i = 0; i < walk->list->count; i++) {
		struct page_zone *zone = &pa->zones[walk->list->zones[i]];
		uint32_t order = walk->req->order;
		enum page_compact_result result;

		if (!walk_allows(walk, zone))
			continue;
		if (effort < PAGE_COMPACT_FULL &&
		    compact_is_deferred(zone, order)) {
			pa->counters.compact_deferred++;
			result = PAGE_COMPACT_DEFERRED;
		} else {
			result =
			    pa->slow->compact(pa, zone->id, walk->req, effort);
		}
		if (result > best)
			best = result;
		if (result == PAGE_COMPACT_SUCCESS) {
			compact_helped(zone, order, false);
			break;
		}
		if (effort != PAGE_COMPACT_ASYNC &&
		    result >= PAGE_COMPACT_COMPLETE)
			compact_defer(zone, order);
	}
	return best;
}

/* __alloc_pages_direct_compact() */
static bool direct_compact(struct slow *slow, enum page_compact_effort effort)
{
	struct page_alloc *pa = slow->pa;

	slow->compacted = PAGE_COMPACT_SKIPPED;
	if (!pa->slow->compact || !may_compact(slow->walk->req))
		return false;
	slow->compacted = compact_zones(slow, effort);
	if (slow->compacted == PAGE_COMPACT_SKIPPED)
		return false;
	pa->counters.compact_stalls++;
	if (!walk_take(pa, slow->walk, slow->pfn)) {
		pa->counters.compact_fails++;
		return false;
	}
	compact_helped(zone_at(pa, *slow->pfn), slow->walk->req->order, true);
	pa->counters.compact_successes++;
	return true;
}

/* __alloc_pages_direct_reclaim() */
static bool direct_reclaim(struct slow *slow)
{
	const struct page_walk *walk = slow->walk;
	struct page_alloc *pa = slow->pa;

	slow->progress = 0;
	if (!pa->slow->reclaim)
		return false;
	pa->counters.reclaim_stalls++;
	for (uint32_t i = 0;
	     i < walk->list->count && slow->progress < RECLAIM_BATCH; i++) {
		struct page_zone *zone = &pa->zones[walk->list->zones[i]];

		if (walk_allows(walk, zone))
			slow->progress += pa->slow->reclaim(
			    pa, zone->id, RECLAIM_BATCH - slow->progress);
	}
	if (!slow->progress)
		return false;
	if (walk_take(pa, slow->walk, slow->pfn))
		return true;
	/* They may be on the lists of other CPUs, or in the reserve. */
	highatomic_unreserve(pa, walk, false);
	pa->counters.drain_alls++;
	page_pcp_drain_all(pa);
	return walk_take(pa, slow->walk, slow->pfn);
}

/* should_reclaim_retry() */
static bool reclaim_again(struct slow *slow)
{
	const struct page_walk *walk = slow->walk;
	struct page_alloc *pa = slow->pa;

	if (slow->progress && !is_costly(walk->req))
		slow->vain = 0;
	else
		slow->vain++;
	for (uint32_t i = 0;
	     i < walk->list->count && slow->vain <= RECLAIM_RETRIES; i++) {
		const struct page_zone *zone = &pa->zones[walk->list->zones[i]];

		if (walk_allows(walk, zone) &&
		    watermark_ok_with(pa, zone, walk->req->order,
				      watermark_pages(zone, ALLOC_WMARK_MIN),
				      walk->req->zone, walk->flags,
				      zone->free_pages +
					  zone->reclaimable_pages))
			return true;
	}
	return highatomic_unreserve(pa, walk, true);
}

/* compaction_zonelist_suitable(): would it have room after some reclaim? */
static bool reclaim_makes_room(const struct slow *slow)
{
	const struct page_walk *walk = slow->walk;

	for (uint32_t i = 0; i < walk->list->count; i++) {
		const struct page_zone *zone =
		    &slow->pa->zones[walk->list->zones[i]];
		uint64_t available = zone->free_pages +
				     zone->reclaimable_pages / walk->req->order;

		if (walk_allows(walk, zone) &&
		    compact_suits(slow->pa, zone, walk->req, available) ==
			PAGE_COMPACT_PARTIAL)
			return true;
	}
	return false;
}

/* should_compact_retry(): more effort, after enough tries with less. */
static bool compact_again(struct slow *slow)
{
	bool costly = is_costly(slow->walk->req);

	if (!may_compact(slow->walk->req))
		return false;
	if (slow->compacted == PAGE_COMPACT_SKIPPED)
		return reclaim_makes_room(slow);
	if (slow->compacted == PAGE_COMPACT_SUCCESS &&
	    slow->compact_retries++ <
		(uint32_t)(costly ? COMPACT_RETRIES / 4 : COMPACT_RETRIES))
		return true;
	if (slow->effort == (costly ? PAGE_COMPACT_LIGHT : PAGE_COMPACT_FULL))
		return false;
	slow->effort++;
	slow->compact_retries = 0;
	return true;
}

bool page_oom_owner(struct page_alloc *pa, const struct page_request *req)
{
	return pa->owner && pa->owner->oom &&
	       pa->owner->oom(pa->owner->context, req);
}

/* __alloc_pages_cpuset_fallback(): these rights only, not CMA's either. */
static bool take_with(struct slow *slow, uint32_t flags)
{
	uint32_t kept = slow->walk->flags;
	bool taken;

	slow->walk->flags = flags;
	taken = walk_take(slow->pa, slow->walk, slow->pfn);
	slow->walk->flags = kept;
	return taken;
}

/*
 * __alloc_pages_may_oom(): nobody is made to suffer for what can do without;
 * who cannot fail has all of the reserve. *again: somebody gave up memory.
 */
static bool out_of_memory(struct slow *slow, bool *again)
{
	const struct page_request *req = slow->walk->req;
	struct page_alloc *pa = slow->pa;

	*again = false;
	if (is_costly(req) || req->zone < PAGE_ZONE_NORMAL ||
	    req->flags & (PAGE_REQ_RETRY_MAYFAIL | PAGE_REQ_THISNODE) ||
	    slow->ooms++ >= OOM_MAX)
		return false;
	if (pa->slow->oom) {
		pa->counters.ooms++;
		*again = pa->slow->oom(pa, req);
	}
	if (*again)
		slow->vain = 0;
	return req->flags & PAGE_REQ_NOFAIL &&
	       take_with(slow, ALLOC_NO_WATERMARKS);
}

/* What who cannot fail has in the end, if not all of the reserve. */
static uint32_t nofail_flags(const struct page_alloc *pa,
			     const struct page_request *req)
{
	if (!pa->rules->nofail_is_urgent)
		return ALLOC_MIN_RESERVE;
	return ALLOC_NON_BLOCK | (req->order ? ALLOC_HIGHATOMIC : 0);
}

/* The loop from "retry:" to "nopage:". */
static bool retry_loop(struct slow *slow)
{
	const struct page_request *req = slow->walk->req;
	bool again;

	/* In place of all other rights: not the high-atomic reserve. */
	if (ignores_watermarks(req))
		slow->walk->flags =
		    ALLOC_NO_WATERMARKS | (slow->walk->flags & ALLOC_LASTING);
	if (ignores_policy(slow->pa, req))
		walk_bind(slow->pa, slow->walk, 0);
	for (;;) {
		if (walk_take(slow->pa, slow->walk, slow->pfn))
			return true;
		if (!may_wait(req) || ignores_watermarks(req))
			return false;
		if (direct_reclaim(slow) || direct_compact(slow, slow->effort))
			return true;
		if (req->flags & PAGE_REQ_NORETRY ||
		    (is_costly(req) &&
		     (!may_compact(req) ||
		      !(req->flags & PAGE_REQ_RETRY_MAYFAIL))))
			return false;
		if (reclaim_again(slow) ||
		    (slow->progress && compact_again(slow))) {
			slow->pa->counters.slow_retries++;
			continue;
		}
		if (out_of_memory(slow, &again))
			return true;
		if (!again)
			return false;
	}
}

/* What is there is given, whatever the marks say and whoever it is kept for. */
static bool last_resort(struct page_alloc *pa, struct page_walk *walk,
			uint64_t *pfn)
{
	walk->flags = ALLOC_NO_WATERMARKS | ALLOC_LAST_RESORT |
		      (walk->flags & ALLOC_LASTING);
	if (!walk_take(pa, walk, pfn)) {
		/* What other CPUs hold may be, or merge to, what is needed. */
		pa->counters.drain_alls++;
		page_pcp_drain_all(pa);
		if (!walk_take(pa, walk, pfn))
			return false;
	}
	pa->counters.below_min += !ignores_watermarks(walk->req);
	return true;
}

RARE bool slow_take(struct page_alloc *pa, struct page_walk *walk,
		    uint64_t *pfn)
{
	const struct page_request *req = walk->req;
	struct slow slow = {
	    .pa = pa, .walk = walk, .pfn = pfn, .effort = PAGE_COMPACT_LIGHT};
	bool compact_first = is_costly(req) || walk->type != PAGE_MOVABLE;

	pa->counters.slow++;
	wake_kswapds(pa, walk);
	walk->mark = ALLOC_WMARK_MIN;
	walk->flags = walk_slow_flags(pa, req);
	if (walk_take(pa, walk, pfn))
		return true;
	if (compact_first && may_wait(req) && may_compact(req) &&
	    !ignores_watermarks(req)) {
		if (direct_compact(&slow, PAGE_COMPACT_ASYNC))
			return true;
		if (is_costly(req) && req->flags & PAGE_REQ_NORETRY &&
		    (slow.compacted <= PAGE_COMPACT_DEFERRED ||
		     req->flags & PAGE_REQ_THISNODE))
			return pa->slow->below_min &&
			       last_resort(pa, walk, pfn);
		if (is_costly(req) && req->flags & PAGE_REQ_NORETRY)
			slow.effort = PAGE_COMPACT_ASYNC;
	}
	if (retry_loop(&slow))
		return true;
	/* For whom OOM is not called may reach some way into the reserve. */
	if (req->flags & PAGE_REQ_NOFAIL && may_wait(req) &&
	    take_with(&slow, nofail_flags(pa, req)))
		return true;
	return pa->slow->below_min && last_resort(pa, walk, pfn);
}
