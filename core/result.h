/*
 * result: what statistics and replays hand on to the database and the plots.
 *
 * Plain rows; text in them is an id in the trace's names. All sizes are bytes
 * or base pages as the name says.
 */
#ifndef CORE_RESULT_H
#define CORE_RESULT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/snapshot.h"

/* Live memory and free memory of one replay at one moment. */
struct replay_sample {
	uint64_t ts_ns;
	uint64_t bytes_req;	/* of live slab objects and large kmallocs */
	uint64_t bytes_alloc;	/* the same, rounded up by the allocator */
	uint64_t slab_pages;	/* pages that slabs hold */
	uint64_t large_pages;	/* pages that large kmallocs hold */
	uint64_t direct_pages;	/* pages asked for directly, since the start */
	uint64_t pcp_pages;	/* pages on per-CPU lists */
	uint64_t vmap_pages;	/* address space of recorded areas */
	uint64_t vmalloc_pages; /* pages of areas that the model made */
	uint64_t
	    free_pages; /* pages in the free areas, pcp_pages not among them */
	uint64_t free_blocks[SNAPSHOT_ORDERS_MAX]; /* all zones together */
	/* Unusable free space index, thousandths (mm/vmstat.c). */
	uint16_t unusable[SNAPSHOT_ORDERS_MAX];
};

/* One cache at one moment of one replay. */
struct replay_cache_sample {
	uint64_t ts_ns;
	uint32_t cache; /* name id */
	uint64_t slabs, pages, objects;
};

/* One cache at the end of one replay. */
struct replay_cache_result {
	uint32_t cache; /* name id */
	uint32_t slab_size, objs_per_slab, order;
	uint64_t allocs, frees;
	uint64_t slabs_start, slabs_end, slabs_peak;
	uint64_t objects_start, objects_end;
	uint64_t bytes_req_live, bytes_alloc_live; /* at the end */
};

/*
 * One zone's free memory in a replay, when the replay passed the marker that
 * says that a file of the "after" snapshot is read next. Orders and migratetypes
 * are numbered as the snapshot numbers them.
 */
struct replay_zone {
	uint32_t part; /* the file, one enum snapshot_part */
	int node;
	char name[16]; /* DMA, Normal, ... */
	uint64_t free_blocks[SNAPSHOT_MIGRATETYPES_MAX][SNAPSHOT_ORDERS_MAX];
};

enum waterfall_moment { WATERFALL_PEAK, WATERFALL_END, WATERFALL_MOMENTS };

/*
 * Where each byte that a replay's memory holds goes, at one moment: at the peak
 * or at the end of the window. Held are the pages of slabs, of large kmallocs, of
 * vmalloc areas that the model made, and those on per-CPU lists. Pages asked for
 * directly are not among them: what is held of these is what was asked for. The
 * peak is the first moment at which most pages are held without those on per-CPU
 * lists: these are free, and come and go by batches.
 *
 * The steps, in bytes, add up to the pages (waterfall_steps()).
 */
struct replay_waterfall {
	uint8_t moment; /* enum waterfall_moment */
	uint64_t ts_ns;
	/* Objects allocated since the start, in slabs. */
	uint64_t requested;
	uint64_t rounding; /* up to what their cache's objects are for */
	uint64_t padding;  /* alignment and metadata: slab_size - object_size */
	/*
	 * Objects from before, with all that they occupy. No file tells what
	 * was requested.
	 */
	uint64_t old_objects;
	uint64_t free_slots;
	uint64_t slab_tail; /* too short for an object; own structures */
	/*
	 * Slabs of which it is not known what is in them. Negative where more
	 * objects are live than the known slabs hold: events are missing.
	 */
	int64_t unknown;
	uint64_t large_requested, large_rounding;
	uint64_t area_requested, area_rounding;
	uint64_t per_cpu;
	/* The pages that are held. */
	uint64_t slab_pages, large_pages, area_pages, pcp_pages;
};

/* The sum of all steps, bytes. */
static inline int64_t waterfall_steps(const struct replay_waterfall *w)
{
	return (int64_t)(w->requested + w->rounding + w->padding +
			 w->old_objects + w->free_slots + w->slab_tail +
			 w->large_requested + w->large_rounding +
			 w->area_requested + w->area_rounding + w->per_cpu) +
	       w->unknown;
}

static inline uint64_t waterfall_pages(const struct replay_waterfall *w)
{
	return w->slab_pages + w->large_pages + w->area_pages + w->pcp_pages;
}

