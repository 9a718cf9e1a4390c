#include "parser/slab_read.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/slab_tables.h"

static void join_tsv(struct snapshot_cache *cache,
		     const struct snapshot_cache *row, bool counts_too)
{
	cache->objects_partial = row->objects_partial;
	cache->partial = row->partial;
	cache->cpu_slabs = row->cpu_slabs;
	cache->slabs_cpu_partial = row->slabs_cpu_partial;
	cache->objects_cpu_partial = row->objects_cpu_partial;
	if (!counts_too)
		return;
	cache->num_slabs = row->num_slabs;
	cache->num_objs = row->num_objs;
	cache->active_objs = row->active_objs;
}

/* slabinfo's sizes are kept where it gave some. */
static void join_parameters(struct snapshot_cache *cache,
			    const struct snapshot_cache *row)
{
	struct snapshot_cache joined = *row;

	memcpy(joined.name, cache->name, sizeof(joined.name));
	joined.active_objs = cache->active_objs;
	joined.num_objs = cache->num_objs;
	joined.active_slabs = cache->active_slabs;
	joined.num_slabs = cache->num_slabs;
	joined.limit = cache->limit;
	joined.batchcount = cache->batchcount;
	joined.sharedfactor = cache->sharedfactor;
	joined.objects_partial = cache->objects_partial;
	joined.partial = cache->partial;
	joined.cpu_slabs = cache->cpu_slabs;
	joined.slabs_cpu_partial = cache->slabs_cpu_partial;
	joined.objects_cpu_partial = cache->objects_cpu_partial;
	if (cache->slab_size) {
		joined.slab_size = cache->slab_size;
		joined.objs_per_slab = cache->objs_per_slab;
		joined.order = cache->order;
	}
	*cache = joined;
}

/* Parameters stand under any of a cache's names, or its directory's. */
static const struct slab_row *find_parameters(const struct slab_tables *tables,
					      const char *name,
					      const char *root)
{
	const struct slab_row *row = slab_rows_find(&tables->parameters, name);
	uint32_t first, end;

	if (!row)
		row = slab_rows_find(&tables->parameters, root);
	if (row)
		return row;
	end = slab_aliases_find(&tables->aliases, root, &first);
	for (uint32_t i = first; i < end && !row; i++)
		row = slab_rows_find(&tables->parameters,
				     tables->aliases.rows[i].name);
	return row;
}

static int add_alias(struct snapshot *snapshot, const char *name,
		     uint32_t cache)
{
	uint32_t count = snapshot->alias_count;
	struct snapshot_alias *aliases;

	/* Powers of two: full when the count reaches one. */
	if (!(count & (count - 1))) {
		aliases =
		    realloc(snapshot->aliases,
			    (count ? count * 2ul : 1ul) * sizeof(*aliases));
		if (!aliases)
			return ERR_NOMEM;
		snapshot->aliases = aliases;
	}
	snapshot->aliases[count].cache = cache;
	snprintf(snapshot->aliases[count].name, SNAPSHOT_NAME_MAX, "%s", name);
	snapshot->alias_count++;
	return 0;
}

/* Completes a cache from the other tables and adds its other names. */
static int join_cache(const struct slab_tables *tables,
		      struct snapshot *snapshot, uint32_t index)
{
	struct snapshot_cache *cache = &snapshot->caches[index];
	const char *root = slab_aliases_root(&tables->aliases, cache->name);
	const struct slab_row *tsv = slab_rows_find(&tables->tsv, root);
	const struct slab_row *parameters =
	    find_parameters(tables, cache->name, root);
	uint32_t first, end;

	if (tsv)
		join_tsv(cache, &tsv->cache, !tables->slabinfo.count);
	if (parameters)
		join_parameters(cache, &parameters->cache);
	end = slab_aliases_find(&tables->aliases, root, &first);
	for (uint32_t i = first; i < end; i++) {
		const char *name = tables->aliases.rows[i].name;
		int ret;

		if (!strcmp(name, cache->name))
			continue;
		ret = add_alias(snapshot, name, index);
		if (ret)
			return ret;
	}
	/* slab.tsv and debugfs know merged caches by the directory. */
	return root[0] == ':' && strcmp(root, cache->name) != 0
		   ? add_alias(snapshot, root, index)
		   : 0;
}

/*
 * The name for a row of slab.tsv without slabinfo: the first of its aliases,
 * because the kernel's events never say ":0000192".
 */
static const char *name_of_root(const struct slab_tables *tables,
				const char *root)
{
	uint32_t first;
	uint32_t end = slab_aliases_find(&tables->aliases, root, &first);

	return first < end ? tables->aliases.rows[first].name : root;
}

/* The table that has one row per real cache. */
static const struct slab_rows *base_rows(const struct slab_tables *tables)
{
	if (tables->slabinfo.count)
		return &tables->slabinfo;
	return tables->tsv.count ? &tables->tsv : &tables->parameters;
}

static int join(const struct slab_tables *tables, struct snapshot *snapshot)
{
	const struct slab_rows *base = base_rows(tables);

	snapshot->caches = calloc(base->count + 1u, sizeof(*snapshot->caches));
	if (!snapshot->caches)
		return ERR_NOMEM;
	for (uint32_t i = 0; i < base->count; i++) {
		struct snapshot_cache *cache =
		    &snapshot->caches[snapshot->cache_count];
		const char *name = base->rows[i].name;

		if (base == &tables->parameters &&
		    strcmp(name_of_root(tables, slab_aliases_root(
						    &tables->aliases, name)),
			   name) != 0 &&
		    slab_aliases_root(&tables->aliases, name) != name)
			continue; /* another name of a cache that has a row */
		*cache = base->rows[i].cache;
		if (base == &tables->tsv)
			snprintf(cache->name, sizeof(cache->name), "%s",
				 name_of_root(tables, name));
		if (join_cache(tables, snapshot, snapshot->cache_count++))
			return ERR_NOMEM;
	}
	return 0;
}

int slab_read(const struct slab_texts *texts, struct snapshot *snapshot,
	      struct slab_errors *errors, struct err *err)
{
	struct slab_tables tables = {0};
	int ret;

	assert(texts && snapshot && errors);
	*errors = (struct slab_errors){0};
	ret = slab_tables_read(texts, &tables, errors);
	if (!ret)
		ret = join(&tables, snapshot);
	if (texts->slabinfo && !errors->slabinfo.code)
		snapshot->parts |= SNAPSHOT_SLABINFO;
	if (tables.tsv.count)
		snapshot->parts |= SNAPSHOT_SLAB_TSV;
	if (tables.parameters.count)
		snapshot->parts |= SNAPSHOT_SLAB_PARAMETERS;
	slab_tables_fini(&tables);
	return ret ? err_set(err, ret, "no memory for the caches") : 0;
}
