/*
 * page_zoneinfo: the zones of a page allocator, as a snapshot's zoneinfo tells
 * them.
 *
 * Source: mm/vmstat.c, zoneinfo_show_print(), 5.15 to 6.18. Sizes are in pages
 * of the recorded kernel.
 */
#ifndef REPLAY_PAGE_ZONEINFO_H
#define REPLAY_PAGE_ZONEINFO_H

#include <stdbool.h>
#include <stdint.h>

#include "core/err.h"
#include "core/snapshot.h"
#include "replay/page_alloc.h"

/* What is asked for in place of the recorded machine's; zeroed: nothing. */
struct page_tuning {
	bool has_high, has_batch; /* of the per-CPU lists of every zone */
	uint32_t high;		  /* pages; never raised or lowered */
	uint32_t batch;		  /* pages, at least 1 */
	bool has_group;
	bool group; /* pageblocks are grouped by mobility */
};

/* As zoneinfo spells it. */
const char *page_zone_name(enum page_zone_kind kind);

/* The kind of zone of that name; false: no kernel has such a zone. */
bool page_zone_kind_of(const char *name, enum page_zone_kind *kind);

/* Number of nodes that the snapshot's zones name, at least 1. */
uint32_t page_zoneinfo_nodes(const struct snapshot *snapshot);

/*
 * The snapshot's zones, *count of them, at most PAGE_ZONES_MAX. ERR_MISSING: it has
 * none.
 */
MUST_CHECK int page_zoneinfo_zones(const struct snapshot *snapshot,
				   const struct page_tuning *tuning,
				   struct page_zone_config *zones,
				   uint32_t *count, struct err *err);

#endif
