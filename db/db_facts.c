#include "db/db_facts.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/event.h"
#include "db/db_capture.h"
#include "db/db_cgroups.h"
#include "db/db_reveals.h"
#include "db/db_row.h"
#include "db/db_snapshot.h"
#include "db/db_topology.h"

static const struct {
	const char *name;
	size_t offset;
} gfp_table[] = {
#define X(field, name, value) {name, offsetof(struct gfp_bits, field)},
    GFP_TABLE(X)
#undef X
};

enum { GFP_COUNT = sizeof(gfp_table) / sizeof(gfp_table[0]) };

static int store_gfp(sqlite3_stmt *stmt, const struct facts *facts,
		     struct err *err)
{
	const struct gfp_bits *gfp = &facts->trace->info.gfp;
	int ret = 0;

	for (unsigned int i = 0; i < GFP_COUNT && !ret; i++) {
		uint32_t mask;

		memcpy(&mask, (const char *)gfp + gfp_table[i].offset,
		       sizeof(mask));
		ret =
		    row_put(stmt, err, "ti", gfp_table[i].name, (int64_t)mask);
	}
	return ret;
}

static int store_anomalies(sqlite3_stmt *stmt, const struct facts *facts,
			   struct err *err)
{
	const struct anomalies *anomalies = &facts->trace->anomalies;
	int ret = 0;

	for (unsigned int i = 0; i < ANOMALY_COUNT && !ret; i++)
		ret = row_put(stmt, err, "tit", anomaly_word(i),
			      (int64_t)anomalies->count[i], anomaly_text(i));
	return ret;
}

static int store_tracepoints(sqlite3_stmt *stmt, const struct facts *facts,
			     struct err *err)
{
	const struct trace *trace = facts->trace;
	int ret = 0;

	for (uint32_t i = 0; i < trace->tracepoint_count && !ret; i++) {
		const struct tracepoint_count *point = &trace->tracepoints[i];

		ret = row_put(stmt, err, "iti", (int64_t)i + 1,
			      names_get(&trace->names, point->name),
			      (int64_t)point->count);
	}
	return ret;
}

static int store_names(sqlite3_stmt *stmt, const struct facts *facts,
		       struct err *err)
{
	const struct names *names = &facts->trace->names;
	int ret = 0;

	for (uint32_t id = 0; id < names_count(names) && !ret; id++)
		ret =
		    row_put(stmt, err, "it", (int64_t)id, names_get(names, id));
	return ret;
}

static int store_kinds(sqlite3_stmt *stmt, const struct facts *facts,
		       struct err *err)
{
	int ret = 0;

	(void)facts;
	for (unsigned int kind = 0; kind < EV_KIND_COUNT && !ret; kind++)
		ret = row_put(stmt, err, "it", (int64_t)kind,
			      event_kind_word(kind));
	return ret;
}

static int store_flags(sqlite3_stmt *stmt, const struct facts *facts,
		       struct err *err)
{
	static const struct {
		int64_t mask;
		const char *word;
	} flags[] = {
	    {EVF_NODE_VARIANT, "node_variant"},
	    {EVF_FAILED, "failed"},
	    {EVF_NO_OBJECT, "no_object"},
	    {EVF_ACCOUNTED, "accounted"},
	    {EVF_PERCPU_REFILL, "percpu_refill"},
	    {EVF_CHANGE_OWNERSHIP, "change_ownership"},
	    {EVF_HARDIRQ, "hardirq"},
	    {EVF_SOFTIRQ, "softirq"},
	    {EVF_LOST_BEFORE, "lost_before"},
	    {EVF_SELF, "self"},
	    {EVF_WRITE_FAULT, "write_fault"},
	    {EVF_SHARES_MEMORY, "shares_memory"},
	    {EVF_DUPLICATE, "duplicate"},
	    {EVF_SYNTHETIC, "synthetic"},
	    {EVF_BACKS_SLAB, "backs_slab"},
	    {EVF_BACKS_LARGE, "backs_large"},
	    {EVF_LARGE, "large"},
	    {EVF_UNKNOWN_OBJECT, "unknown_object"},
	    {EVF_HIDDEN_OBJECT, "hidden_object"},
	    {EVF_SPLIT, "split"},
	    {EVF_BLOCK_LIVES, "block_lives"},
	};
	int ret = 0;

	(void)facts;
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]) && !ret; i++)
		ret = row_put(stmt, err, "it", flags[i].mask, flags[i].word);
	return ret;
}

/* Marks the caches of a snapshot, whose names may be new, as caches. */
static int mark_caches(struct names *names, const struct snapshot *snapshot,
		       struct map *caches)
{
	int ret = 0;

	for (uint32_t i = 0; i < snapshot->cache_count && !ret; i++) {
		const char *name = snapshot->caches[i].name;
		uint32_t id;

		ret = names_intern(names, name, strlen(name), &id);
		if (!ret)
			ret = map_put(caches, id, 1);
	}
	return ret;
}

