/*
 * replay: plays a trace's linked events on a model of the kernel's memory, or
 * keeps the books of what the kernel itself did.
 *
 * Glossary
 *   recorded   mode in which addresses and pfns of the trace decide where
 *              things lie: the kernel as it was
 *   model      mode in which only CPU, gfp, size, order, node, time and the
 *              identity of objects come from the trace; an allocator decides
 *   window     from the "before" snapshot to the "after" snapshot, each file
 *              at its own marker; without markers the whole trace
 *   warm       started from the "before" snapshot; cold: from nothing
 *
 * One replay takes one pass over the events; several replays can be fed from
 * the same pass.
 */
#ifndef REPLAY_REPLAY_H
#define REPLAY_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "core/result.h"
#include "core/trace.h"
#include "replay/page_predict.h"
#include "replay/replay_settings.h"
#include "replay/start_rules.h"
#include "replay/start_slabs.h"

/* How much of the object events inside the window the trace tells. */
struct replay_coverage {
	uint64_t allocs, allocs_known; /* known: from which cache */
	uint64_t frees;
	uint64_t frees_unknown;	 /* of objects from before the trace */
	uint64_t frees_hidden;	 /* of objects without an alloc event */
	uint64_t frees_implicit; /* without an event */
	uint64_t duplicates;	 /* second traces of large kmallocs */
};

/* What a replay could not do as the kernel did: printed with its result. */
struct replay_notes {
	uint64_t events_outside; /* before or after the window */
	uint64_t start_frees;	 /* frees of objects from before the window */
	uint64_t start_frees_unplaced; /* of these: no slab known for them */
	/* Such objects that were gone when their whole slab was freed. */
	uint64_t start_frees_implicit;
	uint64_t hidden_frees; /* of objects without an alloc event */
	uint64_t silent_ends;  /* objects that silent_ends.h took to be gone */
	uint64_t silent_ends_wrong;  /* of these: freed with an event later */
	uint64_t cache_unknown;	     /* allocations of an unknown cache */
	uint64_t start_page_frees;   /* page frees of start pages */
	uint64_t page_frees_ignored; /* pages the model had not in use */
	uint64_t unplaced_pages;     /* freed, but their place is not known */
	uint64_t corrected_pages;    /* books put right (recorded mode) */
	uint64_t moved_pages;	     /* by compaction, without an event */
	uint64_t order_fallbacks;    /* slabs of less than their order */
	struct replay_coverage coverage;
	struct start_shares start; /* models: what the start was made of */
	struct page_predictions predictions; /* recorded mode */
	uint64_t pcp_pages; /* models: on per-CPU lists at the start, and */
	uint64_t pcp_pages_revealed; /* of these, which ones the trace tells */
};

/*
 * What a replay held and what it took to serve the requests: what two settings
 * are compared by. Held pages are those of slabs, of large kmallocs and of
 * areas that the model made.
 */
struct replay_costs {
	/*
	 * Models: pages for user space (order 0, movable) that live at the end,
	 * each as one page of the model's size: the worst case where that is
	 * larger than the recorded one.
	 */
	uint64_t user_pages_end;
	uint64_t held_pages_start, held_pages_end, held_pages_peak;
	uint64_t slab_grows;   /* events in which slabs took pages */
	uint64_t slab_shrinks; /* events in which slabs gave pages back */
	/*
	 * SLUB: ALLOC_SLOWPATH and FREE_SLOWPATH of CONFIG_SLUB_STATS, which
	 * cost a lock or an atomic operation on the slab; 0 for others.
	 */
	uint64_t slow_allocs, slow_frees;
	uint64_t order_fallbacks; /* slabs of less than their order */
	/* Models: visits of per-CPU lists to the free areas, under their lock. */
	uint64_t pcp_refills, pcp_drains;
};

/*
 * Receives the rows of a result while replay_finish() runs; a member may be
 * NULL. A row lives until the function returns. Non-zero ends the replay.
 */
struct replay_sink {
	int (*sample)(void *context, const struct replay_sample *sample);
	int (*cache_sample)(void *context,
			    const struct replay_cache_sample *sample);
	int (*cache)(void *context, const struct replay_cache_result *cache);
	int (*zone)(void *context, const struct replay_zone *zone);
	/* Twice: the peak and the end. */
	int (*waterfall)(void *context,
			 const struct replay_waterfall *waterfall);
	void *context;
};

struct replay_config {
	/*
	 * The trace of the source that will be fed; cache names are added to
	 * its names. Outlives the replay.
	 */
	struct trace *trace;
	const char *model; /* "recorded", "slub", "slab" or "slob" */
	struct replay_settings settings;
	uint32_t samples;  /* to aim for, 2 to 10000 */
	bool watch_orders; /* for replay_orders() */
	/* Start a model from the snapshot alone, not from trace->reveals. */
	bool snapshot_only;
	/* Models: for what nothing tells of the start. */
	struct start_rules rules;
};

struct replay;

/* The models there are, as one line for messages. */
const char *replay_models(void);

/* The allocator of a slab model; SLAB_KIND_UNKNOWN: "recorded", or none. */
enum slab_kind replay_model_kind(const char *model);

/* ERR_USAGE: no such model or number of samples; ERR_UNSUPPORTED. */
MUST_CHECK int replay_possible(const struct replay_config *config,
			       struct err *err);

/* What replay_possible() says, and ERR_FORMAT, ERR_NOMEM. */
MUST_CHECK int replay_create(struct replay **replay,
			     const struct replay_config *config,
			     struct err *err);

/*
 * The next events in the order of time, linked. ERR_FORMAT: they contradict
 * the trace; ERR_NOMEM.
 */
MUST_CHECK int replay_feed(struct replay *replay,
			   const struct kmem_event *events, size_t count,
			   struct err *err);

/*
 * Ends the replay: hands the rows to sink (may be NULL) in the order of time,
 * of caches and of files, and fills result (wall_ns apart, which is the
 * caller's). ERR_NOMEM, and what a member of the sink returns.
 */
MUST_CHECK int replay_finish(struct replay *replay,
			     const struct replay_sink *sink,
			     struct replay_result *result, struct err *err);

/*
 * When each order would fail (replay/order_watch.h), of the events fed so far;
 * NULL if that was not asked for, or the trace does not tell what memory the
 * machine has. Until replay_destroy().
 */
struct replay_orders;
const struct replay_orders *replay_orders(const struct replay *replay);

/* Complete after replay_finish(). */
const struct replay_notes *replay_notes(const struct replay *replay);

/* Complete after replay_finish(). */
const struct replay_costs *replay_costs(const struct replay *replay);

/*
 * Recomputes the models' counters from raw state; 0 if all agree. Else
 * ERR_FORMAT, and err says which.
 */
MUST_CHECK int replay_check(const struct replay *replay, struct err *err);

/* NULL is allowed. */
void replay_destroy(struct replay *replay);

#endif
