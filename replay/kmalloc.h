/*
 * kmalloc: which cache a kmalloc of some size comes from.
 *
 * Glossary
 *   class   one size that kmalloc has a cache for, per type
 *   type    which set of caches: normal, dma, reclaimable, accounted, without
 *           extensions, a bucket or a random copy
 *   extension  what a kernel notes of an object beside it: who is charged and
 *           what called; a slab has a vector of them, by kmalloc. Vectors of
 *           normal caches have caches of their own ("kmalloc-no-objext-64", in
 *           stable kernels since 2026, 6.12.117 has it), asked for by
 *           __GFP_NO_OBJ_EXT, and only where allocation profiling may be on
 *           (mm/slab.h, need_kmalloc_no_objext()); else normal ones serve
 *   bucket  a set of its own for one caller (6.11 on, CONFIG_SLAB_BUCKETS)
 *   copy    one of 16 sets that stand for normal, chosen by call site (6.6 on,
 *           CONFIG_RANDOM_KMALLOC_CACHES); the first is the normal one
 *   large   above the biggest class: straight from the page allocator
 *
 * Sources: include/linux/slab.h kmalloc_type(), __kmalloc_index(),
 * mm/slab_common.c create_kmalloc_caches(), 5.15 to 6.18. Where the recorded
 * kernel's caches are known, they decide; else its version and architecture.
 *
 * What a trace does not tell: the kernel draws a seed at boot that decides which
 * call site has which copy. Here the seed is 0, so call sites are spread as in
 * the kernel but a copy's number means nothing. memdup_user() traces its
 * caller as call site, and before 6.18 vmemdup_user() is traced as kvmalloc, so
 * of that bucket only vmemdup_user() of 6.18 is recognised; other requests of
 * it count as normal. All these have the same classes: bytes_alloc does not
 * depend on it.
 */
#ifndef REPLAY_KMALLOC_H
#define REPLAY_KMALLOC_H

#include <stdbool.h>
#include <stdint.h>

#include "core/capture_info.h"
#include "core/err.h"
#include "core/snapshot.h"
#include "core/symbols.h"
#include "replay/variant.h"

enum kmalloc_type {
	KMALLOC_NORMAL,
	KMALLOC_DMA,
	KMALLOC_RECLAIM,
	KMALLOC_CGROUP,
	KMALLOC_MEMDUP,	    /* bucket of memdup_user() */
	KMALLOC_MSG,	    /* bucket of alloc_msg() */
	KMALLOC_NO_OBJ_EXT, /* vectors of slab extensions of normal caches */
	KMALLOC_COPY,	    /* the first of 15 beside normal */
	KMALLOC_TYPES = KMALLOC_COPY + 15
};

/* Functions of the recorded kernel that matter as call sites. */
enum kmalloc_site {
	KMALLOC_SITE_MEMDUP, /* vmemdup_user() */
	KMALLOC_SITE_MSG,    /* alloc_msg() */
	KMALLOC_SITE_KV,     /* kvmalloc_node() */
	KMALLOC_SITES
};

enum {
	KMALLOC_CLASSES_MAX = 32,
	KMALLOC_STEP = 8, /* classes below the table's end differ by that */
	KMALLOC_TABLE = 8192 / KMALLOC_STEP + 1,
	KMALLOC_NAME_MAX = 32,
};

struct kmalloc_class {
	uint32_t bytes;	    /* largest request it serves */
	uint32_t slab_size; /* what an object takes: bytes_alloc */
	char name[KMALLOC_NAME_MAX];
	bool added; /* by kmalloc_rules_add() */
};

struct kmalloc_rules {
	uint32_t count[KMALLOC_TYPES]; /* 0: the kernel has no such type */
	/* Ascending by bytes. */
	struct kmalloc_class classes[KMALLOC_TYPES][KMALLOC_CLASSES_MAX];
	bool captured;	/* from the recorded kernel's own list */
	bool added;	/* some class is not the recorded kernel's */
	uint32_t align; /* every class is a multiple of it, but for the least */
	/*
	 * SLOB has no classes: one entry per type stands for all that the heap
	 * serves, and an object takes its size and a header (mm/slob.c,
	 * __do_kmalloc_node()). 0 for other allocators.
	 */
	uint32_t header;
	uint32_t page_size;
	uint64_t large_limit; /* requests above fail */
	/* Private */
	struct {
		uint64_t start, end; /* addresses; 0, 0: not known */
	} sites[KMALLOC_SITES];
	uint8_t table[KMALLOC_TYPES][KMALLOC_TABLE];
	enum kernel_variant variant;
	struct gfp_bits gfp;
	uint32_t gfp_not_normal; /* KMALLOC_NOT_NORMAL_BITS, of types here */
};

/*
 * ARCH_KMALLOC_MINALIGN: what every kmalloc is aligned to, and the smallest
 * class but for SLAB: ARCH_DMA_MINALIGN where an architecture sets it
 * (arch/ARCH/include/asm/cache.h). From 6.5 on arm64, from 6.6 riscv set it to 8
 * and __kmalloc_minalign() has that, too, because swiotlb bounces small buffers;
 * a machine without swiotlb has the size of its cache lines.
 */
uint32_t kmalloc_minalign(const struct capture_info *info);

