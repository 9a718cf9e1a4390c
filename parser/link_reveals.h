/*
 * link_reveals: gathers what the trace tells of its start (core/reveals.h),
 * while the learning pass of linking reads it.
 *
 * Only pages from before are looked at closely: such as the trace has neither
 * allocated nor freed, or has allocated before the snapshot was read. Their
 * number is bounded by the memory that was in use then, not by the events.
 *
 * Before the start the last event of an object counts, after it the first.
 */
#ifndef PARSER_LINK_REVEALS_H
#define PARSER_LINK_REVEALS_H

#include "core/event.h"
#include "core/map.h"
#include "core/reveals.h"
#include "core/trace.h"
#include "parser/cache_keys.h"
#include "parser/link_rules.h"
#include "parser/page_map.h"

/* Where a kind of event stands between the markers of its snapshot's file. */
enum reveal_phase { REVEAL_BEFORE, REVEAL_OPEN, REVEAL_CLOSED };

/* A page from before the start in which objects were seen. */
struct old_page {
	struct reveal_page reveal; /* name 0 if named: of several caches */
	bool named;		   /* an object told its cache */
	bool dead;		   /* freed before the start */
};

struct link_reveals {
	const struct link_rules *rules;
	const struct trace *trace;
	enum reveal_phase objects, pages;
	struct old_page *old; /* by number */
	size_t old_count, old_cap;
	/* Private */
	uint64_t *states; /* of each old page: seen, then in use; by granule */
	size_t state_cap; /* pages */
	uint32_t words;	  /* of one bitmap */
	struct map born;  /* pfn of a PAGE_WATCHED page -> number */
	uint32_t turns;
	struct reveal_listed *listed;
	size_t listed_count, listed_cap;
	uint64_t listed_left; /* pages that can still have been on lists */
	struct block_reveals blocks; /* made with the first event */
	bool contradicts; /* markers that the capture does not speak of */
};

/* rules and trace must outlive it; trace's snapshot decides what is wanted. */
void link_reveals_init(struct link_reveals *reveals,
		       const struct link_rules *rules,
		       const struct trace *trace);
void link_reveals_fini(struct link_reveals *reveals);

/* The number of an untouched page, given now if it is new. ERR_NOMEM. */
MUST_CHECK int link_reveals_old(struct link_reveals *reveals, uint64_t pfn,
				struct page *page, uint32_t *number);

/* An object of that cache lies in it; true if its name is another now. */
static inline bool old_page_name(struct old_page *old, uint32_t name)
{
	uint32_t before = old->reveal.name;

	if (old->named && (!before || before == name))
		return false;
	old->reveal.name = old->named ? 0 : name;
	old->named = true;
	return true;
}

/*
 * An object was allocated or freed in a page with PAGE_OLD_REF or PAGE_WATCHED.
 * Nothing happens once objects is REVEAL_CLOSED.
 */
MUST_CHECK int link_reveals_object(struct link_reveals *reveals,
				   const struct kmem_event *ev, uint64_t pfn,
				   const struct page *page);

/* The page, with these flags, is freed. */
void link_reveals_freed(struct link_reveals *reveals, uint64_t pfn,
			const struct page *page);

/* An event about pages, the first of which has these flags before it. */
MUST_CHECK int link_reveals_page(struct link_reveals *reveals,
				 const struct kmem_event *ev, uint8_t flags);

/* What pages of an event get that tells where they were. */
static inline uint8_t link_reveals_passed(const struct link_reveals *reveals)
{
	return reveals->pages == REVEAL_OPEN ? PAGE_PASSED : 0;
}

/* What pages get that are allocated now. */
static inline uint8_t link_reveals_watched(const struct link_reveals *reveals)
{
	return reveals->objects == REVEAL_BEFORE ? PAGE_WATCHED : 0;
}

/* A marker: it may open or close. */
void link_reveals_marker(struct link_reveals *reveals, uint32_t name);

/*
 * At the end of the trace; keys tell the caches of objects that did not. out
 * must be zeroed, and is the caller's to free.
 */
MUST_CHECK int link_reveals_done(struct link_reveals *reveals,
				 const struct cache_keys *keys,
				 struct reveals *out);

#endif
