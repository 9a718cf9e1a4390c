#include "parser/slab_read.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/file_read.h"
#include "parser/number_text.h"

enum {
	CACHES_MAX = 1 << 16,
	COLUMNS_MAX = 48,
	CELL_MAX = 256,
	SIZE_MAX_BYTES = 1 << 30,
	ORDER_MAX = SNAPSHOT_ORDERS_MAX - 1,
};

/* More objects than any machine has: sums stay far from overflow. */
#define COUNT_MAX (1ull << 48)

/* One row of slab.tsv or parameters.txt, before it is joined. */
struct slab_row {
	char name[SNAPSHOT_NAME_MAX];
	struct snapshot_cache cache; /* what the row's table knows */
};

struct slab_rows {
	struct slab_row *rows;
	uint32_t count, cap;
};

/* An alias and the directory it points to. */
struct alias_row {
	char name[SNAPSHOT_NAME_MAX], root[SNAPSHOT_NAME_MAX];
};

struct alias_rows {
	struct alias_row *rows; /* by root */
	uint32_t count, cap;
};

/* Everything that was read, before the join. */
struct slab_tables {
	struct slab_rows slabinfo, tsv, parameters;
	struct alias_rows aliases;
};

static const struct snapshot_cache unknown_cache = {
    .active_objs = UINT64_MAX,
    .num_objs = UINT64_MAX,
    .active_slabs = UINT64_MAX,
    .num_slabs = UINT64_MAX,
    .objects_partial = UINT64_MAX,
    .partial = UINT64_MAX,
    .cpu_slabs = UINT64_MAX,
    .slabs_cpu_partial = UINT64_MAX,
    .objects_cpu_partial = UINT64_MAX,
};

static int add_row(struct slab_rows *rows, const char *name,
		   const struct snapshot_cache *cache)
{
	struct slab_row *row;

	if (rows->count == CACHES_MAX)
		return ERR_LIMIT;
	if (rows->count == rows->cap) {
		uint32_t cap = rows->cap ? rows->cap * 2 : 128;

		row = realloc(rows->rows, cap * sizeof(*row));
		if (!row)
			return ERR_NOMEM;
		rows->rows = row;
		rows->cap = cap;
	}
	row = &rows->rows[rows->count++];
	row->cache = *cache;
	snprintf(row->name, sizeof(row->name), "%s", name);
	memcpy(row->cache.name, row->name, sizeof(row->name));
	return 0;
}

static bool count_next(const char **at, uint64_t *value)
{
	uint64_t got;

	if (!number_next(at, &got) || got > COUNT_MAX)
		return false;
	*value = got;
	return true;
}

/* The order of a number of pages; false if it is no power of two. */
static bool order_of(uint32_t pages, uint32_t *order)
{
	uint32_t got = 0;

	if (!pages || (pages & (pages - 1)))
		return false;
	while (1u << got < pages)
		got++;
	*order = got;
	return got <= ORDER_MAX;
}

/*
 * "NAME active num objsize objperslab pagesperslab : tunables limit batch
 * shared : slabdata active num shared". Names of old kernels hold blanks, so
 * the numbers are looked for before the colon, from behind.
 */
static bool slabinfo_row(char *line, char name[SNAPSHOT_NAME_MAX],
			 struct snapshot_cache *cache)
{
	char *colon = strstr(line, " : tunables");
	const char *at;
	uint32_t pages;
	char *start;

	if (!colon)
		return false;
	start = colon;
	for (int column = 0; column < 5; column++) {
		while (start > line && start[-1] == ' ')
			start--;
		while (start > line && start[-1] != ' ')
			start--;
	}
	if (start == line)
		return false;
	at = start;
	if (!count_next(&at, &cache->active_objs) ||
	    !count_next(&at, &cache->num_objs) ||
	    !number_next_u32(&at, SIZE_MAX_BYTES, &cache->slab_size) ||
	    !number_next_u32(&at, SIZE_MAX_BYTES, &cache->objs_per_slab) ||
	    !number_next_u32(&at, SIZE_MAX_BYTES, &pages) || at != colon ||
	    !order_of(pages, &cache->order))
		return false;
	at = colon;
	if (!text_skip(&at, ": tunables") ||
	    !number_next_u32(&at, SIZE_MAX_BYTES, &cache->limit) ||
	    !number_next_u32(&at, SIZE_MAX_BYTES, &cache->batchcount) ||
	    !number_next_u32(&at, SIZE_MAX_BYTES, &cache->sharedfactor) ||
	    !text_skip(&at, ": slabdata") ||
	    !count_next(&at, &cache->active_slabs) ||
	    !count_next(&at, &cache->num_slabs))
		return false;
	while (start > line && start[-1] == ' ')
		start--;
	*start = '\0';
	snprintf(name, SNAPSHOT_NAME_MAX, "%s", line);
	return *line && cache->active_objs <= cache->num_objs &&
	       cache->active_slabs <= cache->num_slabs;
}

