/*
 * text_slub: allocations in a console log, of caches booted with slab_debug=T.
 *
 * The kernel prints (mm/slub.c, trace(), 5.15 to 6.12)
 *   TRACE kmalloc-128 alloc 0x00000000d8bac921 inuse=16 fp=0x0000000000000000
 * and behind it, for a free, the object's bytes, then a call trace:
 *   CPU: 0 PID: 1 Comm: swapper/0 Not tainted 6.1.0-13-amd64 #1 Debian
 *    __kmalloc+0x4b/0x150
 *    alloc_desc+0x35/0x250
 * The caller of kmalloc(), kfree() and the like is the call site. In front of
 * every line may stand whatever a log puts there; "[   12.345678]" is the time.
 * Pointers are hashed, but not from 5.14 on, where slab_debug= turns that off
 * (mm/slub.c, kmem_cache_init()).
 *
 * What it does not say: bytes asked for (bytes_req becomes bytes_alloc, which a
 * kmalloc cache's name tells, and 0 for other caches; counted as
 * ANOMALY_UNKNOWN_SIZE).
 */
#ifndef PARSER_TEXT_SLUB_H
#define PARSER_TEXT_SLUB_H

#include <stdbool.h>
#include <stdint.h>

#include "core/event.h"
#include "parser/text_event.h"

/* The event whose call trace is being read. A zeroed struct: none. */
struct text_slub {
	bool waiting;
	bool entered;	/* its call trace has come to kmalloc() or such */
	bool passed_on; /* the next function there is not the call site */
	struct kmem_event event;
	uint64_t count; /* so far: the time of lines that have none */
	bool timed;	/* any line had a time */
};

/*
 * Looks at a line that is no tracepoint's. *given: an event is complete and in
 * ev. ERR_NOMEM or ERR_LIMIT.
 */
MUST_CHECK int text_slub_line(struct text_slub *slub,
			      struct text_events *events, const char *start,
			      const char *end, struct kmem_event *ev,
			      bool *given);

/* At the end of the log: true if an event still waited, now in ev. */
bool text_slub_end(struct text_slub *slub, struct kmem_event *ev);

/* "6.1.0-13-amd64" in "Not tainted 6.1.0-13-amd64 #1"; NULL: none. */
const char *text_slub_release(const char *start, const char *end);

#endif
