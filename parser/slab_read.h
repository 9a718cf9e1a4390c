/*
 * slab_read: the caches of a snapshot, from four tables that name them
 * differently.
 *
 *   slabinfo          one row per real cache, by the name it was created with
 *   slab.tsv          one row per real cache, by its directory in
 *                     /sys/kernel/slab: ":0000192" where caches may be merged
 *   parameters.txt    one row per name, merged names too (not ":0000192")
 *   aliases.txt       merged name -> ":0000192"; the created name is among them
 *
 * So a directory and a row of slabinfo are the same cache where an alias of
 * that directory is the row's name, or both have the same name.
 *
 * Sources: mm/slab_common.c, cache_show(); mm/slub.c, sysfs_slab_add(),
 * create_unique_id(), show_slab_objects(), slabs_cpu_partial_show().
 */
#ifndef PARSER_SLAB_READ_H
#define PARSER_SLAB_READ_H

#include "core/err.h"
#include "core/snapshot.h"

/* The files' texts, which are changed; NULL where a file is not there. */
struct slab_texts {
	char *slabinfo, *slab_tsv, *parameters, *aliases;
};

/* What was wrong with a table that was there; code 0: nothing. */
struct slab_errors {
	struct err slabinfo, slab_tsv, parameters;
};

/*
 * Fills caches, aliases and the SNAPSHOT_SLABINFO, SNAPSHOT_SLAB_TSV and
 * SNAPSHOT_SLAB_PARAMETERS bits of parts. A table that makes no sense is left
 * out as a whole, with its reason in "errors". Fails with ERR_NOMEM only.
 */
MUST_CHECK int slab_read(const struct slab_texts *texts,
			 struct snapshot *snapshot, struct slab_errors *errors,
			 struct err *err);

#endif
