/*
 * cache_text: the cache of an object event, as a name.
 */
#ifndef ANALYSIS_CACHE_TEXT_H
#define ANALYSIS_CACHE_TEXT_H

#include "core/event.h"
#include "core/trace.h"

enum { CACHE_TEXT_MAX = SYMBOL_TEXT_MAX };

struct cache_key {
	uint32_t name;	     /* name id; 0: a kmalloc, or not known */
	uint8_t kind;	     /* enum event_kind */
	bool large;	     /* kmalloc served by the page allocator */
	uint64_t bytes_each; /* of one object; 0: they differ */
};

/*
 * The trace's name of the cache; of a kmalloc its size class as the kernel
 * writes it ("kmalloc-512", "kmalloc-1k": mm/slab_common.c), because the event
 * does not tell whether it was kmalloc-512 or kmalloc-cg-512. Not escaped.
 */
const char *cache_text(const struct trace *trace, const struct cache_key *key,
		       char text[CACHE_TEXT_MAX]);

#endif
