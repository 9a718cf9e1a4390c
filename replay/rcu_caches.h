/*
 * rcu_caches: caches whose memory outlives a free (SLAB_TYPESAFE_BY_RCU), by
 * name, for recordings that do not tell the flags of caches: those of SLAB and
 * SLOB have no /sys/kernel/slab.
 *
 * Source: all users of the flag in kernel/, mm/, fs/ and net/ of 6.1, and
 * net/core/sock.c, which hands a protocol's flags on to the caches of its
 * request and time-wait sockets. Caches of drivers are not among them.
 */
#ifndef REPLAY_RCU_CACHES_H
#define REPLAY_RCU_CACHES_H

#include <stdbool.h>

#include "replay/variant.h"

bool rcu_cache_named(const char *name);

/*
 * True if the free pointer of such a cache has a place in the object
 * (use_freeptr_offset of kmem_cache_args, which no file shows): all users in 6.12,
 * 6.18 and 7.2; older kernels have none.
 */
bool rcu_cache_freeptr_inside(const char *name, enum kernel_variant variant);

/*
 * True if most objects of a cache with sheaves are freed by kfree_rcu(), which
 * puts them into a sheaf without an event (6.18: lib/maple_tree.c,
 * ma_free_rcu(); mm/slub.c, __kfree_rcu_sheaf()). What lies in such a cache's
 * sheaves a trace takes for used, until its place is allocated again.
 */
bool rcu_cache_frees_hidden(const char *name);

#endif
