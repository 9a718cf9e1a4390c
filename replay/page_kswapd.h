/*
 * page_kswapd: who wakes the nodes' reclaim in the background, and when it has
 * done enough. Private to replay/page_*.
 *
 * A node has one kswapd, whatever zones it has. What it is woken for waits until
 * its turn, which comes after the request (or the fallback's boost) that woke
 * it: the largest order and the highest zone of all that asked meanwhile. What
 * it does then is the policy's (replay/page_slow.h).
 */
#ifndef REPLAY_PAGE_KSWAPD_H
#define REPLAY_PAGE_KSWAPD_H

#include "replay/page_state.h"

/*
 * wakeup_kswapd(): for requests of that order that may use zones up to highest.
 * False, and it stays asleep, where the node is balanced and not boosted, or
 * where it has long reclaimed in vain. Awake, it keeps per-CPU lists short.
 */
bool kswapd_wake(struct page_alloc *pa, uint32_t node, uint32_t order,
		 enum page_zone_kind highest);

/* Lets those that are awake have their turn. */
void kswapd_run(struct page_alloc *pa);

/*
 * pgdat_balanced(): one of the node's zones up to highest would pass such a
 * request at the high mark, without a right to reserves.
 */
bool kswapd_balanced(const struct page_alloc *pa, uint32_t node, uint32_t order,
		     enum page_zone_kind highest);

#endif
