/*
 * page_holders: whose tasks hold the pages that were asked for directly, by comm
 * and gfp mask.
 */
#ifndef REPLAY_PAGE_HOLDERS_H
#define REPLAY_PAGE_HOLDERS_H

#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "core/map.h"
#include "replay/memory.h"

struct page_holder {
	uint32_t comm; /* name id, 0: not known */
	uint32_t gfp_flags;
	uint64_t pages;
};

struct page_holders {
	struct page_holder *list;
	uint32_t count;
	/* Private */
	struct memory memory;
	size_t list_cap, slot_cap;
	uint32_t *by_slot; /* number + 1 of a live block's holder; 0: none */
	struct map index;  /* comm << 32 | gfp_flags -> number */
};

void page_holders_init(struct page_holders *holders,
		       const struct memory *memory);
void page_holders_fini(struct page_holders *holders);

/*
 * A page event of any kind; blocks that back slabs or kmallocs are no one's.
 * ERR_NOMEM.
 */
MUST_CHECK int page_holders_event(struct page_holders *holders,
				  const struct kmem_event *ev, uint32_t comm);

#endif
