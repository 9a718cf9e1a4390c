/*
 * link_state: what the second pass keeps; shared by link.c, link_objects.c and
 * link_pages.c and by nobody else.
 */
#ifndef PARSER_LINK_STATE_H
#define PARSER_LINK_STATE_H

#include "core/source.h"
#include "core/trace.h"
#include "parser/freed_addresses.h"
#include "parser/link_learn.h"
#include "parser/link_rules.h"
#include "parser/live_objects.h"
#include "parser/page_map.h"

/* Flags of live_object beside those of core/event.h that a free repeats. */
enum {
	LIVE_REPEATED = EVF_BACKS_SLAB | EVF_BACKS_LARGE | EVF_LARGE,
	/* A page block of which pages were freed. */
	LIVE_IN_PIECES = EVF_SPLIT,
	/* A large kmalloc whose second trace was seen. */
	LIVE_TWICE = EVF_DUPLICATE,
};

/* Events that wait to be handed out: synthetic ones and the one after them. */
struct pending {
	struct kmem_event *events;
	size_t next, count, cap;
};

struct link {
	struct source source; /* first: this is a source */
	struct source *raw;
	struct trace *trace;
	struct link_rules rules;
	struct learned learned;

	/* From here on: state of the current reading. */
	struct live_objects live;
	struct page_map pages;
	struct page_map virtual_pages; /* of objects, if linking is off */
	struct freed_addresses freed;  /* of pages that were never touched */
	struct pending pending;
	struct anomalies counted; /* what this stage put into trace's */
	uint64_t next_object;
	size_t page_allocs; /* seen so far: index into learned.backing */
	/* The snapshot's kpageflags: read from its marker to the next one. */
	uint32_t before_marker; /* name id, UINT32_MAX: no such snapshot */
	bool before_begun, before_done;
	uint64_t last_large[LINK_CPU_LIMIT]; /* object id of the last one */

	struct kmem_event raw_events[SOURCE_BATCH];
	size_t raw_next, raw_count;
	bool raw_ended;
};

static inline void link_count(struct link *link, enum anomaly id)
{
	link->trace->anomalies.count[id]++;
	link->counted.count[id]++;
}

/* Puts a synthetic event before the one that is being linked. */
MUST_CHECK int link_insert(struct link *link, const struct kmem_event *ev);

/* A synthetic free of a live slot, caused by cause: all but its kind's part. */
struct kmem_event link_synthetic(const struct live_object *live, uint32_t slot,
				 const struct kmem_event *cause);

/* Copies to a free what is known of the object that it ends. */
void link_fill_free(struct kmem_event *ev, const struct live_object *live,
		    uint32_t slot);

/* Not inlined where events are told apart: most are about one of these. */
#define LINK_CALL __attribute__((noinline)) MUST_CHECK int

/* Events about slab objects and large kmallocs (link_objects.c). */
LINK_CALL link_object_alloc(struct link *link, struct kmem_event *ev);
LINK_CALL link_object_free(struct link *link, struct kmem_event *ev);

/* Frees, without an event, the live objects that start in a page. */
MUST_CHECK int link_free_objects_in(struct link *link, uint64_t pfn,
				    struct page *page,
				    const struct kmem_event *cause);

/* Events about pages (link_pages.c). */
LINK_CALL link_page_alloc(struct link *link, struct kmem_event *ev);
LINK_CALL link_page_free(struct link *link, struct kmem_event *ev);

/* True if the snapshot taken before the trace says the page was free. */
bool link_free_in_before(const struct link *link, uint64_t pfn);

#endif
