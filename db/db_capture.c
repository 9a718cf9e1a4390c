#include "db/db_capture.h"

#include <stdbool.h>
#include <stdlib.h>

#include "db/db_tables.h"

int db_capture_store(sqlite3 *sql, const struct trace *trace, struct err *err)
{
	const struct capture_info *info = &trace->info;
	int ret = row_insert_one(sql, &table_capture, NULL, trace, err);

	for (uint32_t cpu = 0; cpu < info->cpu_count && !ret; cpu++) {
		int64_t key = cpu;

		ret = row_insert_one(sql, &table_cpu_loss, &key,
				     &info->cpus[cpu], err);
	}
	return ret;
}

static int check_capture(sqlite3 *sql, const struct capture_info *info,
			 struct err *err)
{
	uint32_t page_size = info->page_size;

	if (page_size < 512 || page_size > (1u << 26) ||
	    (page_size & (page_size - 1)) ||
	    (info->long_size != 4 && info->long_size != 8) ||
	    info->cpu_count > CAPTURE_CPUS_MAX ||
	    info->slab_kind > SLAB_KIND_SLOB)
		return row_damaged(sql, "capture", err);
	return 0;
}

int db_capture_load(sqlite3 *sql, struct trace *trace, struct err *err)
{
	struct capture_info *info = &trace->info;
	sqlite3_stmt *stmt = NULL;
	bool more = false;
	int ret =
	    row_select_prepare(sql, &table_capture, "", NULL, 0, &stmt, err);

	if (!ret)
		ret = row_next(stmt, &table_capture, NULL, trace, &more, err);
	sqlite3_finalize(stmt);
	stmt = NULL;
	if (!ret)
		ret = more ? check_capture(sql, info, err)
			   : row_damaged(sql, "capture", err);
	if (ret)
		return ret;
	info->cpus = calloc(info->cpu_count + 1, sizeof(*info->cpus));
	if (!info->cpus)
		return err_set(err, ERR_NOMEM, "out of memory");
	ret = row_select_prepare(sql, &table_cpu_loss, "ORDER BY cpu", NULL, 0,
				 &stmt, err);
	for (uint32_t cpu = 0; cpu < info->cpu_count && !ret; cpu++) {
		int64_t key = -1;

		ret = row_next(stmt, &table_cpu_loss, &key, &info->cpus[cpu],
			       &more, err);
		if (!ret && (!more || key != cpu))
			ret = row_damaged(sql, "cpu_loss", err);
	}
	sqlite3_finalize(stmt);
	return ret;
}
