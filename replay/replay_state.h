/*
 * replay_state: what the files of the engine share. Private to replay_*.c.
 */
#ifndef REPLAY_REPLAY_STATE_H
#define REPLAY_REPLAY_STATE_H

#include "core/block_reveals.h"
#include "replay/cache_table.h"
#include "replay/recorded_moves.h"
#include "replay/page_books.h"
#include "replay/page_machine.h"
#include "replay/page_predict.h"
#include "replay/replay.h"
#include "replay/replay_gfp.h"
#include "replay/replay_moments.h"
#include "replay/replay_own_caches.h"
#include "replay/replay_silent.h"
#include "replay/replay_waterfall.h"
#include "replay/replay_window.h"
#include "replay/samples.h"
#include "replay/silent_ends.h"
#include "replay/slab.h"
#include "replay/slab_pages.h"
#include "replay/slob.h"
#include "replay/slub.h"
#include "replay/start_reveals.h"
#include "replay/start_slabs.h"
#include "replay/vmalloc.h"

struct order_books;

/* Where a page is that compaction moved. */
struct moved_page {
	uint64_t pfn;
	bool old; /* from before the trace */
};

/* What a mode does with events; errors as replay_feed(). */
struct replay_mode {
	/* An object begins: called while the slab window is not closed. */
	int (*object_alloc)(struct replay *replay, const struct kmem_event *ev);
	/* Every event of a free, of no object or after the window, too. */
	int (*object_free)(struct replay *replay, const struct kmem_event *ev);
	/* Any other event, of pages foremost. */
	int (*other)(struct replay *replay, const struct kmem_event *ev);
};

struct replay {
	struct replay_config config;
	struct trace *trace;
	struct memory memory;
	const struct replay_mode *mode;
	bool recorded;	     /* that mode; else a slab model decides */
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

	struct gfp_meaning gfp[REPLAY_GFP_KEPT]; /* model mode */
	struct kmalloc_rules rules;		 /* of the recorded kernel */
	struct cache_table caches;
	struct own_cache own[REPLAY_SITES_MAX];
	uint32_t own_count;
	struct page_model *pages;     /* model mode, or below the books */
	struct page_machine *machine; /* NULL: pages is endless */
	struct slab_model *slab;      /* model mode */
	struct slob_env slob_env;     /* sizes, where SLOB has a part in it */
	struct page_books books;      /* recorded mode with a machine */
	struct page_predict predict;  /* the same */
	struct recorded_moves moves;
	struct move_runs runs; /* of the model, or of the books */
	/* Model pages that were moved; taken from moved_first. */
	struct moved_page *moved;
	size_t moved_first, moved_count, moved_cap;
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
	uint64_t slab_pages_now;	  /* recorded mode */
	const uint64_t *slab_pages_count; /* that, or the slab model's */
	uint64_t large_pages, direct_pages;
	uint64_t slab_pages_last; /* after the event before */
	bool at_peak;		  /* that was the most so far */
	bool held_more;		  /* in other pages, perhaps */
	struct replay_sample peak;
	uint64_t events_fed;
	uint64_t last_ts_ns, next_tick_ns, slab_tick_ns;
	uint64_t due_ns; /* the first of these ticks and of the next sample */
	struct samples samples;
	struct replay_result result;
	struct replay_notes notes;
	struct replay_costs costs;
	struct order_books *orders; /* NULL: not watched */
};

/* True if the start may use these files of before/. */
static inline bool replay_before_has(const struct replay *replay,
				     uint32_t parts)
{
	return (replay->before_parts & parts) == parts;
}

/* The slab pages of the moment. */
static inline uint64_t replay_slab_pages(const struct replay *replay)
{
	return *replay->slab_pages_count;
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
