#include "replay/slab_merge.h"

#include <stdlib.h>
#include <string.h>

#include "replay/kmalloc.h"
#include "replay/slub_size.h"

/* A name in a sorted list? */
static int by_text(const void *key, const void *element)
{
	return strcmp(key, *(const char *const *)element);
}

/*
 * A fix of 7.2, which 6.1.192 and 6.12.117 have and 6.16 to 7.1 have not, as far
 * as they were seen (6.18.44, 7.0.13, 7.1.13).
 */
static bool routes_accounted(const struct capture_info *info)
{
	int version = capture_version(info);

	return version < 6013 || version >= 7002;
}

/* SLAB_ACCOUNT, of caches that could merge. */
static bool accounted_named(const char *name, const struct capture_info *info)
{
	static const char *const names[] = {
	    "AF_VSOCK",
	    "PING",
	    "PINGv6",
	    "UDP",
	    "UDP-Lite",
	    "UDPLITEv6",
	    "UDPv6",
	    "UNIX",
	    "UNIX-STREAM",
	    "anon_vma_chain",
	    "cred",
	    "cred_jar",
	    "dnotify_mark",
	    "dnotify_struct",
	    "ep_head",
	    "eventpoll_epi",
	    "eventpoll_pwq",
	    "fanotify_mark",
	    "fasync_cache",
	    "fib6_node",
	    "fib6_nodes",
	    "files_cache",
	    "filp",
	    "fs_cache",
	    "fsnotify_mark",
	    "inotify_inode_mark",
	    "io_kiocb",
	    "ip6_dst_cache",
	    "ip_fib_alias",
	    "ip_fib_trie",
	    "kvm_mmu_page_header",
	    "mnt_cache",
	    "net_namespace",
	    "nsproxy",
	    "pde_opener",
	    "pid",
	    "pid_namespace",
	    "pidfs_attr_cache",
	    "pidfs_xattr_cache",
	    "posix_timers_cache",
	    "pte_list_desc",
	    "seq_file",
	    "signal_cache",
	    "sigqueue",
	    "task_delay_info",
	    "task_exec_state",
	    "tcp_bind2_bucket",
	    "tcp_bind_bucket",
	    "user_namespace",
	    "vm_area_struct",
	    "vma_lock",
	};

	static const char *const routes[] = {"ip6_mrt_cache", "ip_mrt_cache",
					     "mfc6_cache", "mfc_cache"};

	if (bsearch(name, routes, sizeof(routes) / sizeof(*routes),
		    sizeof(*routes), by_text))
		return routes_accounted(info);
	return bsearch(name, names, sizeof(names) / sizeof(*names),
		       sizeof(*names), by_text) ||
	       !strncmp(name, "kmalloc-cg-", strlen("kmalloc-cg-"));
}

/* A merged cache shows its flags in its name: ":aA-0000064" (':' first). */
static bool accounted(const struct snapshot_cache *cache,
		      const struct capture_info *info)
{
	const char *dash = strchr(cache->name, '-');

	if (cache->name[0] != ':')
		return accounted_named(cache->name, info);
	return dash &&
	       memchr(cache->name, 'A', (size_t)(dash - cache->name)) != NULL;
}

static bool has_cgroups(const struct snapshot *snapshot)
{
	for (uint32_t i = 0; i < snapshot->cache_count; i++)
		if (!strncmp(snapshot->caches[i].name, "kmalloc-cg-",
			     strlen("kmalloc-cg-")))
			return true;
	return false;
}

/*
 * SLAB_NO_MERGE, SLAB_NOLEAKTRACE (which nothing merges with, either) and the
 * caches of SLUB itself (refcount -1).
 */
static bool opted_out(const char *name, const struct capture_info *info)
{
	static const char *const names[] = {
	    "kmem_cache",      "kmem_cache_node",    "skbuff_head_cache",
	    "kmemleak_object", "kmemleak_scan_area", "kmalloc_buckets"};
	static const char *const sets[] = {
	    "msg_msg-", "memdup_user-", "kmalloc-rnd-", "kmalloc-no-objext-"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (!strcmp(name, names[i]))
			return true;
	for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++)
		if (!strncmp(name, sets[i], strlen(sets[i])))
			return true;
	return capture_version(info) >= 7002 && !strcmp(name, "key_jar");
}

/*
 * Sheaves that the cache's creator asked for keep it apart; those that every
 * cache has from 7.0 on do not.
 */
static bool asked_for_sheaves(const struct snapshot_cache *cache,
			      const struct capture_info *info)
{
	return cache->sheaf_capacity &&
	       (info->version_major < 7 || !strcmp(cache->name, "maple_node") ||
		!strcmp(cache->name, "vm_area_struct"));
}

/*
 * slab_unmergeable(); with cgroups kmalloc's normal caches are exempt too.
 */
static bool never_merged(const struct snapshot_cache *cache,
			 const struct capture_info *info, uint32_t debug,
			 bool cgroups)
{
	if (debug & SLUB_DEBUG_METADATA || cache->red_zone || cache->poison ||
	    cache->store_user)
		return true;
	if (cache->ctor || cache->destroy_by_rcu || cache->usersize ||
	    asked_for_sheaves(cache, info))
		return true;
	if (opted_out(cache->name, info))
		return true;
	return cgroups && !strncmp(cache->name, "kmalloc-", 8) &&
	       cache->name[8] >= '1' && cache->name[8] <= '9';
}

/* SLAB_MERGE_SAME */
static bool same_flags(const struct snapshot_cache *a,
		       const struct snapshot_cache *b,
		       const struct capture_info *info, bool cgroups)
{
	return a->reclaim_account == b->reclaim_account &&
	       a->cache_dma == b->cache_dma &&
	       (!cgroups || accounted(a, info) == accounted(b, info));
}

/* find_mergeable(): true if cache joins the older one. */
static bool joins(const struct snapshot_cache *cache,
		  const struct snapshot_cache *older,
		  const struct capture_info *info, bool cgroups)
{
	uint32_t word_size = info->long_size ? info->long_size : 8;
	uint32_t align = cache->align ? cache->align : word_size;

	return cache->slab_size <= older->slab_size &&
	       older->slab_size - cache->slab_size < word_size &&
	       !(older->slab_size & (align - 1)) &&
	       same_flags(cache, older, info, cgroups);
}

bool slab_merge_recorded(const struct snapshot *snapshot)
{
	return snapshot->alias_count > 0;
}

void slab_merge_roots(const struct snapshot *snapshot,
		      const struct capture_info *info, uint32_t debug,
		      uint32_t *roots)
{
	bool cgroups = has_cgroups(snapshot);

	for (uint32_t i = snapshot->cache_count; i-- > 0;) {
		const struct snapshot_cache *cache = &snapshot->caches[i];

		roots[i] = i;
		if (!cache->slab_size ||
		    never_merged(cache, info, debug, cgroups))
			continue;
		for (uint32_t j = snapshot->cache_count - 1; j > i; j--) {
			if (roots[j] != j ||
			    never_merged(&snapshot->caches[j], info, debug,
					 cgroups) ||
			    !joins(cache, &snapshot->caches[j], info, cgroups))
				continue;
			roots[i] = j;
			break;
		}
	}
}
