/*
 * made_sites: a few rows of stat, one or more of each kind.
 */
#ifndef TESTS_ANALYSIS_MADE_SITES_H
#define TESTS_ANALYSIS_MADE_SITES_H

#include "core/event.h"
#include "core/result.h"

enum { PAGE = 4096, ROWS = 7 };

static const struct site_summary sites[ROWS] = {
    {.kind = EV_KMALLOC,
     .call_site = 0x100,
     .bytes_each = 64,
     .allocs = 2,
     .bytes_req = 58,
     .bytes_alloc = 128,
     .frees = 1,
     .free_events = 1,
     .bytes_req_freed = 29,
     .bytes_alloc_freed = 64,
     .live_bytes_alloc_peak = 200,
     .live_bytes_req_peak = 100},
    {.kind = EV_KMALLOC,
     .call_site = 0x100,
     .bytes_each = 128,
     .allocs = 1,
     .bytes_req = 100,
     .bytes_alloc = 128,
     .live_bytes_alloc_peak = 200,
     .live_bytes_req_peak = 100},
    {.kind = EV_CACHE_ALLOC,
     .call_site = 0x200,
     .name = 5,
     .bytes_each = 192,
     .allocs = 4,
     .bytes_req = 768,
     .bytes_alloc = 768,
     .failed = 1},
    {.kind = EV_KMALLOC,
     .call_site = 0x300,
     .bytes_each = 64,
     .self = true,
     .allocs = 9,
     .self_allocs = 9,
     .bytes_req = 9,
     .bytes_alloc = 576},
    {.kind = EV_KFREE, .call_site = 0x400, .frees = 3, .null_frees = 2},
    {.kind = EV_PAGE_ALLOC,
     .order = 3,
     .migratetype = 1,
     .backing = SITE_BACKS_SLAB,
     .allocs = 2,
     .failed = 1,
     .bytes_alloc = 16 * PAGE},
    {.kind = EV_PAGE_FREE,
     .order = 1,
     .frees = 1,
     .free_events = 1,
     .bytes_alloc_freed = 2 * PAGE},
};

/* Rows of a damaged database: anything goes, nothing breaks. */
static const struct site_summary impossible_sites[] = {
    {.kind = EV_PAGE_ALLOC,
     .order = 255,
     .migratetype = -7,
     .backing = 99,
     .allocs = 1,
     .failed = 1,
     .frees = 5},
    {.kind = 200, .frees = UINT64_MAX},
    {.kind = EV_KMALLOC, .allocs = 1, .bytes_req = UINT64_MAX},
};

enum { IMPOSSIBLE_ROWS = 3 };

#endif