static int read_slabinfo(char *text, struct slab_rows *rows, struct err *err)
{
	char *line = file_line(&text);

	if (!line || strncmp(line, "slabinfo - version: 2", 21) != 0)
		return err_set(err, ERR_FORMAT,
			       "does not begin with \"slabinfo - version: 2\"");
	while ((line = file_line(&text))) {
		struct snapshot_cache cache = unknown_cache;
		char name[SNAPSHOT_NAME_MAX];
		int ret;

		if (line[0] == '#' || line[0] == '\0')
			continue;
		if (!slabinfo_row(line, name, &cache))
			return err_set(err, ERR_FORMAT,
				       "\"%.60s\" is no row of slabinfo", line);
		ret = add_row(rows, name, &cache);
		if (ret)
			return err_set(err, ret, "too many caches");
	}
	return 0;
}

/* A table whose first line names its columns. */
struct table {
	char separator;
	char *columns[COLUMNS_MAX];
	char *cells[COLUMNS_MAX];
	int column_count, cell_count;
};

/* Cuts the line at every separator: cells may be empty. */
static int split(char *line, char separator, char *cells[COLUMNS_MAX])
{
	int count = 0;

	while (line && count < COLUMNS_MAX) {
		cells[count++] = line;
		line = strchr(line, separator);
		if (line)
			*line++ = '\0';
	}
	return count;
}

static int table_start(struct table *table, char **text, struct err *err)
{
	char *line = file_line(text);

	if (!line)
		return err_set(err, ERR_FORMAT, "empty");
	table->separator = strchr(line, '\t') ? '\t' : ' ';
	table->column_count = split(line, table->separator, table->columns);
	if (strcmp(table->columns[0], "name") != 0)
		return err_set(err, ERR_FORMAT,
			       "the first column is not \"name\"");
	return 0;
}

/* The cell of that column; "" where the table or the row lacks it. */
static const char *cell(const struct table *table, const char *column)
{
	for (int i = 0; i < table->column_count && i < table->cell_count; i++)
		if (!strcmp(table->columns[i], column))
			return table->cells[i];
	return "";
}

/* An empty cell leaves the value; false if the cell is no such number. */
static bool cell_u32(const struct table *table, const char *column,
		     uint32_t most, uint32_t *value)
{
	const char *at = cell(table, column);

	return !*at || number_next_u32(&at, most, value);
}

static bool cell_bool(const struct table *table, const char *column,
		      bool *value)
{
	uint32_t number = 0;

	if (!cell_u32(table, column, 1, &number))
		return false;
	*value = number;
	return true;
}

static bool cell_count(const struct table *table, const char *column,
		       uint64_t *value)
{
	const char *at = cell(table, column);

	return !*at || count_next(&at, value);
}

/* "10(1) C1=10(1)": objects(slabs) on per-CPU partial lists, and where. */
static bool cell_cpu_partial(const struct table *table,
			     struct snapshot_cache *cache)
{
	const char *at = cell(table, "slabs_cpu_partial");

	if (!*at)
		return true;
	return count_next(&at, &cache->objects_cpu_partial) &&
	       text_skip(&at, "(") &&
	       count_next(&at, &cache->slabs_cpu_partial) &&
	       text_skip(&at, ")");
}

static bool tsv_row(const struct table *table, struct snapshot_cache *cache)
{
	return cell_count(table, "slabs", &cache->num_slabs) &&
	       cell_count(table, "total_objects", &cache->num_objs) &&
	       cell_count(table, "objects", &cache->active_objs) &&
	       cell_count(table, "objects_partial", &cache->objects_partial) &&
	       cell_count(table, "partial", &cache->partial) &&
	       cell_count(table, "cpu_slabs", &cache->cpu_slabs) &&
	       cell_cpu_partial(table, cache);
}