static int store_cache(sqlite3_stmt *stmt, const struct trace *trace,
		       uint32_t id, struct err *err)
{
	const char *name = names_get(&trace->names, id);
	const struct snapshot_cache *cache =
	    snapshot_cache_find(&trace->after, name);

	if (!cache || !cache->slab_size)
		cache = snapshot_cache_find(&trace->before, name);
	if (!cache || !cache->slab_size)
		return row_put(stmt, err, "itnnnnnnn", (int64_t)id, name);
	return row_put(stmt, err, "itiiiiiii", (int64_t)id, name,
		       (int64_t)cache->object_size, (int64_t)cache->slab_size,
		       (int64_t)cache->align, (int64_t)cache->objs_per_slab,
		       (int64_t)cache->order, (int64_t)cache->cpu_partial,
		       (int64_t)cache->min_partial);
}

static int store_caches(sqlite3_stmt *stmt, const struct facts *facts,
			struct err *err)
{
	const struct trace *trace = facts->trace;
	int ret = 0;

	for (uint32_t id = 1; id < names_count(&trace->names) && !ret; id++)
		if (map_find(facts->caches, id))
			ret = store_cache(stmt, trace, id, err);
	return ret;
}

static int store_tasks(sqlite3_stmt *stmt, const struct facts *facts,
		       struct err *err)
{
	const struct trace *trace = facts->trace;
	const struct map_entry *entry;
	size_t at = 0;
	int ret = 0;

	while (!ret && (entry = map_next(&trace->comms, &at))) {
		int32_t pid = (int32_t)entry->key;

		ret = row_put(stmt, err, "iti", (int64_t)pid,
			      trace_comm(trace, pid),
			      (int64_t)trace_is_self(trace, pid));
	}
	at = 0;
	while (!ret && (entry = map_next(&trace->self_pids, &at)))
		if (!map_find(&trace->comms, entry->key))
			ret = row_put(stmt, err, "ini",
				      (int64_t)(int32_t)entry->key, (int64_t)1);
	return ret;
}

static int store_markers(sqlite3_stmt *stmt, const struct facts *facts,
			 struct err *err)
{
	int ret = 0;

	for (size_t i = 0; i < facts->marker_count && !ret; i++) {
		const struct marker *marker = &facts->markers[i];

		ret = row_put(stmt, err, "iit", (int64_t)marker->event,
			      (int64_t)marker->ts_ns,
			      names_get(&facts->trace->names, marker->name));
	}
	return ret;
}

static const struct {
	const char *insert;
	int (*store)(sqlite3_stmt *stmt, const struct facts *facts,
		     struct err *err);
} fact_tables[] = {
    {"INSERT INTO gfp_flag VALUES (?,?)", store_gfp},
    {"INSERT INTO anomaly VALUES (?,?,?)", store_anomalies},
    {"INSERT INTO tracepoint VALUES (?,?,?)", store_tracepoints},
    {"INSERT INTO name VALUES (?,?)", store_names},
    {"INSERT INTO kind VALUES (?,?)", store_kinds},
    {"INSERT INTO event_flag VALUES (?,?)", store_flags},
    {"INSERT INTO cache VALUES (?,?,?,?,?,?,?,?,?)", store_caches},
    {"INSERT INTO task VALUES (?,?,?)", store_tasks},
    {"INSERT INTO marker VALUES (?,?,?)", store_markers},
};

int facts_store(sqlite3 *sql, const struct facts *facts, struct err *err)
{
	struct trace *trace = facts->trace;
	int ret;

	if (mark_caches(&trace->names, &trace->before, facts->caches) ||
	    mark_caches(&trace->names, &trace->after, facts->caches))
		return err_set(err, ERR_NOMEM, "out of memory");
	ret = db_capture_store(sql, trace, err);
	if (!ret)
		ret = db_sites_store(sql, facts->sites, &trace->symbols, err);
	if (!ret)
		ret = db_topology_store(sql, &trace->topology, err);
	if (!ret)
		ret = db_cgroups_store(sql, trace, err);
	for (size_t i = 0;
	     i < sizeof(fact_tables) / sizeof(fact_tables[0]) && !ret; i++) {
		sqlite3_stmt *stmt = NULL;

		ret = row_prepare(sql, fact_tables[i].insert, &stmt, err);
		if (!ret)
			ret = fact_tables[i].store(stmt, facts, err);
		sqlite3_finalize(stmt);
	}
	if (!ret)
		ret = snapshot_store(sql, MOMENT_BEFORE, &trace->before, err);
	if (!ret)
		ret = snapshot_store(sql, MOMENT_AFTER, &trace->after, err);
	if (!ret)
		ret = reveals_store(sql, &trace->reveals, err);
	return ret;
}

static int load_gfp(sqlite3_stmt *stmt, struct trace *trace, struct err *err)
{
	const char *name;
	int64_t mask;
	int ret = row_text(stmt, 0, &name, err);

	if (!ret)
		ret = row_integer(stmt, 1, 0, UINT32_MAX, &mask, err);
	for (unsigned int i = 0; i < GFP_COUNT && !ret; i++) {
		uint32_t bits = (uint32_t)mask;

		if (!strcmp(name, gfp_table[i].name))
			memcpy((char *)&trace->info.gfp + gfp_table[i].offset,
			       &bits, sizeof(bits));
	}
	return ret;
}

