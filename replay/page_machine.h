/*
 * page_machine: the recorded machine's memory, as a page model.
 *
 * Builds the page allocator of replay/page_alloc.h from a snapshot: its zones,
 * watermarks and per-CPU limits from zoneinfo, its free blocks from
 * kpageflags, put on their lists by replay/page_deal.h.
 *
 * Glossary
 *   start page   a page that was in use when the snapshot was taken
 */
#ifndef REPLAY_PAGE_MACHINE_H
#define REPLAY_PAGE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/trace.h"
#include "replay/memory.h"
#include "replay/page_alloc.h"
#include "replay/page_model.h"
#include "replay/start_rules.h"

enum page_start {
	PAGE_START_WARM, /* the free blocks of the snapshot */
	PAGE_START_COLD, /* all memory that the zones manage is free */
};

struct block_reveals;

/* What is asked for in place of the recorded machine's; zeroed: nothing. */
struct page_tuning {
	bool has_high, has_batch; /* of the per-CPU lists of every zone */
	uint32_t high;		  /* pages; never raised or lowered */
	uint32_t batch;		  /* pages, at least 1 */
	bool has_group;
	bool group; /* pageblocks are grouped by mobility */
};

struct page_machine_config {
	const struct capture_info *info;
	const struct snapshot *snapshot; /* with SNAPSHOT_ZONEINFO */
	enum page_start start;
	struct page_tuning tuning;
	uint32_t cpus;
	const uint16_t *cpu_node; /* cpus elements, or NULL */
	struct start_rules rules;
	/* Of the same snapshot, until page_machine_create() returns; or NULL. */
	const struct block_reveals *reveals;
	struct memory memory;
};

struct page_machine;

/* ERR_MISSING: the snapshot has no zones; else what page_alloc_init() says. */
MUST_CHECK int page_machine_create(struct page_machine **machine,
				   const struct page_machine_config *config,
				   struct err *err);

/* The machine as a page model; its destroy() destroys the machine. */
struct page_model *page_machine_model(struct page_machine *machine);

/* The allocator inside, for books that follow recorded addresses. */
struct page_alloc *page_machine_alloc(const struct page_machine *machine);

/*
 * True, once, if all these pages were in use at the start: whoever asks owns
 * them from now on and may free them.
 */
bool page_machine_claim(struct page_machine *machine, uint64_t pfn,
			unsigned int order);

/*
 * For pages that cannot be claimed because page_machine_fill_pcp() put some of them on a
 * per-CPU list, although the trace shows that they were in use: claims as many
 * start pages that nobody asked for, so that the sums stay right. False if no
 * page of the block was put there, or there is no such block.
 */
bool page_machine_claim_other(struct page_machine *machine, uint64_t pfn,
			      unsigned int order, uint64_t *other);

/* As zoneinfo spells it. */
const char *page_machine_zone_name(enum page_zone_kind kind);

/*
 * Fills the per-CPU lists as zoneinfo counts them, once, of a warm start: with
 * the pages that a trace reveals, in its order of events, and as far as these do
 * not reach with the last start pages of each zone in their place. *revealed:
 * how many were revealed.
 */
MUST_CHECK int page_machine_fill_pcp(struct page_machine *machine,
				     const struct snapshot *snapshot,
				     const struct reveal_listed *reveals,
				     size_t count, uint64_t *revealed);

/* Pages that zoneinfo counted on per-CPU lists. */
uint64_t page_machine_pcp_start(const struct page_machine *machine);

/* Number of nodes that the snapshot's zones name, at least 1. */
uint32_t page_machine_nodes(const struct snapshot *snapshot);

#endif