static bool parameter_row(const struct table *table,
			  struct snapshot_cache *cache)
{
	cache->has_parameters = true;
	cache->ctor = *cell(table, "ctor") != '\0';
	return cell_u32(table, "order", ORDER_MAX, &cache->order) &&
	       cell_u32(table, "object_size", SIZE_MAX_BYTES,
			&cache->object_size) &&
	       cell_u32(table, "slab_size", SIZE_MAX_BYTES,
			&cache->slab_size) &&
	       cell_u32(table, "objs_per_slab", SIZE_MAX_BYTES,
			&cache->objs_per_slab) &&
	       cell_u32(table, "cpu_partial", SIZE_MAX_BYTES,
			&cache->cpu_partial) &&
	       cell_u32(table, "min_partial", SIZE_MAX_BYTES,
			&cache->min_partial) &&
	       cell_u32(table, "align", SIZE_MAX_BYTES, &cache->align) &&
	       cell_bool(table, "hwcache_align", &cache->hwcache_align) &&
	       cell_bool(table, "reclaim_account", &cache->reclaim_account) &&
	       cell_bool(table, "destroy_by_rcu", &cache->destroy_by_rcu) &&
	       cell_bool(table, "cache_dma", &cache->cache_dma) &&
	       cell_u32(table, "usersize", SIZE_MAX_BYTES, &cache->usersize) &&
	       cell_u32(table, "sheaf_capacity", SIZE_MAX_BYTES,
			&cache->sheaf_capacity) &&
	       cell_bool(table, "sanity_checks", &cache->sanity_checks) &&
	       cell_bool(table, "red_zone", &cache->red_zone) &&
	       cell_bool(table, "poison", &cache->poison) &&
	       cell_bool(table, "store_user", &cache->store_user);
}

static int read_table(char *text, struct slab_rows *rows,
		      bool (*read_row)(const struct table *table,
				       struct snapshot_cache *cache),
		      struct err *err)
{
	struct table table = {0};
	char *line;
	int ret = table_start(&table, &text, err);

	if (ret)
		return ret;
	while ((line = file_line(&text))) {
		struct snapshot_cache cache = unknown_cache;

		table.cell_count = split(line, table.separator, table.cells);
		/* What a shell script writes where it found no directory. */
		if (!*table.cells[0] || !strcmp(table.cells[0], "*"))
			continue;
		if (!read_row(&table, &cache))
			return err_set(err, ERR_FORMAT,
				       "the row of %.60s makes no sense",
				       table.cells[0]);
		ret = add_row(rows, table.cells[0], &cache);
		if (ret)
			return err_set(err, ret, "too many caches");
	}
	return rows->count ? 0 : err_set(err, ERR_FORMAT, "no cache in it");
}

static int by_root(const void *left, const void *right)
{
	const struct alias_row *a = left, *b = right;
	int order = strcmp(a->root, b->root);

	return order ? order : strcmp(a->name, b->name);
}

/* "NAME :0000192" */
static int read_aliases(char *text, struct alias_rows *aliases)
{
	char *line;

	while ((line = file_line(&text))) {
		char *root = strrchr(line, ' ');
		struct alias_row *row;

		if (!root || root == line || !root[1] ||
		    aliases->count == CACHES_MAX)
			continue;
		*root++ = '\0';
		if (aliases->count == aliases->cap) {
			uint32_t cap = aliases->cap ? aliases->cap * 2 : 128;

			row = realloc(aliases->rows, cap * sizeof(*row));
			if (!row)
				return ERR_NOMEM;
			aliases->rows = row;
			aliases->cap = cap;
		}
		row = &aliases->rows[aliases->count++];
		snprintf(row->name, sizeof(row->name), "%s", line);
		snprintf(row->root, sizeof(row->root), "%s", root);
	}
	if (aliases->count)
		qsort(aliases->rows, aliases->count, sizeof(*aliases->rows),
		      by_root);
	return 0;
}

static int by_row_name(const void *left, const void *right)
{
	const struct slab_row *a = left, *b = right;

	return strcmp(a->name, b->name);
}

static void sort_rows(struct slab_rows *rows)
{
	if (rows->count)
		qsort(rows->rows, rows->count, sizeof(*rows->rows),
		      by_row_name);
}