/*
 * The rules of the recorded kernel; snapshot (may be NULL or lack caches)
 * tells its caches. ERR_FORMAT if the capture has no possible page size.
 */
MUST_CHECK int kmalloc_rules_init(struct kmalloc_rules *rules,
				  const struct capture_info *info,
				  const struct snapshot *snapshot);

/*
 * Takes away the types that the recorded kernel, whose rules these are, was not
 * built with: they are its configuration's (MEMCG, ZONE_DMA), whatever
 * allocator it has.
 */
void kmalloc_rules_limit(struct kmalloc_rules *rules,
			 const struct kmalloc_rules *recorded);

/*
 * Adds classes of these sizes to every type that there is. ERR_USAGE, saying why,
 * for a size that is no multiple of align, not between the least and the largest
 * class, or there already, and where there are no classes (SLOB).
 */
MUST_CHECK int kmalloc_rules_add(struct kmalloc_rules *rules,
				 const struct capture_info *info,
				 const uint32_t *sizes, uint32_t count,
				 struct err *err);

/* Learns call sites from the recorded kernel's symbols, which may be none. */
void kmalloc_rules_sites(struct kmalloc_rules *rules,
			 const struct symbols *symbols);

/*
 * True if such a cache has SLAB_KMALLOC: natural alignment, and requests that
 * debug options remember. Buckets do not (mm/slab_common.c,
 * kmem_buckets_create()).
 */
bool kmalloc_is_flagged(const char *name);

/*
 * True if kvmalloc() made the request: it falls back to vmalloc() where that
 * fails. 6.18 traces the caller of kvmalloc() instead: never true there.
 */
bool kmalloc_is_kv(const struct kmalloc_rules *rules, uint64_t call_site);

/* What becomes of one request. */
struct kmalloc_choice {
	enum kmalloc_type type;
	uint32_t index; /* of the class; not for large */
	bool large;
	uint8_t order;	      /* large */
	uint64_t bytes_alloc; /* predicted; 0: the kernel would refuse */
};

/* call_site: as traced. bytes_req 0 is no allocation: bytes_alloc 0. */
struct kmalloc_choice kmalloc_choose(const struct kmalloc_rules *rules,
				     uint64_t bytes_req, uint32_t gfp_flags,
				     uint64_t call_site);

/*
 * ksize(): to so many bytes an object may grow and stay where it is. Of SLUB and
 * SLAB what its class serves (SLAB's kmalloc-96 takes 128 bytes and has room for
 * 96), of SLOB the first request in whole units, of a large one all its pages; 0
 * of no object. The same from 5.15 to 6.18 and with debug options: __ksize(),
 * slab_ksize(), from 6.18 on s->object_size (mm/slub.c, __do_krealloc()).
 */
uint64_t kmalloc_room(const struct kmalloc_rules *rules,
		      struct kmalloc_choice choice);

enum kmalloc_resize {
	KMALLOC_RESIZE_FREE, /* to 0 bytes: kfree() */
	KMALLOC_RESIZE_STAY, /* the same object, and no event */
	KMALLOC_RESIZE_MOVE  /* kmalloc(), then kfree() of the old */
};

/*
 * krealloc() of an object that was chosen so. One that stays is what it was: a
 * later krealloc() asks about the same room. No object, NULL, moves: it is a
 * kmalloc(). Not here: alignment and node that 6.18's krealloc_node_align() may
 * insist on; contents. A replay has no use for it: a trace shows no krealloc()
 * but by the events of one that moves, which say all.
 */
enum kmalloc_resize kmalloc_resize(const struct kmalloc_rules *rules,
				   struct kmalloc_choice choice,
				   uint64_t bytes_req);

/*
 * kvmalloc(), which is kmalloc() first and vmalloc() then: with which flags it
 * asks kmalloc(). Above a page it does not warn, gives up early unless
 * RETRY_MAYFAIL is set (NORETRY, in 6.18 no direct reclaim), and from 6.1 on
 * leaves NOFAIL to vmalloc(). Sources: mm/util.c kvmalloc_node() and
 * kmalloc_gfp_adjust(), which 6.18 has in mm/slub.c.
 */
uint32_t kvmalloc_gfp(const struct kmalloc_rules *rules, uint64_t bytes_req,
		      uint32_t gfp_flags);

/*
 * True if kvmalloc(), asked with these flags, takes a vmalloc() area where
 * kmalloc() has nothing: of more than a page, up to INT_MAX bytes, for who may
 * sleep; 5.15 wants all of GFP_KERNEL.
 */
bool kvmalloc_falls_back(const struct kmalloc_rules *rules, uint64_t bytes_req,
			 uint32_t gfp_flags);

/*
 * With which flags kvmalloc() was asked, from those that it traced (5.15 to
 * 6.12): as vmalloc() gets them. NORETRY is its own, callers may not have it;
 * NOFAIL is lost.
 */
uint32_t kvmalloc_caller_gfp(const struct kmalloc_rules *rules,
			     uint64_t bytes_req, uint32_t traced);

/* The choice without the added classes: that of the recorded kernel. */
struct kmalloc_choice kmalloc_without_added(const struct kmalloc_rules *rules,
					    struct kmalloc_choice choice);

#endif
