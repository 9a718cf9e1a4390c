/*
 * capture_info: what is known about a recording as a whole (capture.json).
 */
#ifndef CORE_CAPTURE_INFO_H
#define CORE_CAPTURE_INFO_H

#include <stdbool.h>
#include <stdint.h>

#include "core/gfp.h"

enum { CAPTURE_CPUS_MAX = 4096 };

/* Loss as the kernel's per_cpu/cpuN/stats tell it. */
struct cpu_loss {
	uint64_t entries; /* events written to the buffer */
	uint64_t overrun; /* overwritten before they were read */
	uint64_t commit_overrun;
	uint64_t dropped_events;
	uint64_t decoded; /* events that were found in the pages */
};

/* Which slab allocator the recorded kernel was built with. */
enum slab_kind {
	SLAB_KIND_UNKNOWN,
	SLAB_KIND_SLUB,
	SLAB_KIND_SLAB,
	SLAB_KIND_SLOB
};

/* The name of its model: SLUB's where it is not known. */
static inline const char *slab_kind_model(enum slab_kind kind)
{
	return kind == SLAB_KIND_SLAB	? "slab"
	       : kind == SLAB_KIND_SLOB ? "slob"
					: "slub";
}

struct capture_info {
	char title[256];
	char release[128]; /* uname -r */
	char machine[32];  /* uname -m */
	char clock[16];
	char command[1024]; /* recorded command, "" if none */
	int version_major, version_minor;
	uint32_t page_size; /* bytes, a power of two */
	uint8_t long_size;  /* 4 or 8 */
	bool big_endian;
	bool markers;
	bool filtered; /* events were left out on purpose */
	/* Printed as %p, no addresses. A database has it in link_reason. */
	bool pointers_hashed;
	bool partial; /* not everything recorded could be read */
	char partial_reason[256];
	int command_status; /* exit status of command, -1: none */
	uint32_t cpu_count;
	struct cpu_loss *cpus; /* cpu_count elements */
	enum slab_kind slab_kind;
	struct gfp_bits gfp;
	/* Direct-map base found by linking: virtual address of pfn 0. */
	uint64_t direct_map_base;
	bool linked;	       /* false: no base found, linking is off */
	char link_reason[256]; /* how the base was found, or why not */
	/*
	 * kmem_cache_alloc events read so far (a database: all there are), and
	 * those whose cache is known.
	 */
	uint64_t cache_allocs, cache_allocs_named;
};

/* The kernel's version as one number to compare: 6012 is 6.12. */
static inline int capture_version(const struct capture_info *info)
{
	return info->version_major * 1000 + info->version_minor;
}

#endif
