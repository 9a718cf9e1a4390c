/*
 * node_votes: which node each CPU is on, learned from a trace that does not
 * say it but whose zones do.
 *
 * A CPU takes pages from its own node first, so most pages that it allocates
 * lie there. A CPU without such a majority, or without pages, stays unknown.
 */
#ifndef PARSER_NODE_VOTES_H
#define PARSER_NODE_VOTES_H

#include "core/err.h"
#include "core/event.h"
#include "core/trace.h"

struct node_votes;

/*
 * *votes is NULL where there is nothing to learn: the nodes are known, or no
 * snapshot has zones of several nodes. trace must outlive the votes. ERR_NOMEM.
 */
MUST_CHECK int node_votes_create(const struct trace *trace,
				 struct node_votes **votes);

/* NULL is allowed, here and where votes are cleared and decided. */
void node_votes_free(struct node_votes *votes);

/* Looks at the next event. */
void node_votes_see(struct node_votes *votes, const struct kmem_event *ev);

/* Forgets all events. */
void node_votes_clear(struct node_votes *votes);

/* Puts what was learned, if anything, into a topology. ERR_NOMEM. */
MUST_CHECK int node_votes_decide(const struct node_votes *votes,
				 struct topology *topology);

#endif
