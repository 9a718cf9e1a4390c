/*
 * page_endless: a page model that only counts: every request gets fresh pages.
 *
 * For machines whose memory is not known (a boot capture without snapshots)
 * and as the simplest example of a page model. It has no free areas, so no
 * fragmentation can be told from it.
 */
#ifndef REPLAY_PAGE_ENDLESS_H
#define REPLAY_PAGE_ENDLESS_H

#include <stdint.h>

#include "core/err.h"
#include "replay/memory.h"
#include "replay/page_model.h"

struct page_endless_config {
	struct memory memory;
	uint32_t nodes, cpus;
	const uint16_t *cpu_node; /* borrowed; NULL: all on node 0 */
	uint64_t limit_pages;	  /* requests beyond fail; 0: none do */
};

/* page_model_destroy() ends it. ERR_NOMEM. */
MUST_CHECK int page_endless_create(struct page_model **model,
				   const struct page_endless_config *config);

/* Pages handed out and not yet back. */
uint64_t page_endless_in_use(const struct page_model *model);

#endif
