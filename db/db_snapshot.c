/*
 * Lists of structs go through db_tables.h. Arrays inside a struct become rows
 * of small tables with the indices as keys and no row where the value is 0.
 */
#include "db/db_snapshot.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/db_tables.h"

/* One value with up to three indices, for the tables of plain numbers. */
struct number {
	uint64_t value;
};

static const struct row_field protection_fields[] = {
    ROW_AS("pages", struct number, value)};
static const struct row_field blocks_fields[] = {
    ROW_AS("blocks", struct number, value)};

static const struct row_table table_protection = {
    "snapshot_protection",
    {"moment", "zone", "zone_index"},
    protection_fields,
    1};
static const struct row_table table_free = {
    "snapshot_free", {"moment", "zone", "page_order"}, blocks_fields, 1};
static const struct row_table table_free_type = {
    "snapshot_free_type",
    {"moment", "zone", "migratetype", "page_order"},
    blocks_fields,
    1};
static const struct row_table table_pageblock = {
    "snapshot_pageblock", {"moment", "zone", "migratetype"}, blocks_fields, 1};

/* Pages of a map that follow each other. */
struct page_run {
	uint64_t pfn, pages;
};
static const struct row_field run_fields[] = {ROW(struct page_run, pfn),
					      ROW(struct page_run, pages)};
static const struct row_table table_slab = {
    "snapshot_slab", {"moment"}, run_fields, 2};
static const struct row_table table_movable = {
    "snapshot_movable", {"moment"}, run_fields, 2};

/* More page frames than any machine has: the file is damaged. */
#define PFN_MAX ((uint64_t)1 << 40)

struct type_name {
	char name[16];
};
_Static_assert(sizeof(struct type_name) ==
		   sizeof(((struct snapshot *)0)->migratetypes[0]),
	       "a row is one element of snapshot.migratetypes");
static const struct row_field type_fields[] = {ROW(struct type_name, name)};
static const struct row_table table_type = {
    "snapshot_migratetype", {"moment", "migratetype"}, type_fields, 1};

/* Writes count structs of the given size, numbered from 0. */
static int store_list(sqlite3 *sql, const struct row_table *table,
		      const int64_t *prefix, unsigned int prefix_count,
		      const void *list, size_t size, size_t count,
		      struct err *err)
{
	int64_t keys[ROW_KEYS_MAX] = {0};
	sqlite3_stmt *stmt = NULL;
	int ret;

	if (!count)
		return 0;
	memcpy(keys, prefix, prefix_count * sizeof(*keys));
	ret = row_insert_prepare(sql, table, &stmt, err);
	for (size_t i = 0; i < count && !ret; i++) {
		keys[prefix_count] = (int64_t)i;
		ret = row_insert(stmt, table, keys,
				 (const char *)list + i * size, err);
	}
	sqlite3_finalize(stmt);
	return ret;
}

/* Writes the numbers of a grid of rows × columns that are not 0. */
static int store_grid(sqlite3 *sql, const struct row_table *table,
		      const int64_t *prefix, const uint64_t *grid,
		      uint32_t rows, uint32_t columns, struct err *err)
{
	int64_t keys[ROW_KEYS_MAX] = {prefix[0], prefix[1]};
	sqlite3_stmt *stmt = NULL;
	int ret = row_insert_prepare(sql, table, &stmt, err);

	for (uint32_t i = 0; i < rows * columns && !ret; i++) {
		struct number number = {grid[i]};

		/* A grid of one row has no key for it. */
		keys[2] = rows > 1 ? i / columns : i;
		keys[3] = i % columns;
		if (number.value)
			ret = row_insert(stmt, table, keys, &number, err);
	}
	sqlite3_finalize(stmt);
	return ret;
}

static int store_zone(sqlite3 *sql, const int64_t *keys,
		      const struct snapshot_zone *zone, struct err *err)
{
	int ret;

	ret = store_grid(sql, &table_protection, keys, zone->protection, 1,
			 zone->protection_count, err);
	if (!ret)
		ret = store_grid(sql, &table_free, keys, zone->free_blocks, 1,
				 SNAPSHOT_ORDERS_MAX, err);
	if (!ret)
		ret = store_grid(
		    sql, &table_free_type, keys, &zone->free_by_type[0][0],
		    SNAPSHOT_MIGRATETYPES_MAX, SNAPSHOT_ORDERS_MAX, err);
	if (!ret)
		ret = store_grid(sql, &table_pageblock, keys,
				 zone->blocks_by_type, 1,
				 SNAPSHOT_MIGRATETYPES_MAX, err);
	if (!ret)
		ret = store_list(sql, &table_pcp, keys, 2, zone->pcps,
				 sizeof(*zone->pcps), zone->pcp_count, err);
	return ret;
}

