#include "db/db_cgroups.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "db/db_row.h"

int db_cgroups_store(sqlite3 *sql, const struct trace *trace, struct err *err)
{
	const struct map_entry *entry;
	sqlite3_stmt *stmt = NULL;
	size_t at = 0;
	int ret = row_prepare(sql, "INSERT INTO task_cgroup VALUES (?,?)",
			      &stmt, err);

	while (!ret && (entry = map_next(&trace->cgroups, &at)))
		ret = row_put(stmt, err, "it", (int64_t)entry->key,
			      names_get(&trace->names, (uint32_t)entry->value));
	sqlite3_finalize(stmt);
	return ret;
}

static int load_row(sqlite3_stmt *stmt, struct trace *trace, struct err *err)
{
	const char *path;
	uint32_t name;
	int64_t pid;
	int ret = row_integer(stmt, 0, 0, INT32_MAX, &pid, err);

	if (!ret)
		ret = row_text(stmt, 1, &path, err);
	if (ret)
		return ret;
	ret = names_intern(&trace->names, path, strlen(path), &name);
	if (!ret)
		ret = map_put(&trace->cgroups, (uint64_t)pid, name);
	return ret ? err_set(err, ret, "control groups: %s", err_code_text(ret))
		   : 0;
}

int db_cgroups_load(sqlite3 *sql, struct trace *trace, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	bool more = true;
	int ret = row_prepare(sql,
			      "SELECT pid, cgroup FROM task_cgroup "
			      "ORDER BY pid",
			      &stmt, err);

	while (!ret) {
		ret = row_step(stmt, &more, err);
		if (ret || !more)
			break;
		ret = load_row(stmt, trace, err);
	}
	sqlite3_finalize(stmt);
	return ret;
}
