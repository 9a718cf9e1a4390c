#include "parser/slab_tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/column_table.h"
#include "parser/file_read.h"
#include "parser/number_text.h"

enum {
	CACHES_MAX = 1 << 16,
	SIZE_MAX_BYTES = 1 << 30,
	ORDER_MAX = SNAPSHOT_ORDERS_MAX - 1,
};

/* More objects than any machine has: sums stay far from overflow. */
#define COUNT_MAX (1ull << 48)

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

/* An empty cell leaves the value; false if the cell is no such number. */
static bool cell_u32(const struct column_table *table, const char *column,
		     uint32_t most, uint32_t *value)
{
	const char *at = column_table_cell(table, column);

	return !*at || number_next_u32(&at, most, value);
}

static bool cell_bool(const struct column_table *table, const char *column,
		      bool *value)
{
	uint32_t number = 0;

	if (!cell_u32(table, column, 1, &number))
		return false;
	*value = number;
	return true;
}

static bool cell_count(const struct column_table *table, const char *column,
		       uint64_t *value)
{
	const char *at = column_table_cell(table, column);

	return !*at || count_next(&at, value);
}

/* "10(1) C1=10(1)": objects(slabs) on per-CPU partial lists, and where. */
static bool cell_cpu_partial(const struct column_table *table,
			     struct snapshot_cache *cache)
{
	const char *at = column_table_cell(table, "slabs_cpu_partial");

	if (!*at)
		return true;
	return count_next(&at, &cache->objects_cpu_partial) &&
	       text_skip(&at, "(") &&
	       count_next(&at, &cache->slabs_cpu_partial) &&
	       text_skip(&at, ")");
}

static bool tsv_row(const struct column_table *table,
		    struct snapshot_cache *cache)
{
	return cell_count(table, "slabs", &cache->num_slabs) &&
	       cell_count(table, "total_objects", &cache->num_objs) &&
	       cell_count(table, "objects", &cache->active_objs) &&
	       cell_count(table, "objects_partial", &cache->objects_partial) &&
	       cell_count(table, "partial", &cache->partial) &&
	       cell_count(table, "cpu_slabs", &cache->cpu_slabs) &&
	       cell_cpu_partial(table, cache);
}

static bool parameter_row(const struct column_table *table,
			  struct snapshot_cache *cache)
{
	cache->has_parameters = true;
	cache->ctor = *column_table_cell(table, "ctor") != '\0';
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
		      bool (*read_row)(const struct column_table *table,
				       struct snapshot_cache *cache),
		      struct err *err)
{
	struct column_table table = {0};
	int ret = column_table_start(&table, &text, err);

	if (ret)
		return ret;
	while (column_table_next(&table, &text)) {
		struct snapshot_cache cache = unknown_cache;

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
	const struct slab_alias *a = left, *b = right;
	int order = strcmp(a->root, b->root);

	return order ? order : strcmp(a->name, b->name);
}

/* "NAME :0000192" */
static int read_aliases(char *text, struct slab_aliases *aliases)
{
	char *line;

	while ((line = file_line(&text))) {
		char *root = strrchr(line, ' ');
		struct slab_alias *row;

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

struct slab_row *slab_rows_find(const struct slab_rows *rows, const char *name)
{
	struct slab_row key;

	if (!rows->count)
		return NULL;
	snprintf(key.name, sizeof(key.name), "%s", name);
	return bsearch(&key, rows->rows, rows->count, sizeof(key), by_row_name);
}

uint32_t slab_aliases_find(const struct slab_aliases *aliases, const char *root,
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

const char *slab_aliases_root(const struct slab_aliases *aliases,
			      const char *name)
{
	for (uint32_t i = 0; i < aliases->count; i++)
		if (!strcmp(aliases->rows[i].name, name))
			return aliases->rows[i].root;
	return name;
}

/* A table that cannot be read counts as absent; its error is the caller's. */
static void drop_bad(struct slab_rows *rows, const struct err *err)
{
	if (err->code)
		rows->count = 0;
}

int slab_tables_read(const struct slab_texts *texts, struct slab_tables *tables,
		     struct slab_errors *errors)
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
	return texts->aliases ? read_aliases(texts->aliases, &tables->aliases)
			      : 0;
}

void slab_tables_fini(struct slab_tables *tables)
{
	free(tables->slabinfo.rows);
	free(tables->tsv.rows);
	free(tables->parameters.rows);
	free(tables->aliases.rows);
	*tables = (struct slab_tables){0};
}
