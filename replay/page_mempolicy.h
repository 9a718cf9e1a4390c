/*
 * page_mempolicy: from which nodes a task's memory shall come.
 *
 * Source: mm/mempolicy.c: policy_nodemask(), interleave_nodes(),
 * apply_policy_zone(). Policies of tasks; those of memory areas, which
 * interleave by address, are not here: a trace has no addresses of users.
 */
#ifndef REPLAY_PAGE_MEMPOLICY_H
#define REPLAY_PAGE_MEMPOLICY_H

#include "replay/page_alloc.h"

enum page_policy {
	PAGE_POLICY_LOCAL,	/* the CPU's node first, then any */
	PAGE_POLICY_PREFERRED,	/* the first of the nodes, then any */
	PAGE_POLICY_BIND,	/* these nodes only, the nearest first */
	PAGE_POLICY_INTERLEAVE, /* these nodes in turn, each then any */
};

struct page_mempolicy {
	enum page_policy mode;
	uint64_t nodes; /* bit n: node n; ignored for LOCAL */
	/* Private: il_prev, 1 + the node of the turn before; 0 at the start */
	uint32_t turn;
};

/*
 * Sets node and nodemask of a request (its zone and flags must be set already;
 * PAGE_REQ_THISNODE means the CPU's node whatever the policy). Requests
 * for zones below those that most memory is in are not bound, since not every
 * node has them. ERR_USAGE: no nodes, or one that the machine does not have.
 */
MUST_CHECK int page_mempolicy_apply(const struct page_alloc *pa,
				    struct page_mempolicy *policy,
				    struct page_request *req);

#endif
