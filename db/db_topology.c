#include "db/db_topology.h"

#include <stdbool.h>
#include <stdint.h>

#include "core/capture_info.h"
#include "db/db_row.h"

int db_topology_store(sqlite3 *sql, const struct topology *topology,
		      struct err *err)
{
	int64_t learned = topology->from == TOPOLOGY_LEARNED;
	sqlite3_stmt *stmt = NULL;
	int ret =
	    row_prepare(sql, "INSERT INTO cpu_node VALUES (?,?,?)", &stmt, err);

	for (uint32_t cpu = 0; cpu < topology->cpu_count && !ret; cpu++) {
		int node = topology_node(topology, cpu);

		if (node >= 0)
			ret = row_put(stmt, err, "iii", (int64_t)cpu,
				      (int64_t)node, learned);
	}
	sqlite3_finalize(stmt);
	return ret;
}

static int load_row(sqlite3_stmt *stmt, struct topology *topology,
		    struct err *err)
{
	int64_t cpu, node, learned;
	int ret = row_integer(stmt, 0, 0, CAPTURE_CPUS_MAX - 1, &cpu, err);

	if (!ret)
		ret =
		    row_integer(stmt, 1, 0, TOPOLOGY_NODES_MAX - 1, &node, err);
	if (!ret)
		ret = row_integer(stmt, 2, 0, 1, &learned, err);
	if (ret)
		return ret;
	topology->from = learned ? TOPOLOGY_LEARNED : TOPOLOGY_RECORDED;
	if (topology_put(topology, (uint32_t)cpu, (int)node))
		return err_set(err, ERR_NOMEM, "out of memory");
	return 0;
}

int db_topology_load(sqlite3 *sql, struct topology *topology, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	bool more = true;
	int ret = row_prepare(sql, "SELECT cpu, node, learned FROM cpu_node",
			      &stmt, err);

	while (!ret) {
		ret = row_step(stmt, &more, err);
		if (ret || !more)
			break;
		ret = load_row(stmt, topology, err);
	}
	sqlite3_finalize(stmt);
	return ret;
}
