/*
 * event: the one record that every input becomes and every analysis reads.
 *
 * Glossary
 *   object      what one allocation creates: a slab object, a large kmalloc,
 *               or a block of pages asked for directly
 *   backing     pages that were allocated to hold slab objects or a large
 *               kmalloc; they are not another allocation
 *   synthetic   an event that linking inserted because the kernel has no
 *               tracepoint there (bulk and RCU frees); never counted as traced
 *   hidden      an object whose allocation had no event (bulk allocation,
 *               compaction target) and that a free revealed
 *
 * Fields keep the kernel's spelling (include/trace/events/kmem.h).
 */
#ifndef CORE_EVENT_H
#define CORE_EVENT_H

#include <stdbool.h>
#include <stdint.h>

/* Kind and the word used for it in tables, SQL and JSON. */
#define EVENT_KIND_TABLE(X)                                                    \
	X(EV_NONE, "none")                                                     \
	X(EV_KMALLOC, "kmalloc")                                               \
	X(EV_KFREE, "kfree")                                                   \
	X(EV_CACHE_ALLOC, "kmem_cache_alloc")                                  \
	X(EV_CACHE_FREE, "kmem_cache_free")                                    \
	X(EV_PAGE_ALLOC, "mm_page_alloc")                                      \
	X(EV_PAGE_FREE, "mm_page_free")                                        \
	X(EV_PAGE_FREE_BATCHED, "mm_page_free_batched")                        \
	X(EV_ZONE_LOCKED, "mm_page_alloc_zone_locked")                         \
	X(EV_PCPU_DRAIN, "mm_page_pcpu_drain")                                 \
	X(EV_EXTFRAG, "mm_page_alloc_extfrag")                                 \
	X(EV_MARKER, "print")                                                  \
	X(EV_TASK_NEW, "task_newtask")                                         \
	X(EV_TASK_RENAME, "task_rename")                                       \
	X(EV_TASK_EXEC, "sched_process_exec")                                  \
	X(EV_OTHER, "other")                                                   \
	X(EV_LOST, "lost")                                                     \
	X(EV_VMAP_ALLOC, "alloc_vmap_area")                                    \
	X(EV_VMAP_FREE, "free_vmap_area_noflush")                              \
	X(EV_VMAP_PURGE, "purge_vmap_area_lazy")                               \
	X(EV_FAULT_USER, "page_fault_user")                                    \
	X(EV_FAULT_KERNEL, "page_fault_kernel")

enum event_kind {
#define X(kind, word) kind,
	EVENT_KIND_TABLE(X)
#undef X
	    EV_KIND_COUNT
};

enum event_flag {
	/* Set by the decoder. */
	EVF_NODE_VARIANT = 1u << 0,  /* kmalloc_node, kmem_cache_alloc_node */
	EVF_FAILED = 1u << 1,	     /* NULL pointer or pfn -1: no memory */
	EVF_NO_OBJECT = 1u << 2,     /* kfree(NULL), kfree(ZERO_SIZE_PTR) */
	EVF_ACCOUNTED = 1u << 3,     /* charged to a memory cgroup */
	EVF_PERCPU_REFILL = 1u << 4, /* zone_locked: for a per-CPU list */
	EVF_CHANGE_OWNERSHIP = 1u << 5, /* extfrag: the pageblock was retyped */
	EVF_HARDIRQ = 1u << 6,		/* common_flags: in hard interrupt */
	EVF_SOFTIRQ = 1u << 7,		/* common_flags: in soft interrupt */
	EVF_LOST_BEFORE = 1u
			  << 8, /* events of this CPU were lost just before */
	EVF_SELF = 1u << 9,	/* made by the recorder itself */
	EVF_WRITE_FAULT = 1u << 10,   /* page fault: by a write */
	EVF_SHARES_MEMORY = 1u << 11, /* task_newtask: CLONE_VM */
	/* Set by linking. */
	EVF_DUPLICATE = 1u << 16,   /* the other trace of a large kmalloc */
	EVF_SYNTHETIC = 1u << 17,   /* inserted: an untraced free */
	EVF_BACKS_SLAB = 1u << 18,  /* page event: holds slab objects */
	EVF_BACKS_LARGE = 1u << 19, /* page event: a large kmalloc's; SLOB: or
				   of any object with pages of its own */
	EVF_LARGE = 1u << 20,	    /* kmalloc served by the page allocator */
	EVF_UNKNOWN_OBJECT = 1u << 21, /* free: allocated before the trace */
	EVF_HIDDEN_OBJECT = 1u
			    << 22, /* free: allocated in it, without an event */
	EVF_SPLIT = 1u << 23,	   /* page free of a part of its block */
	EVF_BLOCK_LIVES = 1u << 24, /* page free: not the block's last part */
};