static int store_zones(sqlite3 *sql, int64_t moment,
		       const struct snapshot *snapshot, struct err *err)
{
	int ret =
	    store_list(sql, &table_zone, &moment, 1, snapshot->zones,
		       sizeof(*snapshot->zones), snapshot->zone_count, err);

	for (uint32_t i = 0; i < snapshot->zone_count && !ret; i++) {
		int64_t keys[] = {moment, i};

		ret = store_zone(sql, keys, &snapshot->zones[i], err);
	}
	return ret;
}

static int store_blocks(sqlite3 *sql, int64_t moment,
			const struct snapshot *snapshot, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int ret = row_insert_prepare(sql, &table_block, &stmt, err);

	for (size_t i = 0; i < snapshot->block_count && !ret; i++)
		ret = row_insert(stmt, &table_block, &moment,
				 &snapshot->blocks[i], err);
	sqlite3_finalize(stmt);
	return ret;
}

/* The runs of a map of one bit per page. */
static int store_map(sqlite3 *sql, const struct row_table *table,
		     int64_t moment, const uint64_t *map, uint64_t pages,
		     struct err *err)
{
	struct page_run run = {0};
	sqlite3_stmt *stmt = NULL;
	int ret = row_insert_prepare(sql, table, &stmt, err);

	for (uint64_t pfn = 0; pfn <= pages && !ret; pfn++) {
		bool is_set = pfn < pages && map[pfn / 64] >> (pfn % 64) & 1;

		/* Whole words without a page are most of a big machine. */
		if (!run.pages && !(pfn % 64) && pfn + 64 <= pages &&
		    !map[pfn / 64]) {
			pfn += 63;
			continue;
		}
		if (is_set && !run.pages)
			run.pfn = pfn;
		run.pages += is_set;
		if (is_set || !run.pages)
			continue;
		ret = row_insert(stmt, table, &moment, &run, err);
		run.pages = 0;
	}
	sqlite3_finalize(stmt);
	return ret;
}

int snapshot_store(sqlite3 *sql, enum snapshot_moment moment,
		   const struct snapshot *snapshot, struct err *err)
{
	const int64_t key = moment;
	int ret;

	if (!snapshot->parts)
		return 0;
	ret = row_insert_one(sql, &table_snapshot, &key, snapshot, err);
	if (!ret)
		ret = store_list(sql, &table_type, &key, 1,
				 snapshot->migratetypes,
				 sizeof(snapshot->migratetypes[0]),
				 SNAPSHOT_MIGRATETYPES_MAX, err);
	if (!ret)
		ret = store_zones(sql, key, snapshot, err);
	if (!ret)
		ret = store_blocks(sql, key, snapshot, err);
	if (!ret)
		ret = store_map(sql, &table_slab, key, snapshot->slab_map,
				snapshot->slab_map_pages, err);
	if (!ret)
		ret = store_map(sql, &table_movable, key, snapshot->movable_map,
				snapshot->movable_map_pages, err);
	if (!ret)
		ret = store_list(sql, &table_cache, &key, 1, snapshot->caches,
				 sizeof(*snapshot->caches),
				 snapshot->cache_count, err);
	if (!ret)
		ret = store_list(sql, &table_alias, &key, 1, snapshot->aliases,
				 sizeof(*snapshot->aliases),
				 snapshot->alias_count, err);
	return ret;
}

/* What follows the table's name, by the number of keys that are given. */
static const char *const under[] = {
    "", "WHERE moment = ?1 ORDER BY 1, 2",
    "WHERE moment = ?1 AND zone = ?2 ORDER BY 1, 2, 3"};

