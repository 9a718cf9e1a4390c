/*
 * slab_merge: which caches SLUB would have merged: from a recording of a kernel
 * booted with slab_nomerge, what the same kernel does without.
 *
 * A new cache joins the oldest one that has its size, an alignment that suits
 * it and the same flags (reclaimable, DMA, accounted), unless one of both has a
 * constructor, is freed by RCU, may be copied to user space, has debug options
 * or sheaves. Two flags are in no file: SLAB_ACCOUNT, which matters with memory
 * cgroups only, and that a cache opted out; of both the kernel's own caches are
 * known by name. Caches of drivers and modules with these flags are not.
 *
 * Sources, mm/slab_common.c: find_mergeable(), slab_unmergeable(),
 * SLAB_NEVER_MERGE, SLAB_MERGE_SAME, new_kmalloc_cache(), create_boot_cache();
 * 5.15, 6.1, 6.12, 6.18 and 7.2. slab_caches is searched from its oldest member;
 * the names of accounted caches: all users of the flag in 6.1, 6.12 and 7.2.
 */
#ifndef REPLAY_SLAB_MERGE_H
#define REPLAY_SLAB_MERGE_H

#include <stdint.h>

#include "core/capture_info.h"
#include "core/snapshot.h"

/* True if caches were merged in the kernel that the snapshot is of. */
bool slab_merge_recorded(const struct snapshot *snapshot);

/*
 * For each cache of the snapshot, in the order of slabinfo (the newest first),
 * the one that it is merged into: its own index, or that of an older cache that
 * has its own. info: the kernel's version and long_size. debug: enum slub_debug
 * of all caches, besides their own. roots has cache_count elements.
 */
void slab_merge_roots(const struct snapshot *snapshot,
		      const struct capture_info *info, uint32_t debug,
		      uint32_t *roots);

#endif
