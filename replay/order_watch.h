/*
 * order_watch: when would a request of each order fail, what was asked for
 * then, and who held the memory.
 *
 * Fails means that page_orders.h serves none. An order that never does has a
 * tightest moment instead: the first at which the fewest would be served.
 */
#ifndef REPLAY_ORDER_WATCH_H
#define REPLAY_ORDER_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/event.h"
#include "core/result.h"
#include "replay/block_pins.h"
#include "replay/page_alloc.h"
#include "replay/page_orders.h"

enum { ORDER_HOLDERS = 10 };

/* The allocation after which a moment came. */
struct order_request {
	/*
	 * False: a CPU's list was filled, or a page moved, and no allocation
	 * of that CPU and task followed: only they are known then.
	 */
	bool known;
	bool
	    object; /* of a model: an object's event, whose pages have no own */
	uint8_t use;   /* enum site_backing */
	uint8_t order; /* of the pages; 0 for an object */
	uint16_t cpu;
	int32_t pid;
	uint32_t gfp_flags;
	uint32_t cache;	    /* of a slab, name id; 0: not known */
	uint64_t call_site; /* of the first object in it; 0: not known */
};

/* Whose pages: a cache's, or those that tasks of one comm asked for directly. */
struct order_holder {
	bool slab;
	uint32_t name;	    /* cache or comm, name id; 0: not known */
	uint32_t gfp_flags; /* pages asked for directly */
	uint64_t pages;
};

/* All pages that the zones manage, by what they were used for. */
struct order_space {
	uint64_t managed;
	uint64_t free, pcp;
	uint64_t slab;		     /* from before the trace, too */
	uint64_t large;		     /* large kmallocs since the start */
	uint64_t movable, unmovable; /* asked for directly since the start */
	uint64_t before;	  /* the rest: in use since before the start */
	struct block_room blocks; /* all 0 where it is not known */
	struct order_holder holders[ORDER_HOLDERS]; /* most pages first */
	size_t holder_count;
};

struct order_fate {
	bool fails;
	bool at_start; /* it was so before the first event */
	/* The first failing moment, else the tightest. */
	uint64_t ts_ns;
	uint64_t serves; /* requests in a row; 0 if it fails */
	uint64_t free_pages;
	struct order_request request;
	struct order_space space; /* if it fails */
	/* What the recorded kernel itself says, in the window. */
	uint64_t failed, first_failed_ns; /* allocations of that order */
	uint64_t failed_agreed; /* of these: this watch says the same */
	uint64_t fallbacks;	/* served from another migratetype's blocks */
};

/* Free blocks of a huge page's size at one moment (replay/block_pins.h). */
struct order_room {
	uint64_t ts_ns;
	struct block_room blocks;
};

enum { ORDER_ROOMS = 128 };

struct replay_orders {
	uint32_t order_count;
	struct order_fate fates[PAGE_ORDERS];
	/*
	 * On a grid of equal steps, by time. None of a model, whose pages lie
	 * elsewhere, or where kpageflags of the start is missing.
	 */
	uint32_t block_order; /* of a huge page; without them, a pageblock */
	struct order_room rooms[ORDER_ROOMS];
	size_t room_count;
};

/* What the watch asks of its owner when an order fails. */
typedef void (*order_space_fill)(void *context, struct order_space *space);

struct order_watch {
	struct replay_orders result;
	/* Private */
	const struct page_alloc *pa;
	order_space_fill fill;
	void *context;
	struct page_orders start; /* before the first event */
	uint64_t start_free_pages;
	bool started;
	/* Orders whose moment waits for the allocation, or for its object. */
	uint32_t wait_request, wait_object;
	uint64_t waits_since_ns;
};

/* pa outlives the watch. */
void order_watch_init(struct order_watch *watch, const struct page_alloc *pa,
		      order_space_fill fill, void *context);

/*
 * An event inside the window, after the allocator has followed it; all kinds,
 * because an object tells what its page was for. memory_changed: pages may have
 * been taken or given back.
 */
void order_watch_event(struct order_watch *watch, const struct kmem_event *ev,
		       bool memory_changed);

/* Enters a holder if it is among the ORDER_HOLDERS largest so far. */
void order_space_hold(struct order_space *space,
		      const struct order_holder *holder);

#endif
