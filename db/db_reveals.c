#include "db/db_reveals.h"

#include <stdbool.h>
#include <stdlib.h>

#include "core/event.h"
#include "core/snapshot.h"
#include "db/db_tables.h"

static int store_rows(sqlite3 *sql, const struct row_table *table,
		      const void *rows, size_t size, size_t count,
		      struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int ret = row_insert_prepare(sql, table, &stmt, err);

	for (size_t i = 0; i < count && !ret; i++) {
		int64_t key = (int64_t)i;

		ret = row_insert(stmt, table, &key,
				 (const char *)rows + i * size, err);
	}
	sqlite3_finalize(stmt);
	return ret;
}

/* One row of start_block or start_pageblock. */
struct told {
	uint64_t pfn; /* or number of the pageblock */
	uint8_t migratetype;
};
static const struct row_field block_fields[] = {ROW(struct told, pfn),
						ROW(struct told, migratetype)};
static const struct row_table table_block_told = {
    "start_block", {"position"}, block_fields, 2};
static const struct row_field pageblock_fields[] = {
    ROW_AS("pageblock", struct told, pfn), ROW(struct told, migratetype)};
static const struct row_table table_pageblock_told = {
    "start_pageblock", {NULL}, pageblock_fields, 2};

static int store_told(sqlite3_stmt *stmt, const struct row_table *table,
		      size_t position, uint64_t pfn, uint8_t type,
		      struct err *err)
{
	const struct told told = {pfn, type};
	int64_t key = (int64_t)position;

	return row_insert(stmt, table, &key, &told, err);
}

static int store_blocks(sqlite3 *sql, const struct block_reveals *blocks,
			struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int ret = row_insert_prepare(sql, &table_block_told, &stmt, err);

	for (size_t i = 0; i < blocks->touched_count && !ret; i++) {
		uint32_t at = blocks->touched[i];

		ret = store_told(stmt, &table_block_told, i,
				 blocks->snapshot->blocks[at].pfn,
				 block_reveals_list(blocks, at), err);
	}
	sqlite3_finalize(stmt);
	stmt = NULL;
	if (!ret)
		ret =
		    row_insert_prepare(sql, &table_pageblock_told, &stmt, err);
	for (uint64_t i = 0; i < blocks->pageblocks && !ret; i++) {
		uint8_t type = block_reveals_type(
		    blocks, i << blocks->snapshot->pageblock_order);

		if (type != BLOCK_TYPE_UNKNOWN)
			ret = store_told(stmt, &table_pageblock_told, 0, i,
					 type, err);
	}
	sqlite3_finalize(stmt);
	return ret;
}

int reveals_store(sqlite3 *sql, const struct reveals *reveals, struct err *err)
{
	int ret = store_rows(sql, &table_start_page, reveals->pages,
			     sizeof(*reveals->pages), reveals->page_count, err);

	if (!ret)
		ret = store_rows(sql, &table_start_list, reveals->listed,
				 sizeof(*reveals->listed),
				 reveals->listed_count, err);
	if (!ret && reveals->blocks.touched)
		ret = store_blocks(sql, &reveals->blocks, err);
	return ret;
}

static bool page_ok(const struct reveal_page *page, const struct trace *trace)
{
	return page->pfn < DB_PFN_MAX &&
	       page->name < names_count(&trace->names) &&
	       page->cpu < trace->info.cpu_count &&
	       (page->kind == EV_NONE || page->kind == EV_KMALLOC ||
		page->kind == EV_CACHE_ALLOC);
}

static bool listed_ok(const struct reveal_listed *listed,
		      const struct trace *trace)
{
	return listed->pfn < DB_PFN_MAX &&
	       listed->order < SNAPSHOT_ORDERS_MAX &&
	       listed->cpu < trace->info.cpu_count;
}

/* Every row goes where an event would have told it. */
static int load_told(sqlite3 *sql, const struct row_table *table,
		     struct block_reveals *blocks,
		     bool (*tell)(struct block_reveals *blocks, uint64_t pfn,
				  int type),
		     struct err *err)
{
	const struct told *told;
	void *list;
	size_t count;
	int ret = row_load(sql, table, "ORDER BY 1", NULL, 0, false,
			   sizeof(*told), &list, &count, err);

	told = list;
	for (size_t i = 0; i < count && !ret; i++)
		if (!tell(blocks, told[i].pfn, told[i].migratetype))
			ret = row_damaged(sql, table->name, err);
	free(list);
	return ret;
}

static int load_blocks(sqlite3 *sql, struct trace *trace, struct err *err)
{
	const uint32_t lists = SNAPSHOT_ZONEINFO | SNAPSHOT_KPAGEFLAGS;
	struct block_reveals *blocks = &trace->reveals.blocks;
	int ret;

	if ((trace->before.parts & lists) != lists)
		return 0;
	if (block_reveals_init(blocks, &trace->before))
		return err_set(err, ERR_NOMEM, "out of memory");
	ret = load_told(sql, &table_block_told, blocks, block_reveals_tell_list,
			err);
	return ret ? ret
		   : load_told(sql, &table_pageblock_told, blocks,
			       block_reveals_tell_type, err);
}

int reveals_load(sqlite3 *sql, struct trace *trace, struct err *err)
{
	struct reveals *to = &trace->reveals;
	void *list;
	int ret =
	    row_load(sql, &table_start_page, "ORDER BY pfn", NULL, 0, false,
		     sizeof(*to->pages), &list, &to->page_count, err);

	to->pages = list;
	for (size_t i = 0; i < to->page_count && !ret; i++)
		if (!page_ok(&to->pages[i], trace))
			ret = row_damaged(sql, table_start_page.name, err);
	if (ret)
		return ret;
	ret =
	    row_load(sql, &table_start_list, "ORDER BY position", NULL, 0, true,
		     sizeof(*to->listed), &list, &to->listed_count, err);
	to->listed = list;
	for (size_t i = 0; i < to->listed_count && !ret; i++)
		if (!listed_ok(&to->listed[i], trace))
			ret = row_damaged(sql, table_start_list.name, err);
	return ret ? ret : load_blocks(sql, trace, err);
}
