#include "replay/page_mempolicy.h"

#include "replay/page_state.h"

/* policy_zone: the highest with memory, those for movable pages apart. */
static enum page_zone_kind policy_zone(const struct page_alloc *pa,
				       uint64_t nodes)
{
	enum page_zone_kind highest = PAGE_ZONE_DMA;
	bool ordinary = false;

	for (uint32_t i = 0; i < pa->populated; i++) {
		const struct page_zone *zone = &pa->zones[pa->by_pfn[i]];

		if (zone->kind == PAGE_ZONE_MOVABLE)
			continue;
		ordinary |= nodes >> zone->node & 1;
		if (zone->kind > highest)
			highest = zone->kind;
	}
	/* Nodes with movable memory only cannot bind anything else. */
	return ordinary ? highest : PAGE_ZONE_MOVABLE;
}

/* The node after the last turn's, round the mask. */
static uint32_t next_turn(struct page_mempolicy *policy)
{
	uint64_t later = 0;

	if (policy->turn < PAGE_NODES_MAX)
		later = policy->nodes >> policy->turn << policy->turn;
	policy->turn =
	    (uint32_t)__builtin_ctzll(later ? later : policy->nodes) + 1;
	return policy->turn - 1;
}

int page_mempolicy_apply(const struct page_alloc *pa,
			 struct page_mempolicy *policy,
			 struct page_request *req)
{
	req->node = PAGE_NODE_LOCAL;
	req->nodemask = 0;
	/* alloc_pages(): such a request has the default policy. */
	if (policy->mode == PAGE_POLICY_LOCAL || req->flags & PAGE_REQ_THISNODE)
		return 0;
	if (!policy->nodes || (pa->node_count < PAGE_NODES_MAX &&
			       policy->nodes >> pa->node_count))
		return ERR_USAGE;
	switch (policy->mode) {
	case PAGE_POLICY_PREFERRED:
		req->node = (int32_t)__builtin_ctzll(policy->nodes);
		return 0;
	case PAGE_POLICY_BIND:
		if (req->zone >= policy_zone(pa, policy->nodes))
			req->nodemask = policy->nodes;
		return 0;
	case PAGE_POLICY_INTERLEAVE:
		req->node = (int32_t)next_turn(policy);
		return 0;
	default:
		return ERR_USAGE;
	}
}