static int load_grid(sqlite3 *sql, const struct row_table *table,
		     const int64_t *prefix, uint64_t *grid, uint32_t rows,
		     uint32_t columns, struct err *err)
{
	int64_t keys[ROW_KEYS_MAX] = {0};
	struct number number = {0};
	sqlite3_stmt *stmt = NULL;
	bool more = true;
	int ret =
	    row_select_prepare(sql, table, under[2], prefix, 2, &stmt, err);

	while (!ret) {
		int64_t row, column;

		ret = row_next(stmt, table, keys, &number, &more, err);
		if (ret || !more)
			break;
		row = rows > 1 ? keys[2] : 0;
		column = rows > 1 ? keys[3] : keys[2];
		if (row < 0 || row >= rows || column < 0 || column >= columns)
			ret = row_damaged(sql, table->name, err);
		else
			grid[row * columns + column] = number.value;
	}
	sqlite3_finalize(stmt);
	return ret;
}

static int load_pcps(sqlite3 *sql, const int64_t *keys,
		     struct snapshot_zone *zone, struct err *err)
{
	uint32_t want = zone->pcp_count;
	void *list = NULL;
	size_t count;
	int ret;

	ret = row_load(sql, &table_pcp, under[2], keys, 2, true,
		       sizeof(*zone->pcps), &list, &count, err);
	zone->pcps = list;
	zone->pcp_count = (uint32_t)count;
	if (!ret && count != want)
		ret = row_damaged(sql, table_pcp.name, err);
	return ret;
}

static int load_zone(sqlite3 *sql, const int64_t *keys,
		     struct snapshot_zone *zone, struct err *err)
{
	int ret;

	ret = load_pcps(sql, keys, zone, err);
	if (!ret && zone->protection_count > 8)
		ret = row_damaged(sql, table_zone.name, err);
	if (!ret)
		ret = load_grid(sql, &table_protection, keys, zone->protection,
				1, 8, err);
	if (!ret)
		ret = load_grid(sql, &table_free, keys, zone->free_blocks, 1,
				SNAPSHOT_ORDERS_MAX, err);
	if (!ret)
		ret = load_grid(
		    sql, &table_free_type, keys, &zone->free_by_type[0][0],
		    SNAPSHOT_MIGRATETYPES_MAX, SNAPSHOT_ORDERS_MAX, err);
	if (!ret)
		ret =
		    load_grid(sql, &table_pageblock, keys, zone->blocks_by_type,
			      1, SNAPSHOT_MIGRATETYPES_MAX, err);
	return ret;
}

static int load_zones(sqlite3 *sql, int64_t moment, struct snapshot *snapshot,
		      struct err *err)
{
	void *list = NULL;
	size_t count;
	int ret;

	ret = row_load(sql, &table_zone, under[1], &moment, 1, true,
		       sizeof(*snapshot->zones), &list, &count, err);
	snapshot->zones = list;
	if (!ret && count > SNAPSHOT_ZONES_MAX)
		ret = row_damaged(sql, table_zone.name, err);
	/* A zone counts once its lists are its own to free. */
	for (uint32_t i = 0; i < count && !ret; i++) {
		int64_t keys[] = {moment, i};

		snapshot->zone_count = i + 1;
		ret = load_zone(sql, keys, &snapshot->zones[i], err);
	}
	return ret;
}

static int load_types(sqlite3 *sql, int64_t moment, struct snapshot *snapshot,
		      struct err *err)
{
	void *list = NULL;
	size_t count;
	int ret;

	ret = row_load(sql, &table_type, under[1], &moment, 1, true,
		       sizeof(struct type_name), &list, &count, err);
	if (!ret && count != SNAPSHOT_MIGRATETYPES_MAX)
		ret = row_damaged(sql, table_type.name, err);
	if (!ret)
		memcpy(snapshot->migratetypes, list,
		       sizeof(snapshot->migratetypes));
	free(list);
	return ret;
}

static int load_blocks(sqlite3 *sql, int64_t moment, struct snapshot *snapshot,
		       struct err *err)
{
	void *list = NULL;
	int ret;

	ret = row_load(sql, &table_block, under[1], &moment, 1, false,
		       sizeof(*snapshot->blocks), &list, &snapshot->block_count,
		       err);
	snapshot->blocks = list;
	for (size_t i = 0; i < snapshot->block_count && !ret; i++)
		if (snapshot->blocks[i].order >= SNAPSHOT_ORDERS_MAX)
			ret = row_damaged(sql, table_block.name, err);
	return ret;
}

