/*
 * replay_state: what the files of the engine share. Private to replay_*.c.
 */
#ifndef REPLAY_REPLAY_STATE_H
#define REPLAY_REPLAY_STATE_H

#include "core/block_reveals.h"
#include "replay/cache_table.h"
#include "replay/compaction.h"
#include "replay/page_books.h"
#include "replay/page_machine.h"
#include "replay/page_predict.h"
#include "replay/replay.h"
#include "replay/replay_moments.h"
#include "replay/samples.h"
#include "replay/silent_ends.h"
#include "replay/slab.h"
#include "replay/slab_pages.h"
#include "replay/slob.h"
#include "replay/slub.h"
#include "replay/start_reveals.h"
#include "replay/start_slabs.h"
#include "replay/vmalloc.h"

enum live_kind {
	LIVE_NOTHING, /* allocated before the window, or not here */
	LIVE_SLAB,
	LIVE_LARGE,
	LIVE_PAGES,
	LIVE_VMALLOC, /* the model gave it an area instead of kmalloc */
	LIVE_FAILED,  /* the model had no memory for it */
	LIVE_ENDED, /* a slab object that others of its kind show to be gone */
};

/* One live object of the trace, by its slot. */
struct live {
	/* slab object: the model's; pages: model pfn; area: its number */
	uint64_t handle;
	uint64_t pfn;	      /* pages: recorded */
	uint32_t bytes_req;   /* objects, areas */
	uint32_t bytes_alloc; /* the same; large, areas: whole pages */
	uint32_t cache;	      /* slab object: entry in the cache table */
	uint8_t kind, order;  /* enum live_kind; large, pages */
	bool movable;	      /* pages */
};

/* A marker that begins or ends the window of one kind of event. */
struct window {
	uint32_t begin, end; /* name ids of markers, 0: none */
	bool open, closed;
};

/* A cache that the setting cache.at gives to a call site. */
struct own_cache {
	uint64_t start, end; /* addresses of the call site */
	uint32_t bytes;
	uint32_t entry; /* of the cache table */
};

struct order_books;

/* What live objects of one kind cost; sums, bytes. */
struct live_bytes {
	uint64_t requested, rounding, padding;
};

/* The running sums of replay_waterfall.c. */
struct waterfall_books {
	struct live_bytes slab, large, area;
	struct cache_share shares; /* recorded mode: of all caches */
	struct replay_waterfall moments[WATERFALL_MOMENTS];
};

struct replay {
	struct replay_config config;
	struct trace *trace;
	struct memory memory;
	bool recorded;	     /* mode; else a slab model decides */
	enum slab_kind kind; /* the slab model's allocator */
	bool own_model;	     /* the model is the allocator that was recorded */
	bool predicts;	     /* the rules are those of the recorded allocator */
	bool one_cache_per_slab; /* false for a trace of SLOB */
	bool slob_sizes;	 /* objects lie as SLOB lays them */
	/* Names and sizes of caches: before, else after; NULL: neither. */
	const struct snapshot *snapshot;
	uint32_t before_parts; /* files of before/ that the start may use */
	bool contradiction;    /* none, because they contradict each other */
	uint16_t *cpu_node;
	uint32_t cpus, nodes;
	unsigned int page_shift;
	/*
	 * The model's page size, which the setting page_size may change. Counts
	 * of pages in here are of the model's pages, those of results and rows
	 * of the recorded kernel's: replay_recorded_pages().
	 */
	unsigned int model_page_shift;
	uint64_t user_pages; /* order 0 and movable, since the start */
	uint64_t address_mask;

	struct kmalloc_rules rules; /* of the recorded kernel */
	struct cache_table caches;
	struct own_cache own[REPLAY_SITES_MAX];
	uint32_t own_count;
	struct page_model *pages;     /* model mode, or below the books */
	struct page_machine *machine; /* NULL: pages is endless */
	struct slab_model *slab;      /* model mode */
	struct slob_env slob_env;     /* sizes, where SLOB has a part in it */
	struct page_books books;      /* recorded mode with a machine */
	struct page_predict predict;  /* the same */
	struct compaction compaction;
	struct compaction_scan scans[PAGE_ZONES_MAX]; /* model mode */
	/* Model pages that were moved; taken from moved_first. */
	uint64_t *moved;
	size_t moved_first, moved_count, moved_cap;
	/* Model mode: the last task that freed, and if it is a kswapd, whose. */
	int32_t freeing_pid;
	int freeing_kswapd; /* node, -1: another task */
	struct slab_pages slab_pages;
	struct start_slabs starts;
	struct start_reveals reveals; /* while the start is made */
	struct live *live;
	size_t live_cap;
	struct silent_ends silent;
	struct vmalloc *vmap;	 /* areas that the trace tells of */
	struct map vmap_areas;	 /* their addresses -> number in vmap */
	struct vmalloc *vmalloc; /* areas of the model; model mode */

