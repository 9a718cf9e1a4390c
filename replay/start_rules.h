/*
 * start_rules: what a fact of the start, and when a free without an event, counts
 * as where neither the snapshot nor the trace tells it.
 *
 * Each such fact has one usual rule, which a replay follows, and a few others
 * that are as possible. How far the end of a replay moves when one of these
 * takes the usual one's place is the error bar of that replay
 * (start_spread.h). No rule comes from a capture.
 *
 * Glossary
 *   usual     the rule of each fact that replays follow
 *   variant   all facts by their usual rules but one
 */
#ifndef REPLAY_START_RULES_H
#define REPLAY_START_RULES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/trace.h"

/* Free objects that CPUs keep and no file counts. */
enum start_kept {
	/*
	 * SLUB: CPU slabs half full, CPU partial slabs as the node's; SLAB: a
	 * batch in each array; sheaves half full.
	 */
	START_KEPT_USUAL,
	START_KEPT_LEAST, /* none, and one in each CPU partial slab */
	START_KEPT_MOST,  /* all of those slabs, arrays and sheaves */
};

/* How the objects of a node's partial slabs, counted together, are spread. */
enum start_partial {
	START_PARTIAL_EVEN,
	START_PARTIAL_FULLEST,	/* as unevenly as can be, the fullest first */
	START_PARTIAL_EMPTIEST, /* the same, the emptiest first */
};

/* The request behind an old kmalloc, for SLOB in place of another allocator. */
enum start_request {
	START_REQUEST_MIDDLE, /* three quarters of its class */
	START_REQUEST_LEAST,  /* half: no class is over twice the one below */
	START_REQUEST_MOST,   /* all of it */
};

struct start_rules {
	enum start_kept kept;
	enum start_partial partial;
	enum start_request request;
	/* Free lists begin with the highest pfn, not with the lowest. */
	bool lists_from_end;
	/* Migratetypes are dealt out from the zone's end, not its start. */
	bool types_from_end;
	/* Unknown pages of CPU lists are the zone's first, not its last. */
	bool pcp_from_start;
	/* What silent_ends.h takes to be gone lives on until an event shows it. */
	bool silent_until_shown;
};

/*
 * Free objects in one CPU's array or sheaf, of which it usually holds so many
 * and at most so many.
 */
uint64_t start_rules_kept(const struct start_rules *rules, uint32_t usual,
			  uint32_t most);

struct start_variant {
	const char *name; /* a word */
	const char *what; /* for people */
	struct start_rules rules;
};

enum { START_VARIANTS = 10 };

extern const struct start_variant start_variants[START_VARIANTS];

/*
 * Whether a model of that allocator, in a replay of a recording of the other
 * one, can tell this variant from the usual rules at all. pages: it has free
 * blocks and per-CPU lists of a snapshot.
 */
bool start_variant_matters(const struct start_variant *variant,
			   enum slab_kind model, enum slab_kind recorded,
			   bool pages);

#endif