/* A replay as a whole. The fields keep the names of replay --format json. */
struct replay_result {
	char model[16];	    /* recorded, slub */
	char start[64];	    /* "warm" or "cold" and, if cold, why */
	char settings[256]; /* what --set changed, "" for nothing */
	uint32_t order_count;
	uint64_t events;
	uint64_t slab_pages_start, slab_pages_end, slab_pages_peak;
	uint64_t free_pages_start, free_pages_end;
	uint64_t bytes_req_live, bytes_alloc_live, waste_live;
	/*
	 * Allocations whose bytes_alloc was predicted, those of them where it
	 * was not so, and those of which nothing can be predicted because
	 * their cache is not known. All 0 where the allocator is another one.
	 */
	uint64_t bytes_alloc_mismatch, bytes_alloc_checked;
	uint64_t bytes_alloc_unknown;
	uint64_t failed;    /* allocations that the model could not serve */
	uint64_t fallbacks; /* served from another migratetype */
	/*
	 * Areas of address space that the trace told of (vmalloc, vmap and
	 * ioremap, from 6.3 on): those begun in the window and live at its end,
	 * their pages of space with guards, space freed and not yet purged
	 * (all of the kernel's), and purges.
	 */
	uint64_t vmap_areas, vmap_areas_peak;
	uint64_t vmap_pages, vmap_pages_peak;
	uint64_t vmap_lazy_peak, vmap_purges;
	/*
	 * Areas that the model made: of kmallocs above vmalloc.above_kib, and
	 * of kvmallocs for which kmalloc had no memory. Their pages at the end
	 * and at most, and space as above.
	 */
	uint64_t vmalloc_allocs, kvmalloc_fallbacks;
	uint64_t vmalloc_pages, vmalloc_pages_peak;
	uint64_t vmalloc_lazy_peak, vmalloc_purges;
	uint64_t wall_ns;
};

/* What a block of pages was allocated for (linking knows). */
enum site_backing { SITE_DIRECT, SITE_BACKS_SLAB, SITE_BACKS_LARGE };

/*
 * What one call site did in one cache (or, for page events, at one order,
 * migratetype and gfp mask): the row of the summary tables and of stat. Rows
 * differ in the fields above "Counts"; a row is the recorder's own (self) or
 * not, never both.
 *
 * A row whose kind is a free stands for frees of objects that the trace did not
 * see allocated (unknown and hidden ones) and of NULL; it has no allocations.
 */
struct site_summary {
	uint64_t call_site; /* 0 for page events */
	uint32_t name;	    /* cache, name id; 0: kmalloc or not known */
	uint8_t kind;	    /* enum event_kind of the allocation, or a free */
	uint8_t order;	    /* page events */
	int8_t migratetype; /* page events */
	uint8_t backing;    /* page events: enum site_backing */
	uint32_t gfp_flags; /* page events */
	bool self;	    /* allocated (or freed) by the recorder itself */
	bool large;	    /* kmalloc served by the page allocator */
	/* Object events: bytes_alloc of one object. */
	uint64_t bytes_each;
	/* Not in a database: of a stat_sink's rows (analysis/stat.h). */
	uint32_t context, line;

	/* Counts */
	uint64_t allocs, frees; /* frees of what this row allocated */
	uint64_t failed;
	uint64_t bytes_req, bytes_alloc; /* sums over all allocations */
	uint64_t bytes_req_freed, bytes_alloc_freed;
	uint64_t bytes_req_max; /* the largest single request */
	/*
	 * Peaks of live memory of the call site in all its rows together (each
	 * of them holds the same number); page events: of the row.
	 */
	uint64_t live_bytes_alloc_peak, live_bytes_req_peak;
	uint64_t cross_cpu_frees; /* perf's ping-pong */
	/*
	 * Allocations that asked for another node than that of their CPU
	 * (perf's cross CPU allocations); 0 where no topology is known.
	 */
	uint64_t cross_node_allocs;
	uint64_t implicit_frees; /* of frees: without an event */
	/*
	 * Traced frees. Page blocks freed in parts: one for each part, while
	 * frees counts the block once, with its last part.
	 */
	uint64_t free_events;
	uint64_t duplicates;  /* second traces of one large kmalloc */
	uint64_t null_frees;  /* kfree of NULL or ZERO_SIZE_PTR */
	uint64_t self_allocs; /* of allocs: by the recorder itself */
};

#endif