static int load_anomaly(sqlite3_stmt *stmt, struct trace *trace,
			struct err *err)
{
	const char *word;
	int64_t count;
	int ret = row_text(stmt, 0, &word, err);

	if (!ret)
		ret = row_integer(stmt, 1, INT64_MIN, INT64_MAX, &count, err);
	for (unsigned int i = 0; i < ANOMALY_COUNT && !ret; i++)
		if (!strcmp(word, anomaly_word(i)))
			trace->anomalies.count[i] = (uint64_t)count;
	return ret;
}

static int load_name(sqlite3_stmt *stmt, struct trace *trace, struct err *err)
{
	const char *text;
	int64_t want;
	uint32_t id;
	int ret = row_integer(stmt, 0, 0, UINT32_MAX, &want, err);

	if (!ret)
		ret = row_text(stmt, 1, &text, err);
	if (ret)
		return ret;
	if (names_intern(&trace->names, text, strlen(text), &id))
		return err_set(err, ERR_NOMEM, "out of memory");
	/* The same names in the same order have the same ids. */
	if (id != want)
		return row_damaged(sqlite3_db_handle(stmt), "name", err);
	return 0;
}

static int load_tracepoint(sqlite3_stmt *stmt, struct trace *trace,
			   struct err *err)
{
	struct tracepoint_count point = {0};
	struct tracepoint_count *bigger;
	const char *name;
	int64_t count;
	int ret = row_text(stmt, 0, &name, err);

	if (!ret)
		ret = row_integer(stmt, 1, INT64_MIN, INT64_MAX, &count, err);
	if (ret)
		return ret;
	point.name = names_find(&trace->names, name);
	point.count = (uint64_t)count;
	if (*name && !point.name)
		return row_damaged(sqlite3_db_handle(stmt), "tracepoint", err);
	bigger = realloc(trace->tracepoints,
			 (trace->tracepoint_count + 1) * sizeof(*bigger));
	if (!bigger)
		return err_set(err, ERR_NOMEM, "out of memory");
	trace->tracepoints = bigger;
	trace->tracepoints[trace->tracepoint_count++] = point;
	return 0;
}

static int load_task(sqlite3_stmt *stmt, struct trace *trace, struct err *err)
{
	const char *comm;
	int64_t pid, is_self;
	uint32_t id;
	int ret = row_integer(stmt, 0, INT32_MIN, INT32_MAX, &pid, err);

	if (!ret)
		ret = row_integer(stmt, 2, 0, 1, &is_self, err);
	if (!ret && is_self && map_put(&trace->self_pids, (uint32_t)pid, 1))
		ret = err_set(err, ERR_NOMEM, "out of memory");
	if (ret || sqlite3_column_type(stmt, 1) == SQLITE_NULL)
		return ret;
	ret = row_text(stmt, 1, &comm, err);
	if (ret)
		return ret;
	if (names_intern(&trace->names, comm, strlen(comm), &id) ||
	    map_put(&trace->comms, (uint32_t)pid, id))
		return err_set(err, ERR_NOMEM, "out of memory");
	return 0;
}

/* Names first: later rows refer to them. */
static const struct {
	const char *select;
	int (*load)(sqlite3_stmt *stmt, struct trace *trace, struct err *err);
} fact_selects[] = {
    {"SELECT id, text FROM name ORDER BY id", load_name},
    {"SELECT name, mask FROM gfp_flag", load_gfp},
    {"SELECT word, count FROM anomaly", load_anomaly},
    {"SELECT name, count FROM tracepoint ORDER BY id", load_tracepoint},
    {"SELECT pid, comm, is_self FROM task", load_task},
};

static int load_rows(sqlite3 *sql, size_t which, struct trace *trace,
		     struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	bool more = true;
	int ret = row_prepare(sql, fact_selects[which].select, &stmt, err);

	while (!ret) {
		ret = row_step(stmt, &more, err);
		if (ret || !more)
			break;
		ret = fact_selects[which].load(stmt, trace, err);
	}
	sqlite3_finalize(stmt);
	return ret;
}

int facts_load(sqlite3 *sql, struct trace *trace, struct site_list *sites,
	       struct err *err)
{
	int ret = db_capture_load(sql, trace, err);

	if (!ret)
		ret = db_topology_load(sql, &trace->topology, err);
	for (size_t i = 0;
	     i < sizeof(fact_selects) / sizeof(fact_selects[0]) && !ret; i++)
		ret = load_rows(sql, i, trace, err);
	if (!ret)
		ret = db_sites_load(sql, sites, &trace->symbols, err);
	if (!ret)
		ret = db_cgroups_load(sql, trace, err);
	if (!ret)
		symbols_sort(&trace->symbols);
	if (!ret)
		ret = snapshot_load(sql, MOMENT_BEFORE, &trace->before, err);
	if (!ret)
		ret = snapshot_load(sql, MOMENT_AFTER, &trace->after, err);
	if (!ret)
		ret = reveals_load(sql, trace, err);
	return ret;
}