	struct window page_window, slab_window;
	struct moments moments;
	struct waterfall_books waterfall;
	uint64_t bytes_req, bytes_alloc;
	uint64_t slab_pages_now; /* recorded mode */
	uint64_t large_pages, direct_pages;
	uint64_t slab_pages_last; /* after the event before */
	bool at_peak;		  /* that was the most so far */
	struct replay_sample peak;
	uint64_t events_fed;
	uint64_t last_ts_ns, next_tick_ns, slab_tick_ns;
	struct samples samples;
	struct replay_result result;
	struct replay_notes notes;
	struct replay_costs costs;
	struct order_books *orders; /* NULL: not watched */
};

/* replay_start.c: models and books in the state before the first event. */
MUST_CHECK int replay_start(struct replay *replay, struct err *err);

/* replay_model.c, replay_recorded.c: one event inside the window. */
MUST_CHECK int replay_model_event(struct replay *replay,
				  const struct kmem_event *ev);
MUST_CHECK int replay_recorded_event(struct replay *replay,
				     const struct kmem_event *ev);

/* replay_slob.c: where SLOB differs, because its slabs have no cache. */

MUST_CHECK int replay_slob_make(struct replay *replay, struct err *err);

/* A recording of SLOB: its slab pages, of which nothing else is known. */
MUST_CHECK int replay_slob_pages_start(struct replay *replay);

/* A recording of another allocator: the objects of one of its caches. */
MUST_CHECK int replay_slob_cache_start(struct replay *replay,
				       struct cache_entry *entry,
				       const struct snapshot_cache *captured,
				       const struct start_counts *counts);

/*
 * A free of an object of a start that replay_slob_pages_start() made; false
 * if its place or its size is not known. cache may be CACHE_NONE.
 */
bool replay_slob_start_free(struct replay *replay, const struct kmem_event *ev,
			    uint32_t cache);

/*
 * What an allocation asks of SLOB, and what it gets. In a recording of SLOB its
 * place opens, if it was not known to be free.
 */
void replay_slob_sizes(struct replay *replay, const struct kmem_event *ev,
		       const struct kmalloc_choice *choice,
		       const struct cache_entry *entry,
		       struct slab_request *request, uint64_t *bytes_alloc);

/* replay_orders.c: which orders would fail. */

MUST_CHECK int replay_orders_make(struct replay *replay);
void replay_orders_free(struct replay *replay);

/* An event inside the window of pages, after the mode's file had it. */
MUST_CHECK int replay_orders_event(struct replay *replay,
				   const struct kmem_event *ev);

/* The window of pages is over. */
void replay_orders_end(struct replay *replay);

/* replay_caches.c: caches that only a setting makes. */

/* Adds the classes of kmalloc.classes to a model's rules. ERR_USAGE. */
MUST_CHECK int replay_classes_add(const struct replay *replay,
				  struct kmalloc_rules *rules, struct err *err);

/* Makes the caches of cache.at. ERR_USAGE for a call site that is not known. */
MUST_CHECK int replay_own_make(struct replay *replay, struct err *err);

/*
 * The model's cache of a small kmalloc, *cache: the recorded kernel's on entry.
 * choice: with the added classes.
 */
MUST_CHECK int replay_own_cache(struct replay *replay,
				const struct kmem_event *ev,
				const struct kmalloc_choice *choice,
				uint32_t *cache);

/* replay_vmalloc.c: areas of address space. */

MUST_CHECK int replay_vmalloc_make(struct replay *replay, struct err *err);
void replay_vmalloc_free(struct replay *replay);

/* One of the EV_VMAP_ kinds. */
MUST_CHECK int replay_vmap_event(struct replay *replay,
				 const struct kmem_event *ev);

/*
 * An area for a kmalloc that the setting vmalloc.above_kib sends there; false:
 * it does not, or there is no memory for it. choice: kmalloc's own.
 */
bool replay_vmalloc_alloc(struct replay *replay, const struct kmem_event *ev,
			  const struct kmalloc_choice *choice,
			  struct live *live);

/* The same for a request of kvmalloc() that kmalloc has no memory for. */
bool replay_vmalloc_fallback(struct replay *replay, const struct kmem_event *ev,
			     const struct kmalloc_choice *choice,
			     struct live *live);

/* The free of a live object of kind LIVE_VMALLOC. */
void replay_vmalloc_end(struct replay *replay, const struct kmem_event *ev,
			const struct live *live);

void replay_vmalloc_sample(const struct replay *replay,
			   struct replay_sample *sample);
void replay_vmalloc_result(const struct replay *replay,
			   struct replay_result *result);
MUST_CHECK int replay_vmalloc_check(const struct replay *replay,
				    struct err *err);

/* replay_silent.c: objects whose frees have no event. */

