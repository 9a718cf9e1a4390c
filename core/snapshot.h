/*
 * snapshot: the machine's memory at one moment, from the files in before/ or
 * after/ of a capture (docs/capture-format.md).
 *
 * Each part is present or absent on its own; absent says why. Counts are the
 * kernel's own. Pages are base pages of the recorded kernel.
 */
#ifndef CORE_SNAPSHOT_H
#define CORE_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"

enum {
	SNAPSHOT_ORDERS_MAX = 16, /* largest order known anywhere is 13 */
	SNAPSHOT_MIGRATETYPES_MAX = 8,
	SNAPSHOT_ZONES_MAX = 256, /* nodes × zones */
	SNAPSHOT_NAME_MAX = 64,
};

enum snapshot_part {
	SNAPSHOT_SLABINFO = 1u << 0,
	SNAPSHOT_ZONEINFO = 1u << 1,
	SNAPSHOT_BUDDYINFO = 1u << 2,
	SNAPSHOT_PAGETYPEINFO = 1u << 3,
	SNAPSHOT_KPAGEFLAGS = 1u << 4,
	SNAPSHOT_SLAB_TSV = 1u << 5,
	SNAPSHOT_VMSTAT = 1u << 6,
	SNAPSHOT_SLAB_PARAMETERS = 1u
				   << 7, /* slab/parameters.txt, aliases.txt */
};

/* One CPU's page list of a zone (zoneinfo, "pagesets"). */
struct snapshot_pcp {
	uint32_t cpu;
	uint32_t count, high, batch; /* high: 0 if zoneinfo has only ranges */
	uint32_t high_min, high_max; /* 6.7 on, else 0 */
};

/* A zone: /proc/zoneinfo, /proc/buddyinfo and /proc/pagetypeinfo together. */
struct snapshot_zone {
	int node;
	char name[16]; /* DMA, DMA32, Normal, HighMem, Movable, Device */
	uint64_t start_pfn, spanned, present, managed;
	uint64_t free; /* "pages free" */
	uint64_t min, low, high, boost;
	uint64_t protection[8]; /* lowmem_reserve against each zone index */
	uint32_t protection_count;
	uint64_t free_blocks[SNAPSHOT_ORDERS_MAX];	 /* buddyinfo */
	uint64_t free_by_type[SNAPSHOT_MIGRATETYPES_MAX] /* pagetypeinfo */
			     [SNAPSHOT_ORDERS_MAX];
	uint64_t blocks_by_type[SNAPSHOT_MIGRATETYPES_MAX];
	struct snapshot_pcp *pcps;
	uint32_t pcp_count;
};

/* A free block of 2^order pages, from kpageflags. Sorted by pfn. */
struct snapshot_block {
	uint64_t pfn;
	uint8_t order;
};

/*
 * A cache as the kernel describes it. One row per real cache: merged names are
 * aliases. Sources in order: slabinfo, slab.tsv, slab/parameters.txt. Counts
 * that no file gave are UINT64_MAX, sizes 0.
 */
struct snapshot_cache {
	char name[SNAPSHOT_NAME_MAX];
	uint32_t object_size, slab_size, align;
	uint32_t objs_per_slab;
	uint32_t order;
	uint32_t cpu_partial, min_partial;
	bool has_parameters; /* parameters.txt had a row for it */
	bool hwcache_align, reclaim_account, destroy_by_rcu, cache_dma, ctor;
	bool sanity_checks, red_zone, poison, store_user;
	uint32_t usersize;	 /* bytes that may be copied to user space */
	uint32_t sheaf_capacity; /* objects, 6.18 on; 0: no sheaves */
	uint64_t active_objs, num_objs, active_slabs, num_slabs; /* slabinfo */
	uint32_t limit, batchcount, sharedfactor;		 /* SLAB only */
	uint64_t objects_partial, partial, cpu_slabs;		 /* slab.tsv */
	uint64_t slabs_cpu_partial, objects_cpu_partial;
};

/* A name of a merged cache (slab/aliases.txt, or slabinfo's other names). */
struct snapshot_alias {
	char name[SNAPSHOT_NAME_MAX];
	uint32_t cache; /* index into caches */
};

struct snapshot {
	uint32_t parts;	       /* enum snapshot_part: what is there */
	char why_missing[512]; /* "pagetypeinfo: permission denied; ..." */
	uint32_t order_count;  /* orders 0 .. order_count - 1 */
	uint32_t pageblock_order;
	uint32_t migratetype_count;
	char migratetypes[SNAPSHOT_MIGRATETYPES_MAX][16];
	struct snapshot_zone *zones;
	uint32_t zone_count;
	struct snapshot_block *blocks;
	size_t block_count;
	uint64_t kpageflags_pages; /* pfns that the file covers */
	uint64_t slab_pages;	   /* with KPF_SLAB, from kpageflags */
	/* One bit per pfn, set with KPF_SLAB; NULL: no page has it. */
	uint64_t *slab_map;
	uint64_t slab_map_pages; /* bits; pages beyond have it not */
	/*
	 * The same for pages that compaction may move: on an LRU list
	 * (KPF_LRU), or behind a head that is.
	 */
	uint64_t *movable_map;
	uint64_t movable_map_pages;
	struct snapshot_cache *caches;
	uint32_t cache_count;
	struct snapshot_alias *aliases;
	uint32_t alias_count;
	uint64_t nr_slab_reclaimable, nr_slab_unreclaimable; /* vmstat, pages */
	bool has_thp; /* transparent huge pages are built in (vmstat) */
};

void snapshot_fini(struct snapshot *snapshot);

/* True if kpageflags has the page and says that it belonged to a slab. */
static inline bool snapshot_is_slab(const struct snapshot *snapshot,
				    uint64_t pfn)
{
	return pfn < snapshot->slab_map_pages &&
	       snapshot->slab_map[pfn / 64] >> (pfn % 64) & 1;
}

/* The free block that holds the page, NULL if none does. */
const struct snapshot_block *snapshot_block_at(const struct snapshot *snapshot,
					       uint64_t pfn);

/* The first free block that begins at pfn or above; block_count: none does. */
size_t snapshot_blocks_from(const struct snapshot *snapshot, uint64_t pfn);

/* True if kpageflags says that the page was free. */
static inline bool snapshot_is_free(const struct snapshot *snapshot,
				    uint64_t pfn)
{
	return snapshot_block_at(snapshot, pfn) != NULL;
}

/* True if kpageflags has the page and says that compaction may move it. */
static inline bool snapshot_is_movable(const struct snapshot *snapshot,
				       uint64_t pfn)
{
	return pfn < snapshot->movable_map_pages &&
	       snapshot->movable_map[pfn / 64] >> (pfn % 64) & 1;
}

/* The cache of that name or alias, or NULL. */
const struct snapshot_cache *
snapshot_cache_find(const struct snapshot *snapshot, const char *name);

/* The only cache with these sizes; NULL if there is none or another one. */
const struct snapshot_cache *
snapshot_cache_of_sizes(const struct snapshot *snapshot, uint64_t object_size,
			uint64_t slab_size);

/*
 * Free blocks of a page-flags array: maximal naturally aligned powers of two,
 * clipped at zone limits and below order_count; KPF_BUDDY (bit 10) is set on
 * every page of a free block (fs/proc/page.c, stable_page_flags()).
 */
enum { KPF_LRU = 5, KPF_SLAB = 7, KPF_BUDDY = 10, KPF_COMPOUND_TAIL = 16 };

#endif
