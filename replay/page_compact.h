/*
 * page_compact: when compaction of a zone is worth it. Private to
 * replay/page_*.
 */
#ifndef REPLAY_PAGE_COMPACT_H
#define REPLAY_PAGE_COMPACT_H

#include "replay/page_slow.h"
#include "replay/page_walk.h"

/*
 * __compaction_suitable(): what compacting would meet with so many frames free.
 * SUCCESS: no need to; SKIPPED: no room; PARTIAL: it may help.
 */
enum page_compact_result compact_suits(const struct page_alloc *pa,
				       const struct page_zone *zone,
				       const struct page_request *req,
				       uint64_t free_pages);

/* compaction_deferred(): counts the request, and says whether to let it be. */
bool compact_is_deferred(struct page_zone *zone, uint32_t order);

/* defer_compaction(): it failed; the pause doubles. */
void compact_defer(struct page_zone *zone, uint32_t order);

/* compaction_defer_reset(): it helped; served: the request has its block. */
void compact_helped(struct page_zone *zone, uint32_t order, bool served);

#endif
