/*
 * slub_rows: what a SLUB kernel says of its caches: slab/parameters.txt of a
 * capture, or /sys/kernel/slab of the kernel that runs.
 */
#ifndef TESTS_REPLAY_SLUB_ROWS_H
#define TESTS_REPLAY_SLUB_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "replay/slab_params.h"
#include "replay/slub_size.h"

struct slub_row {
	char name[64];
	uint32_t order, object_size, slab_size, objs_per_slab;
	uint32_t cpu_partial, min_partial, align, usersize, sheaf_capacity;
	bool hwcache_align, reclaim_account, destroy_by_rcu, cache_dma, ctor;
	uint32_t debug; /* enum slub_debug */
};

struct slub_rows {
	struct slub_row *rows;
	size_t count;
	struct slub_env env; /* with the boot parameters */
	char dir[512];
};

/* False if the directory has no slab/parameters.txt. Free with _fini. */
bool slub_rows_read(struct slub_rows *rows, const char *dir);

/* False if /sys/kernel/slab cannot be read here. */
bool slub_rows_live(struct slub_rows *rows);

void slub_rows_fini(struct slub_rows *rows);

/* The cache that a row tells of, as its creator gave it to the kernel. */
struct slab_cache_spec slub_row_spec(const struct slub_rows *rows,
				     const struct slub_row *row);

/*
 * Calls visit for the captures of tests/data, and for those below
 * KMEMSCOPE_CAPTURES. Returns the sum of what visit returns.
 */
uint32_t slub_rows_each(uint32_t (*visit)(const struct slub_rows *rows));

#endif
