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
#include "replay/page_zoneinfo.h"
#include "replay/start_rules.h"

enum page_start {
	PAGE_START_WARM, /* the free blocks of the snapshot */
	PAGE_START_COLD, /* all memory that the zones manage is free */
};

struct block_reveals;

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

/* page_claims_take() and page_claims_take_other() (replay/page_claims.h). */
bool page_machine_claim(struct page_machine *machine, uint64_t pfn,
			unsigned int order);

bool page_machine_claim_other(struct page_machine *machine, uint64_t pfn,
			      unsigned int order, uint64_t *other);

/*
 * Fills the per-CPU lists of a warm start, once (replay/page_pcp_start.h);
 * snapshot: that of the start. ERR_NOMEM.
 */
MUST_CHECK int page_machine_fill_pcp(struct page_machine *machine,
				     const struct snapshot *snapshot,
				     const struct reveal_listed *reveals,
				     size_t count, uint64_t *revealed);

/* Pages that zoneinfo counted on per-CPU lists. */
uint64_t page_machine_pcp_start(const struct page_machine *machine);

#endif