static struct slab_row *find_row(const struct slab_rows *rows, const char *name)
{
	struct slab_row key;

	if (!rows->count)
		return NULL;
	snprintf(key.name, sizeof(key.name), "%s", name);
	return bsearch(&key, rows->rows, rows->count, sizeof(key), by_row_name);
}

/* The aliases of a directory: [*first, end). */
static uint32_t find_aliases(const struct alias_rows *aliases, const char *root,
			     uint32_t *first)
{
	uint32_t low = 0, high = aliases->count;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (strcmp(aliases->rows[mid].root, root) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*first = low;
	while (low < aliases->count && !strcmp(aliases->rows[low].root, root))
		low++;
	return low;
}

/* The directory that a name stands for: its alias' root, else itself. */
static const char *root_of(const struct alias_rows *aliases, const char *name)
{
	for (uint32_t i = 0; i < aliases->count; i++)
		if (!strcmp(aliases->rows[i].name, name))
			return aliases->rows[i].root;
	return name;
}

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
	const struct slab_row *row = find_row(&tables->parameters, name);
	uint32_t first, end;

	if (!row)
		row = find_row(&tables->parameters, root);
	if (row)
		return row;
	end = find_aliases(&tables->aliases, root, &first);
	for (uint32_t i = first; i < end && !row; i++)
		row =
		    find_row(&tables->parameters, tables->aliases.rows[i].name);
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
	const char *root = root_of(&tables->aliases, cache->name);
	const struct slab_row *tsv = find_row(&tables->tsv, root);
	const struct slab_row *parameters =
	    find_parameters(tables, cache->name, root);
	uint32_t first, end;

	if (tsv)
		join_tsv(cache, &tsv->cache, !tables->slabinfo.count);
	if (parameters)
		join_parameters(cache, &parameters->cache);
	end = find_aliases(&tables->aliases, root, &first);
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
	uint32_t end = find_aliases(&tables->aliases, root, &first);

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
		    strcmp(
			name_of_root(tables, root_of(&tables->aliases, name)),
			name) != 0 &&
		    root_of(&tables->aliases, name) != name)
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

/* A table that cannot be read counts as absent; its error is the caller's. */
static void drop_bad(struct slab_rows *rows, const struct err *err)
{
	if (err->code)
		rows->count = 0;
}

static void read_tables(const struct slab_texts *texts,
			struct slab_tables *tables, struct slab_errors *errors)
{
	if (texts->slabinfo)
		errors->slabinfo.code = read_slabinfo(
		    texts->slabinfo, &tables->slabinfo, &errors->slabinfo);
	if (texts->slab_tsv)
		errors->slab_tsv.code = read_table(
		    texts->slab_tsv, &tables->tsv, tsv_row, &errors->slab_tsv);
	if (texts->parameters)
		errors->parameters.code =
		    read_table(texts->parameters, &tables->parameters,
			       parameter_row, &errors->parameters);
	drop_bad(&tables->slabinfo, &errors->slabinfo);
	drop_bad(&tables->tsv, &errors->slab_tsv);
	drop_bad(&tables->parameters, &errors->parameters);
	sort_rows(&tables->tsv);
	sort_rows(&tables->parameters);
}

int slab_read(const struct slab_texts *texts, struct snapshot *snapshot,
	      struct slab_errors *errors, struct err *err)
{
	struct slab_tables tables = {0};
	int ret = 0;

	assert(texts && snapshot && errors);
	*errors = (struct slab_errors){0};
	read_tables(texts, &tables, errors);
	if (texts->aliases)
		ret = read_aliases(texts->aliases, &tables.aliases);
	if (!ret)
		ret = join(&tables, snapshot);
	if (texts->slabinfo && !errors->slabinfo.code)
		snapshot->parts |= SNAPSHOT_SLABINFO;
	if (tables.tsv.count)
		snapshot->parts |= SNAPSHOT_SLAB_TSV;
	if (tables.parameters.count)
		snapshot->parts |= SNAPSHOT_SLAB_PARAMETERS;
	free(tables.slabinfo.rows);
	free(tables.tsv.rows);
	free(tables.parameters.rows);
	free(tables.aliases.rows);
	return ret ? err_set(err, ret, "no memory for the caches") : 0;
}