/* Sets the bits of one run; false if it does not fit into the map. */
static bool set_run(uint64_t *map, uint64_t pages, const struct page_run *run)
{
	if (run->pfn >= pages || !run->pages || run->pages > pages - run->pfn)
		return false;
	for (uint64_t i = run->pfn; i < run->pfn + run->pages; i++)
		map[i / 64] |= (uint64_t)1 << (i % 64);
	return true;
}

/* *pages is what the snapshot's row says, and 0 until there is a map. */
static int load_map(sqlite3 *sql, const struct row_table *table, int64_t moment,
		    uint64_t **map, uint64_t *map_pages, struct err *err)
{
	uint64_t pages = *map_pages;
	void *list = NULL;
	size_t count;
	int ret;

	*map_pages = 0;
	if (pages > PFN_MAX)
		return row_damaged(sql, table_snapshot.name, err);
	if (!pages)
		return 0;
	ret = row_load(sql, table, under[1], &moment, 1, false,
		       sizeof(struct page_run), &list, &count, err);
	if (!ret) {
		*map = calloc((size_t)(pages + 63) / 64, sizeof(**map));
		if (!*map)
			ret = err_set(err, ERR_NOMEM, "out of memory");
		else
			*map_pages = pages;
	}
	for (size_t i = 0; i < count && !ret; i++)
		if (!set_run(*map, pages, (const struct page_run *)list + i))
			ret = row_damaged(sql, table->name, err);
	free(list);
	return ret;
}

/* Both, even if one is damaged: no size may stay without its map. */
static int load_maps(sqlite3 *sql, int64_t moment, struct snapshot *snapshot,
		     struct err *err)
{
	uint64_t movable_pages = snapshot->movable_map_pages;
	int ret;

	snapshot->movable_map_pages = 0;
	ret = load_map(sql, &table_slab, moment, &snapshot->slab_map,
		       &snapshot->slab_map_pages, err);
	if (ret)
		return ret;
	snapshot->movable_map_pages = movable_pages;
	return load_map(sql, &table_movable, moment, &snapshot->movable_map,
			&snapshot->movable_map_pages, err);
}

static int load_caches(sqlite3 *sql, int64_t moment, struct snapshot *snapshot,
		       struct err *err)
{
	void *list = NULL;
	size_t count;
	int ret;

	ret = row_load(sql, &table_cache, under[1], &moment, 1, true,
		       sizeof(*snapshot->caches), &list, &count, err);
	snapshot->caches = list;
	snapshot->cache_count = (uint32_t)count;
	if (ret)
		return ret;
	ret = row_load(sql, &table_alias, under[1], &moment, 1, true,
		       sizeof(*snapshot->aliases), &list, &count, err);
	snapshot->aliases = list;
	snapshot->alias_count = (uint32_t)count;
	for (uint32_t i = 0; i < count && !ret; i++)
		if (snapshot->aliases[i].cache >= snapshot->cache_count)
			ret = row_damaged(sql, table_alias.name, err);
	return ret;
}

int snapshot_load(sqlite3 *sql, enum snapshot_moment moment,
		  struct snapshot *snapshot, struct err *err)
{
	const int64_t key = moment;
	int64_t keys[ROW_KEYS_MAX];
	sqlite3_stmt *stmt = NULL;
	bool more = false;
	int ret;

	ret = row_select_prepare(sql, &table_snapshot, under[1], &key, 1, &stmt,
				 err);
	if (!ret)
		ret =
		    row_next(stmt, &table_snapshot, keys, snapshot, &more, err);
	sqlite3_finalize(stmt);
	if (ret || !more)
		return ret;
	if (snapshot->order_count > SNAPSHOT_ORDERS_MAX ||
	    snapshot->migratetype_count > SNAPSHOT_MIGRATETYPES_MAX ||
	    snapshot->pageblock_order >= 32)
		return row_damaged(sql, table_snapshot.name, err);
	ret = load_types(sql, key, snapshot, err);
	if (!ret)
		ret = load_zones(sql, key, snapshot, err);
	if (!ret)
		ret = load_blocks(sql, key, snapshot, err);
	if (!ret)
		ret = load_maps(sql, key, snapshot, err);
	if (!ret)
		ret = load_caches(sql, key, snapshot, err);
	return ret;
}
