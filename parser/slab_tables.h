/*
 * slab_tables: the four tables of caches in a snapshot (slab_read.h), read but
 * not yet joined.
 *
 * Sources: mm/slab_common.c, cache_show(); mm/slub.c, show_slab_objects(),
 * slabs_cpu_partial_show().
 */
#ifndef PARSER_SLAB_TABLES_H
#define PARSER_SLAB_TABLES_H

#include "core/err.h"
#include "core/snapshot.h"
#include "parser/slab_read.h"

/* One row of slabinfo, slab.tsv or parameters.txt, before it is joined. */
struct slab_row {
	char name[SNAPSHOT_NAME_MAX];
	struct snapshot_cache cache; /* what the row's table knows */
};

struct slab_rows {
	struct slab_row *rows;
	uint32_t count, cap;
};

/* An alias and the directory it points to. */
struct slab_alias {
	char name[SNAPSHOT_NAME_MAX], root[SNAPSHOT_NAME_MAX];
};

struct slab_aliases {
	struct slab_alias *rows; /* by root */
	uint32_t count, cap;
};

/* Everything that was read, before the join. */
struct slab_tables {
	struct slab_rows slabinfo, tsv, parameters;
	struct slab_aliases aliases;
};

/*
 * Reads the texts that are there, which are changed. A table that makes no
 * sense counts as absent, with its reason in errors. To be freed with
 * slab_tables_fini(), after a failure too. ERR_NOMEM.
 */
MUST_CHECK int slab_tables_read(const struct slab_texts *texts,
				struct slab_tables *tables,
				struct slab_errors *errors);
void slab_tables_fini(struct slab_tables *tables);

/* The row of that name in slab.tsv or parameters.txt, or NULL. */
struct slab_row *slab_rows_find(const struct slab_rows *rows, const char *name);

/* The aliases of a directory: [*first, end); returns end. */
uint32_t slab_aliases_find(const struct slab_aliases *aliases, const char *root,
			   uint32_t *first);

/* The directory that a name stands for: its alias' root, else itself. */
const char *slab_aliases_root(const struct slab_aliases *aliases,
			      const char *name);

#endif
