/*
 * cache_table: the caches of a replay, by the names that a trace uses.
 *
 * Merged caches are one: a name that the snapshot knows as an alias leads to
 * the cache behind it. Where a slab model is given, every cache is made in it
 * too.
 */
#ifndef REPLAY_CACHE_TABLE_H
#define REPLAY_CACHE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "core/trace.h"
#include "replay/kmalloc.h"
#include "replay/memory.h"
#include "replay/slab_model.h"
#include "replay/start_rules.h"

#define CACHE_NONE UINT32_MAX

/* What the slabs of a cache hold besides objects of the trace; bytes. */
struct cache_share {
	uint64_t old_objects, free_slots, slab_tail;
};

struct cache_entry {
	uint32_t name;			       /* name id */
	uint32_t model;			       /* id in the slab model */
	const struct snapshot_cache *captured; /* NULL: not in the snapshot */
	bool own;			       /* of cache_table_own() */
	struct slab_cache_spec spec;
	/*
	 * What a request is rounded up to, the rest being padding; 0: not
	 * known, as of caches without a row in parameters.txt.
	 */
	uint32_t class_bytes;
	uint64_t allocs, frees; /* events since the start of the replay */
	uint64_t objects;	/* start + allocs - frees, recorded mode */
	uint64_t slabs, slabs_peak, pages; /* recorded mode */
	/* Recorded mode: places for objects; objects of the start, estimated. */
	uint64_t room_bytes, old_objects;
	struct cache_share share; /* recorded mode, unless it is stale */
	bool share_stale;
	uint32_t stale_next; /* entry + 1, 0: the last one */
	uint64_t slabs_start, objects_start;
	uint64_t bytes_req_live, bytes_alloc_live;
};

struct cache_table {
	struct cache_entry *entries;
	size_t count;
	struct kmalloc_rules kmalloc; /* of the allocator that is replayed */
	/* SLOB: the usual rule, unless it is set after init. */
	enum start_request old_requests;
	/* Private */
	struct trace *trace;
	const struct snapshot *snapshot;
	struct slab_model *model;
	struct memory memory;
	uint32_t *by_name; /* name id -> entry + 1 */
	size_t by_name_cap, cap;
	uint32_t by_class[KMALLOC_TYPES][KMALLOC_CLASSES_MAX]; /* entry + 1 */
	uint32_t *roots; /* by cache of the snapshot; NULL: nothing is merged */
	struct map by_size; /* object_size << 32 | slab_size -> entry */
};

/*
 * snapshot may be NULL; model too (recorded mode). Both, and trace, outlive
 * the table. kmalloc is copied.
 */
void cache_table_init(struct cache_table *table, struct trace *trace,
		      const struct snapshot *snapshot,
		      const struct kmalloc_rules *kmalloc,
		      struct slab_model *model, const struct memory *memory);
void cache_table_fini(struct cache_table *table);

/*
 * Merges the caches of the snapshot as SLUB would (slab_merge.h), before any
 * is in the table. debug: enum slub_debug of all caches. ERR_NOMEM.
 */
MUST_CHECK int cache_table_merge(struct cache_table *table, uint32_t debug);

/* The cache that one of the snapshot is merged into: mostly itself. */
const struct snapshot_cache *
cache_table_root(const struct cache_table *table,
		 const struct snapshot_cache *captured);

/*
 * A cache for kmallocs of exactly so many bytes, as kmem_cache_create() makes it
 * without alignment or flags, merged with no other. ERR_USAGE if there is a
 * cache of that name; ERR_LIMIT, ERR_NOMEM.
 */
MUST_CHECK int cache_table_own(struct cache_table *table, const char *name,
			       uint32_t bytes, uint32_t *entry);

/* The cache of that name id if it is in the table, else CACHE_NONE. */
static inline uint32_t cache_table_known(const struct cache_table *table,
					 uint32_t name)
{
	/* Of no entry, 0, comes CACHE_NONE. */
	return name < table->by_name_cap ? table->by_name[name] - 1
					 : CACHE_NONE;
}

/* cache_table_kmalloc() of a class that the table does not have yet. */
MUST_CHECK int cache_table_class(struct cache_table *table,
				 const struct kmalloc_choice *choice,
				 uint32_t *entry);

/*
 * The cache of a small kmalloc (not choice->large). ERR_NOMEM, and what the
 * model says to a new cache.
 */
MUST_CHECK static inline int
cache_table_kmalloc(struct cache_table *table,
		    const struct kmalloc_choice *choice, uint32_t *entry)
{
	uint32_t known = table->by_class[choice->type][choice->index];

	*entry = known - 1;
	return known ? 0 : cache_table_class(table, choice, entry);
}

/*
 * The cache of that name id. slab_size is used if the snapshot does not know
 * the cache; with 0, or a size that the slab model cannot have, and nothing
 * known *entry is CACHE_NONE. Errors as cache_table_kmalloc().
 */
MUST_CHECK int cache_table_named(struct cache_table *table, uint32_t name,
				 uint32_t slab_size, uint32_t *entry);

/*
 * For an object whose cache is not known: the one cache of the snapshot that
 * has these sizes, else a cache named by its size. *entry is CACHE_NONE if the
 * slab model cannot have a cache of that size. Errors as
 * cache_table_kmalloc().
 */
MUST_CHECK int cache_table_by_size(struct cache_table *table,
				   uint32_t object_size, uint32_t slab_size,
				   uint32_t *entry);

/* The entry of a cache of the snapshot. Errors as cache_table_kmalloc(). */
MUST_CHECK int cache_table_captured(struct cache_table *table,
				    const struct snapshot_cache *captured,
				    uint32_t *entry);

#endif
