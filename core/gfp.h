/*
 * gfp: the allocation flags of one kernel, whose bit numbers differ by version.
 *
 * The bits are read from the recorded event format (its print format names
 * each flag and its value); kernels without that text get the version's table.
 * Source: include/linux/gfp.h (5.15), include/linux/gfp_types.h (6.1 on).
 */
#ifndef CORE_GFP_H
#define CORE_GFP_H

#include <stdint.h>

/* Field, kernel spelling, value in 5.15 to 6.7 (then enum-numbered). */
#define GFP_TABLE(X)                                                           \
	X(dma, "GFP_DMA", 0x01u)                                               \
	X(highmem, "__GFP_HIGHMEM", 0x02u)                                     \
	X(dma32, "GFP_DMA32", 0x04u)                                           \
	X(movable, "__GFP_MOVABLE", 0x08u)                                     \
	X(reclaimable, "__GFP_RECLAIMABLE", 0x10u)                             \
	X(high, "__GFP_HIGH", 0x20u)                                           \
	X(io, "__GFP_IO", 0x40u)                                               \
	X(fs, "__GFP_FS", 0x80u)                                               \
	X(zero, "__GFP_ZERO", 0x100u)                                          \
	X(atomic, "__GFP_ATOMIC", 0x200u)                                      \
	X(direct_reclaim, "__GFP_DIRECT_RECLAIM", 0x400u)                      \
	X(kswapd_reclaim, "__GFP_KSWAPD_RECLAIM", 0x800u)                      \
	X(write, "__GFP_WRITE", 0x1000u)                                       \
	X(nowarn, "__GFP_NOWARN", 0x2000u)                                     \
	X(retry_mayfail, "__GFP_RETRY_MAYFAIL", 0x4000u)                       \
	X(nofail, "__GFP_NOFAIL", 0x8000u)                                     \
	X(noretry, "__GFP_NORETRY", 0x10000u)                                  \
	X(memalloc, "__GFP_MEMALLOC", 0x20000u)                                \
	X(comp, "__GFP_COMP", 0x40000u)                                        \
	X(nomemalloc, "__GFP_NOMEMALLOC", 0x80000u)                            \
	X(hardwall, "__GFP_HARDWALL", 0x100000u)                               \
	X(thisnode, "__GFP_THISNODE", 0x200000u)                               \
	X(account, "__GFP_ACCOUNT", 0x400000u)                                 \
	/* Since 6.10; its place depends on the kernel's configuration. */     \
	X(no_obj_ext, "__GFP_NO_OBJ_EXT", 0u)

/* One mask per flag; 0 where the kernel has no such flag. */
struct gfp_bits {
#define X(field, name, value) uint32_t field;
	GFP_TABLE(X)
#undef X
	/* All of GFP_NOWAIT, which has __GFP_NOWARN in it from 6.7 on. */
	uint32_t nowait;
};

#endif
