#include "db/db_reveals.h"

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

int reveals_store(sqlite3 *sql, const struct reveals *reveals, struct err *err)
{
	int ret = store_rows(sql, &table_start_page, reveals->pages,
			     sizeof(*reveals->pages), reveals->page_count, err);

	return ret ? ret
		   : store_rows(sql, &table_start_list, reveals->listed,
				sizeof(*reveals->listed), reveals->listed_count,
				err);
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
	return ret;
}