/*
 * One event. Fields that a kind does not have are 0 (node: -1).
 *
 * addr is the object's address for the four object kinds and the first pfn for
 * the page kinds. On a free that ends a known object, linking fills
 * bytes_req, bytes_alloc and cache from the allocation, and the alloc_ fields.
 *
 * Page events have no bytes: order says it all, a page free gives back
 * page_size << order. A block of pages is an object with an id, whether it was
 * asked for directly or backs a slab or a large kmalloc (EVF_BACKS_, then name
 * is the cache of the slab if it is known): a sum over both kinds of object
 * must leave out one or the other. A block may be freed in pieces: each
 * has EVF_SPLIT, the block's object and slot, and its own addr and order; all
 * but the last have EVF_BLOCK_LIVES, and only the last ends the object.
 *
 * A free with EVF_UNKNOWN_OBJECT or EVF_HIDDEN_OBJECT has object 0.
 *
 * The vmap kinds are about the kernel's address space: areas of vmalloc(), which
 * have pages, and of vmap() and ioremap(), which have none of their own; no
 * field tells them apart. They are no objects. addr is the area's address, of a
 * purge the start of what was flushed. bytes_req of an allocation is the area's
 * size with its guard page; of a free, the size of all areas that were freed
 * but not purged, and bytes_alloc what the kernel lets that be (its page counts
 * times the page size); of a purge, the size of the range flushed.
 *
 * The fault kinds are about a process's address space: addr is the address that
 * user code, or kernel code on its behalf, touched. What pages that took, page
 * events tell.
 */
struct kmem_event {
	uint64_t ts_ns;
	uint64_t call_site;
	uint64_t addr;
	uint64_t bytes_req;
	uint64_t bytes_alloc;
	/*
	 * Linking: the number of the object that this event creates or ends,
	 * from 1 upward and never used twice; 0: none or unknown.
	 */
	uint64_t object;
	uint64_t alloc_ts_ns; /* free: when the object was allocated */
	uint64_t alloc_site;  /* free: its call_site */
	/*
	 * Linking: a small number for the live object, reused after its free,
	 * so that sinks may keep their own data of an object in an array.
	 * Means nothing where object is 0.
	 */
	uint32_t slot;
	uint32_t gfp_flags; /* bits differ by kernel: see core/gfp.h */
	uint32_t flags;	    /* enum event_flag */
	/*
	 * Id in the trace's names: cache of an object event (0: not known),
	 * text of a marker, comm of a task event, tracepoint of EV_OTHER.
	 */
	uint32_t name;
	int32_t pid; /* task events: also the new task's, in addr */
	uint16_t cpu;
	uint16_t alloc_cpu; /* free: the allocation's */
	int16_t node;	    /* requested node, -1: none */
	uint8_t kind;	    /* enum event_kind */
	uint8_t order;
	int8_t migratetype;
	uint8_t fallback_order;	     /* extfrag */
	int8_t fallback_migratetype; /* extfrag */
	uint8_t pad_;
};

_Static_assert(sizeof(struct kmem_event) == 96, "events are copied in bulk");

/* The word of a kind; "none" for a number that is no kind. */
const char *event_kind_word(unsigned int kind);

_Static_assert(EV_KIND_COUNT <= 32, "a set of kinds is a bit each");

/*
 * True for kinds whose bits, 1 << kind, are set. No comparing with one after
 * another: which kind comes next no CPU can foretell.
 */
static inline bool event_kind_in(const struct kmem_event *ev, uint32_t kinds)
{
	return kinds >> (ev->kind & 31) & 1;
}

/* True for the kinds that are about a slab object or a kmalloc. */
static inline bool event_is_object(const struct kmem_event *ev)
{
	return ev->kind >= EV_KMALLOC && ev->kind <= EV_CACHE_FREE;
}

/* True for the kinds that are about an address of a process. */
static inline bool event_is_fault(const struct kmem_event *ev)
{
	return ev->kind == EV_FAULT_USER || ev->kind == EV_FAULT_KERNEL;
}

/* True for the kinds that tell where pages are. */
static inline bool event_is_page(const struct kmem_event *ev)
{
	return (ev->kind >= EV_PAGE_ALLOC && ev->kind <= EV_EXTFRAG) &&
	       ev->kind != EV_PAGE_FREE_BATCHED;
}

/* Of an allocation's event: memory was had, and no other event tells of it. */
static inline bool event_alloc_counts(const struct kmem_event *ev)
{
	return !(ev->flags & (EVF_FAILED | EVF_DUPLICATE));
}

/* Of a free's event: something was freed, to its last part. */
static inline bool event_free_counts(const struct kmem_event *ev)
{
	return !(ev->flags & (EVF_NO_OBJECT | EVF_BLOCK_LIVES));
}

/* True if the event brought an object to life: kmalloc, cache or page. */
static inline bool event_creates(const struct kmem_event *ev)
{
	if (!event_alloc_counts(ev))
		return false;
	return event_kind_in(ev, 1u << EV_KMALLOC | 1u << EV_CACHE_ALLOC |
				     1u << EV_PAGE_ALLOC);
}

/* True if the event ended an object, known to the trace or not. */
static inline bool event_ends(const struct kmem_event *ev)
{
	if (!event_free_counts(ev))
		return false;
	return event_kind_in(ev, 1u << EV_KFREE | 1u << EV_CACHE_FREE |
				     1u << EV_PAGE_FREE);
}

#endif
