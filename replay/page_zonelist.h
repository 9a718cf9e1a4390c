/*
 * page_zonelist: in which order the zones are tried. Private to replay/page_*.
 */
#ifndef REPLAY_PAGE_ZONELIST_H
#define REPLAY_PAGE_ZONELIST_H

#include "replay/page_state.h"

/*
 * build_all_zonelists(): fills pa->zonelists for all nodes. storage has room
 * for node_count × populated ids.
 */
void zonelist_build(struct page_alloc *pa, uint16_t *storage);

#endif