/* The live entry of an event that creates an object was made. */
MUST_CHECK int replay_object_begin(struct replay *replay,
				   const struct kmem_event *ev);

/*
 * The free of a live object: end is called for it and for those that it shows
 * to be gone (silent_ends.h), but not for one that was taken to be gone before.
 */
void replay_object_end(struct replay *replay, const struct kmem_event *ev,
		       struct live *live,
		       void (*end)(struct replay *replay,
				   const struct kmem_event *ev,
				   struct live *live));

/* replay_waterfall.c: what is held, and for what. */

/*
 * An object of kind LIVE_SLAB, LIVE_LARGE or LIVE_VMALLOC comes or goes: all
 * sums of live bytes, its cache's (CACHE_NONE: none) too.
 */
void replay_live_add(struct replay *replay, const struct live *live);
void replay_live_remove(struct replay *replay, const struct live *live);

static inline bool live_counts(const struct live *live)
{
	return live->kind == LIVE_SLAB || live->kind == LIVE_LARGE ||
	       live->kind == LIVE_VMALLOC;
}

/*
 * The entry for what an event creates, NULL without memory. An object that is
 * still there, in a slot that only a broken trace gives away, is forgotten.
 */
struct live *replay_live_new(struct replay *replay,
			     const struct kmem_event *ev);

/* Recorded mode: after the slabs or old objects of a cache changed. */
void replay_share(struct replay *replay, struct cache_entry *entry);

/* Keeps what is held now as the steps of that moment. */
void replay_waterfall_take(struct replay *replay, enum waterfall_moment moment,
			   uint64_t ts_ns);

/* Counts all sums again. */
MUST_CHECK int replay_waterfall_check(const struct replay *replay,
				      struct err *err);

/* replay_model.c: what an event asks of the page model. */
void replay_page_request(const struct replay *replay,
			 const struct kmem_event *ev, unsigned int order,
			 struct page_request *request);

/* replay.c: what both modes need. */

/*
 * True if the free of a page was a move by compaction: the page lives on
 * elsewhere. live: its entry.
 */
bool replay_page_moves(const struct replay *replay, const struct kmem_event *ev,
		       const struct live *live);

/* The live entry of an event whose object is not 0; NULL without memory. */
struct live *replay_live(struct replay *replay, const struct kmem_event *ev);

/*
 * The cache of an allocation event of a small object, *entry CACHE_NONE if it
 * cannot be told. choice: of kmalloc_choose(), for EV_KMALLOC.
 */
MUST_CHECK int replay_cache_of(struct replay *replay,
			       const struct kmem_event *ev,
			       const struct kmalloc_choice *choice,
			       uint32_t *entry);

/*
 * Learns from an object event that its page is a slab of that cache. The slab
 * is returned in *slab, NULL where addresses are not linked to pages.
 */
MUST_CHECK int replay_observe(struct replay *replay,
			      const struct kmem_event *ev, uint32_t cache,
			      struct slab_page **slab);

/*
 * Holds bytes_alloc of an allocation against what the recorded kernel's rules
 * predict from bytes_req and the cache, never from bytes_alloc itself. An
 * unknown cache counts as unknown; where the allocator is another one nothing
 * is counted.
 */
void replay_predict(struct replay *replay, const struct kmem_event *ev,
		    const struct kmalloc_choice *choice, uint32_t entry);

/* Enters a page event into the table of slab pages. */
MUST_CHECK int replay_track_page(struct replay *replay,
				 const struct kmem_event *ev);

/* The slab pages of the moment. */
static inline uint64_t replay_slab_pages(const struct replay *replay)
{
	return replay->slab ? replay->slab->pages : replay->slab_pages_now;
}

static inline uint64_t live_sum(const struct live_bytes *sums)
{
	return sums->requested + sums->rounding + sums->padding;
}

/* Of the recorded kernel those that the trace saw allocated. */
static inline uint64_t replay_large_pages(const struct replay *replay)
{
	if (replay->recorded)
		return live_sum(&replay->waterfall.large) >> replay->page_shift;
	return replay->large_pages + replay->slab->block_pages;
}

/* Pages of the model in pages of the recorded kernel, rounded up. */
static inline uint64_t replay_recorded_pages(const struct replay *replay,
					     uint64_t pages)
{
	unsigned int less;

	if (replay->model_page_shift >= replay->page_shift)
		return pages << (replay->model_page_shift - replay->page_shift);
	less = replay->page_shift - replay->model_page_shift;
	return (pages + (1ull << less) - 1) >> less;
}

/* The pages that replay_costs counts as held */
static inline uint64_t replay_held_pages(const struct replay *replay)
{
	return replay_slab_pages(replay) + replay_large_pages(replay) +
	       (live_sum(&replay->waterfall.area) >> replay->model_page_shift);
}

#endif
