/*
 * page_best_fit: an example of a page model: the shortest free run that fits.
 *
 * One node, one byte per frame; zones, migratetypes, CPUs and watermarks are
 * ignored, and every call walks the map. This is for reading.
 */
#ifndef EXAMPLES_PAGE_BEST_FIT_H
#define EXAMPLES_PAGE_BEST_FIT_H

#include "replay/memory.h"
#include "replay/page_model.h"

/* frames pages from pfn 0 on, all free. ERR_USAGE: no frames; ERR_NOMEM. */
MUST_CHECK int page_best_fit_create(struct page_model **model, uint64_t frames,
				    struct memory memory);

#endif
