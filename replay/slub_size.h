/*
 * slub_size: how many bytes of a slab an object of SLUB takes: what its user
 * asked for, and what debugging and the free pointer add.
 *
 *   left red zone │ object │ red zone │ free pointer │ 2 tracks, kmalloc's
 *   (its size is  │        │ (if there│ (not if it   │ request │ red zone
 *   the align)    │        │ is no gap)│ may lie in   │         │
 *                 │        │          │ the object)  │         │
 *
 * Sources, mm/slub.c: calculate_sizes(), kmem_cache_flags(), struct track, and
 * kmem_cache_open() (do_kmem_cache_create() of 6.12) for 'O'; alignment:
 * mm/slab_common.c, calculate_alignment(), create_boot_cache(). 5.15, 6.1, 6.12
 * and 6.18. KASAN's part is not modelled. Two rules came between the kernels
 * that were read: tracks got short in 5.18, kmalloc's request came with 6.1.
 */
#ifndef REPLAY_SLUB_SIZE_H
#define REPLAY_SLUB_SIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "replay/slab_params.h"

/* Debug options, each with its letter in the boot parameter slub_debug. */
#define SLUB_DEBUG_TABLE(X)                                                    \
	X(CHECKS, 'F')	 /* SLAB_CONSISTENCY_CHECKS */                         \
	X(RED_ZONE, 'Z') /* SLAB_RED_ZONE */                                   \
	X(POISON, 'P')	 /* SLAB_POISON */                                     \
	X(USER, 'U')	 /* SLAB_STORE_USER */                                 \
	X(NO_ORDER, 'O') /* no P, Z, U where they would raise the order */

enum slub_debug_bit {
#define X(name, letter) SLUB_DEBUG_BIT_##name,
	SLUB_DEBUG_TABLE(X)
#undef X
	    SLUB_DEBUG_BITS
};

enum slub_debug {
#define X(name, letter) SLUB_DEBUG_##name = 1 << SLUB_DEBUG_BIT_##name,
	SLUB_DEBUG_TABLE(X)
#undef X
	/* Any of these makes a cache a debug cache (kmem_cache_debug()). */
	SLUB_DEBUG_ANY = SLUB_DEBUG_CHECKS | SLUB_DEBUG_RED_ZONE |
			 SLUB_DEBUG_POISON | SLUB_DEBUG_USER,
	/* DEBUG_METADATA_FLAGS: what needs room. */
	SLUB_DEBUG_METADATA =
	    SLUB_DEBUG_RED_ZONE | SLUB_DEBUG_POISON | SLUB_DEBUG_USER,
};

/*
 * Bytes between two objects of a cache; of spec object_size, align, ctor,
 * destroy_by_rcu, freeptr_inside and kmalloc count. An align of 0 is a word's,
 * or a kmalloc cache's natural one. debug: enum slub_debug, on return without
 * what NO_ORDER took away. ERR_LIMIT for an object_size of 0 or above 1 GiB, or
 * an align that is no power of two or above that.
 */
MUST_CHECK int slub_size_compute(const struct slub_env *env,
				 const struct slab_cache_spec *spec,
				 uint32_t *debug, uint32_t *slab_size);

/*
 * The options of a boot parameter's letters ("FZPU"; "-" or "": none). False,
 * and *debug as it was, if there is another letter among them.
 */
bool slub_debug_parse(const char *letters, uint32_t *debug);

enum { SLUB_DEBUG_TEXT = SLUB_DEBUG_BITS + 2 };

/* The letters of the options, "-" for none. Returns text. */
char *slub_debug_format(uint32_t debug, char text[SLUB_DEBUG_TEXT]);

#endif
