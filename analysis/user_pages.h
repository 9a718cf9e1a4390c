/*
 * user_pages: how many larger pages a process's memory would take, counted from
 * the page faults that took its pages.
 *
 * Glossary
 *   placed      a page of order 0 for user space whose virtual address is known
 *   range       aligned addresses of one larger page's size in one process
 *   large page  what a kernel with larger pages would hold for a range
 *   memory      of a process: an address space, shared by its threads
 *
 * What is counted. A fault by a write, then the task's next request for one
 * movable page (readahead's and interrupts' left out) before its next fault,
 * is a placed page:
 * anonymous memory, a copy on write, or the first write to shared memory. It
 * lives until its page is freed. The placed pages of one range live in one
 * large page, which lives as long as any of them. One that is taken at an
 * address where the large page has a live one is a copy (after fork()): it
 * begins a large page of its own, and later ones of the range join that.
 *
 * What is exact: the number of aligned ranges with a live placed page, for the
 * addresses as they were recorded. What is not:
 *   - pages without such a fault are not placed: files' (reads, readahead),
 *     those that the kernel fills (exec's arguments, MAP_POPULATE), swap read
 *     back by a read, all of before the trace;
 *   - blocks of order 1 and more (transparent huge pages) are left out: which
 *     of their pages were touched, nothing tells;
 *   - a real kernel with larger pages aligns mappings to them: two that share a
 *     range here would have one each there;
 *   - memory that processes share counts for the one that took its page; after
 *     a fork(), what is not written to stays with the one that had it;
 *   - a page that compaction moved is not placed any more;
 *   - tasks that were there before the trace are taken for processes of their
 *     own: which are threads of one, nothing tells;
 *   - a write fault that took no page and a system call that then does, before
 *     the task's next fault, look the same as a fault that did.
 *
 * Sources: mm/memory.c, do_anonymous_page(), wp_page_copy(), do_cow_fault()
 * (6.1, 6.12): one request of GFP_HIGHUSER_MOVABLE; kernel/fork.c, copy_mm();
 * fs/exec.c, begin_new_exec() (a new memory, then the new comm).
 */
#ifndef ANALYSIS_USER_PAGES_H
#define ANALYSIS_USER_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "core/map.h"
#include "core/table.h"
#include "core/trace.h"

enum { USER_PAGES_SIZES = 2 };

/* Pages of one size that hold placed pages. */
struct user_pages_count {
	uint64_t live, peak, end;
};

/* One memory that had placed pages. */
struct user_memory {
	int32_t pid; /* the task that took the first of them */
	struct user_pages_count small; /* of the recorded size */
	struct user_pages_count large[USER_PAGES_SIZES];
	/* Private */
	int64_t growth; /* bytes more in the largest size, each at its peak */
	struct map ranges[USER_PAGES_SIZES]; /* range -> number in large */
};

/* Private. */
struct user_large_page {
	uint32_t parts; /* bit set: that small page of it lives */
	uint32_t next;	/* free ones: number + 1 of the next */
};
struct user_placed {
	uint64_t page; /* virtual page number */
	uint32_t memory;
	uint32_t large[USER_PAGES_SIZES];
	uint32_t next;
};

struct user_pages {
	/* Bytes of the larger pages; 0: not larger than the recorded ones. */
	uint32_t sizes[USER_PAGES_SIZES];
	uint64_t faults; /* 0: none was recorded, and nothing is known */
	/* Of all memories; each peak at its own moment. */
	struct user_pages_count small, large[USER_PAGES_SIZES];
	struct user_memory *memories; /* at the end: what grows most first */
	size_t memory_count;
	/* Private */
	const struct trace *trace;
	struct map memory_of; /* pid -> id of its memory */
	uint64_t memory_ids;  /* given so far */
	struct map renamed;   /* pid -> id before, of what may be in an exec */
	struct map rows;      /* id -> number in memories */
	struct map pending;   /* pid -> virtual page of its last write fault */
	struct map placed_of; /* object -> number in placed */
	struct user_placed *placed;
	struct user_large_page *pool;
	size_t memory_cap, placed_count, placed_cap, pool_count, pool_cap;
	uint32_t placed_free, pool_free; /* number + 1 of the first, 0: none */
	bool ended;
};

/*
 * 16 and 64 KiB, where they are larger than the recorded pages. trace is that
 * of the events and outlives this; its page size must be known.
 */
void user_pages_init(struct user_pages *pages, const struct trace *trace);

/*
 * Takes linked events in the order of time. Counts from the moment at which the
 * snapshot "before" read the pages to that at which "after" did, where the
 * trace has those: the time of a replay. ERR_NOMEM.
 */
MUST_CHECK int user_pages_feed(struct user_pages *pages,
			       const struct kmem_event *events, size_t count,
			       struct err *err);

/* After the last event: sets "end", and the order of memories. */
void user_pages_finish(struct user_pages *pages);

/* The processes below all of them together. table is not yet initialised. */
void user_pages_table(const struct user_pages *pages, struct table *table);

/* A zeroed struct is valid. */
void user_pages_fini(struct user_pages *pages);

#endif
