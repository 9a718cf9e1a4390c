#include "replay/start_rules.h"

const struct start_variant start_variants[START_VARIANTS] = {
    {"kept-least",
     "CPUs keep as few free objects as they can",
     {.kept = START_KEPT_LEAST}},
    {"kept-most",
     "CPUs keep as many free objects as they can",
     {.kept = START_KEPT_MOST}},
    {"partial-fullest",
     "partial slabs nearly full or empty, full ones first",
     {.partial = START_PARTIAL_FULLEST}},
    {"partial-emptiest",
     "partial slabs nearly full or empty, empty ones first",
     {.partial = START_PARTIAL_EMPTIEST}},
    {"request-least",
     "old kmallocs asked for half of their class",
     {.request = START_REQUEST_LEAST}},
    {"request-most",
     "old kmallocs asked for all of their class",
     {.request = START_REQUEST_MOST}},
    {"lists-from-end",
     "free lists begin with the highest address",
     {.lists_from_end = true}},
    {"types-from-end",
     "migratetypes lie the other way round",
     {.types_from_end = true}},
    {"pcp-from-start",
     "unknown pages of CPU lists are a zone's first",
     {.pcp_from_start = true}},
    {"silent-shown",
     "frees without an event are as late as can be",
     {.silent_until_shown = true}},
};

uint64_t start_rules_kept(const struct start_rules *rules, uint32_t usual,
			  uint32_t most)
{
	switch (rules->kept) {
	case START_KEPT_LEAST:
		return 0;
	case START_KEPT_MOST:
		return most;
	default:
		return usual;
	}
}

bool start_variant_matters(const struct start_variant *variant,
			   enum slab_kind model, enum slab_kind recorded,
			   bool pages)
{
	const struct start_rules *rules = &variant->rules;
	bool own_slob = model == SLAB_KIND_SLOB && recorded == SLAB_KIND_SLOB;

	if (rules->lists_from_end || rules->types_from_end ||
	    rules->pcp_from_start)
		return pages;
	if (rules->silent_until_shown)
		return true;
	/* Of SLOB's own pages nothing is known that could be spread. */
	if (own_slob || recorded == SLAB_KIND_SLOB)
		return false;
	if (rules->request)
		return model == SLAB_KIND_SLOB;
	/* SLOB takes objects of others one by one: it knows no partial slab. */
	return model != SLAB_KIND_SLOB || rules->kept;
}
