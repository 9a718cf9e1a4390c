/*
 * source: a time-ordered stream of events, whatever it is read from.
 *
 * A source is made by the module that reads the input (parser, db) and closed
 * by its user through source_close(). Everything known about the recording
 * apart from its events is in the struct trace that comes with it.
 */
#ifndef CORE_SOURCE_H
#define CORE_SOURCE_H

#include <stddef.h>

#include "core/err.h"
#include "core/event.h"

struct source;

/* How much of its events a reader wants. */
enum source_detail {
	SOURCE_ALL,
	/*
	 * What happened, but not who did it: of object and page events pid,
	 * EVF_SELF, EVF_HARDIRQ, EVF_SOFTIRQ, EVF_ACCOUNTED, EVF_PERCPU_REFILL,
	 * the gfp_flags of pages and the call site of frees may be missing.
	 */
	SOURCE_WHAT,
	/*
	 * The same, and not what is only about small objects: kmem_cache_alloc
	 * and kmem_cache_free, kmallocs of less than large_from bytes, and
	 * kfrees of addresses that begin no page.
	 */
	SOURCE_LARGE,
};

struct source_ops {
	/*
	 * Writes up to cap events; *count = 0 means the end. Counts every
	 * anomaly in the trace's table. Fails only where no further event can
	 * be read.
	 */
	int (*read)(struct source *src, struct kmem_event *events, size_t cap,
		    size_t *count, struct err *err);
	/*
	 * Back to the first event; a second reading gives the same events.
	 * Takes back what this source's read has counted in the trace
	 * (anomalies, tracepoints, decoded events): those always tell what the
	 * current reading has met so far. What was counted when the source was
	 * opened stays.
	 */
	int (*rewind)(struct source *src, struct err *err);
	/* How much was read, 0 to 1: for progress bars. */
	double (*position)(const struct source *src);
	/*
	 * Optional: from the next read on, no more than that of the events.
	 * SOURCE_LARGE leaves nothing out where an allocation may not name its
	 * cache: then all of that is needed to learn the name.
	 */
	void (*skim)(struct source *src, enum source_detail detail,
		     uint64_t large_from);
	void (*close)(struct source *src);
};

/* First member of every implementation's own struct. */
struct source {
	const struct source_ops *ops;
};

/* A good size for a reader's array: small enough to stay in the L2 cache. */
enum { SOURCE_BATCH = 512 };

static inline MUST_CHECK int source_read(struct source *src,
					 struct kmem_event *events, size_t cap,
					 size_t *count, struct err *err)
{
	return src->ops->read(src, events, cap, count, err);
}

static inline MUST_CHECK int source_rewind(struct source *src, struct err *err)
{
	return src->ops->rewind(src, err);
}

static inline double source_position(const struct source *src)
{
	return src->ops->position(src);
}

/* A source that cannot goes on giving all events. */
static inline void source_skim(struct source *src, enum source_detail detail,
			       uint64_t large_from)
{
	if (src->ops->skim)
		src->ops->skim(src, detail, large_from);
}

/* NULL is allowed. */
static inline void source_close(struct source *src)
{
	if (src)
		src->ops->close(src);
}

#endif
