/*
 * pageflags_read: kpageflags (or kpageflags.zst) into free blocks.
 *
 * One 64-bit word per pfn. KPF_BUDDY is set on every page of a free block, so
 * maximal naturally aligned powers of two, clipped at zone limits and at the
 * largest order, are the free blocks: free buddies are always merged
 * (fs/proc/page.c, stable_page_flags(); mm/page_alloc.c, __free_one_page()).
 * The file is read as a stream: memory grows with the blocks,
 * and by one bit per pfn for the pages of slabs, and for movable ones.
 */
#ifndef PARSER_PAGEFLAGS_READ_H
#define PARSER_PAGEFLAGS_READ_H

#include <stdbool.h>

#include "core/err.h"
#include "core/snapshot.h"

/*
 * Adds blocks, kpageflags_pages, slab_pages and both maps. The zones (for the
 * limits) and order_count must be set already. ERR_MISSING if neither file is
 * in dir; ERR_FORMAT, ERR_IO, ERR_LIMIT, ERR_NOMEM.
 */
MUST_CHECK int pageflags_read(const char *dir, bool big_endian,
			      struct snapshot *snapshot, struct err *err);

/* The decomposition alone, fed with words in the order of pfns. */
struct pageflags {
	struct snapshot *snapshot;
	size_t block_cap;
	bool head_movable;	 /* the last page that was no tail */
	uint64_t pfn;		 /* of the next word */
	uint64_t run, run_pages; /* free pages in a row so far */
	uint64_t limit;		 /* the next zone border above run */
};

/* So many pages with that word. ERR_LIMIT, ERR_NOMEM. */
MUST_CHECK int pageflags_add(struct pageflags *flags, uint64_t word,
			     uint64_t count);
/* Call once behind the last word. */
MUST_CHECK int pageflags_end(struct pageflags *flags);

#endif
