/*
 * link_base: finds the direct-map base, the virtual address of pfn 0, by vote.
 *
 * When an allocator needs a new slab it asks for pages and hands out an object
 * in them next, on the same CPU. Each object is therefore held against the
 * last few page allocations of its CPU: (page of the object) - (pfn of the
 * block) is a candidate. For objects that lie elsewhere the difference is
 * arbitrary and nearly never aligned as a direct map is, so that the true base
 * stands out after a few dozen slabs. No other knowledge is used.
 */
#ifndef PARSER_LINK_BASE_H
#define PARSER_LINK_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "parser/link_rules.h"

struct link_base;

/* rules must outlive the vote; its base is not used. */
MUST_CHECK int link_base_create(const struct link_rules *rules,
				struct link_base **vote);
void link_base_free(struct link_base *vote);

/* Looks at the next event. */
void link_base_see(struct link_base *vote, const struct kmem_event *ev);

/* True once the leader is so far ahead that more votes change nothing. */
bool link_base_settled(const struct link_base *vote);

/*
 * The winner, if there is one: at least four votes and four times as many as
 * the next. In any case says in reason how the vote ended.
 */
bool link_base_winner(const struct link_base *vote, uint64_t *base,
		      char *reason, size_t reason_size);

#endif
