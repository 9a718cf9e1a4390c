/*
 * db_facts: struct trace in its tables: all that is known apart from events.
 */
#ifndef DB_DB_FACTS_H
#define DB_DB_FACTS_H

#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

#include "core/err.h"
#include "core/map.h"
#include "core/trace.h"
#include "db/db_sites.h"

struct marker {
	uint64_t event, ts_ns;
	uint32_t name;
};

/* What is written beside the events. */
struct facts {
	struct trace *trace; /* its names grow by the snapshots' caches */
	const struct site_list *sites;
	struct map *caches; /* name ids that are caches -> 1; grows too */
	const struct marker *markers;
	size_t marker_count;
};

/* Writes all of it. ERR_NOMEM, and errors of row_put(). */
MUST_CHECK int facts_store(sqlite3 *sql, const struct facts *facts,
			   struct err *err);

/*
 * Reads what facts_store() wrote, and the call sites. trace and sites must be
 * zeroed; the caller frees both, after a failure too. ERR_FORMAT: the file is
 * damaged; ERR_NOMEM.
 */
MUST_CHECK int facts_load(sqlite3 *sql, struct trace *trace,
			  struct site_list *sites, struct err *err);

#endif
