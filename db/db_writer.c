/*
 * Building a database.
 *
 *   caller's thread                        the writer's thread
 *   events -> ledger, call-site numbers,   batches -> INSERT
 *             timeline -> batches --ring-->
 *
 * The file is a partial one until db_commit() has made it durable, so it needs
 * no journal and no sync on the way: a failure removes it.
 */
#include "db/db.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/new_file.h"
#include "db/db_facts.h"
#include "db/db_insert.h"
#include "db/db_ledger.h"
#include "db/db_ring.h"
#include "db/db_schema.h"
#include "db/db_tables.h"
#include "db/db_timeline.h"

struct db_writer {
	char *path;
	struct new_file file;
	sqlite3 *sql;
	struct ring *ring;
	pthread_t thread;
	bool thread_runs;
	/* Written by the thread, read after it was joined. */
	struct inserter inserter;
	int thread_ret;
	struct err thread_err;
	/* The caller's side. */
	struct event_batch *batch; /* being filled, NULL: none */
	uint64_t event_count;
	struct ledger ledger;
	struct site_list sites;
	struct timeline timeline;
	struct map caches; /* name ids -> 1 */
	struct marker *markers;
	size_t marker_count, marker_cap;
};

static int out_of_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "out of memory");
}

static void *insert_all(void *arg)
{
	struct db_writer *writer = arg;
	struct event_batch *batch;

	while ((batch = ring_front(writer->ring))) {
		writer->thread_ret = inserter_batch(&writer->inserter, batch,
						    &writer->thread_err);
		if (writer->thread_ret)
			break;
		ring_pop(writer->ring);
	}
	ring_stop(writer->ring);
	return NULL;
}

/* Waits for the thread; what went wrong in it becomes the caller's. */
static int join(struct db_writer *writer, bool now, struct err *err)
{
	if (!writer->thread_runs)
		return 0;
	ring_end(writer->ring, now);
	pthread_join(writer->thread, NULL);
	writer->thread_runs = false;
	if (writer->thread_ret && err)
		*err = writer->thread_err;
	return writer->thread_ret;
}

/* Everything but the files. */
static void release(struct db_writer *writer)
{
	inserter_close(&writer->inserter);
	sqlite3_close(writer->sql);
	ring_close(writer->ring);
	ledger_fini(&writer->ledger);
	site_list_fini(&writer->sites);
	map_fini(&writer->caches);
	free(writer->markers);
	free(writer->path);
	free(writer);
}

void db_abort(struct db_writer *writer)
{
	if (!writer)
		return;
	/* Whatever went wrong in the thread ends here with it. */
	join(writer, true, NULL);
	new_file_drop(&writer->file);
	release(writer);
}

static int open_sql(struct db_writer *writer, struct err *err)
{
	int ret;

	/* One thread at a time uses it, so SQLite need not lock. */
	if (sqlite3_open_v2(writer->file.partial, &writer->sql,
			    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
			    NULL) != SQLITE_OK)
		return row_fail(writer->sql, "open", err);
	ret = row_exec(writer->sql,
		       "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; "
		       "PRAGMA synchronous = OFF; "
		       "PRAGMA locking_mode = EXCLUSIVE; "
		       "PRAGMA cache_size = -8192; PRAGMA cache_spill = ON; "
		       "PRAGMA temp_store = MEMORY; BEGIN",
		       err);
	if (!ret)
		ret = row_exec(writer->sql, db_schema_sql, err);
	if (!ret)
		ret = inserter_open(&writer->inserter, writer->sql, err);
	return ret;
}

/* SQLite would make the file by the umask; it holds kernel addresses. */
static int start(struct db_writer *writer, bool overwrite, struct err *err)
{
	int ret = new_file_make(&writer->file, writer->path, overwrite, err);

	if (!ret)
		ret = open_sql(writer, err);
	if (ret)
		return ret;
	if (ring_open(&writer->ring))
		return out_of_memory(err);
	ret = pthread_create(&writer->thread, NULL, insert_all, writer);
	if (ret)
		return err_set(err, ERR_NOMEM, "cannot start a thread: %s",
			       strerror(ret));
	writer->thread_runs = true;
	return 0;
}

int db_create(const char *path, bool overwrite, struct db_writer **writer,
	      struct err *err)
{
	struct db_writer *made;
	int ret;

	assert(path && writer);
	made = calloc(1, sizeof(*made));
	if (!made)
		return out_of_memory(err);
	made->path = strdup(path);
	ret = made->path ? start(made, overwrite, err) : out_of_memory(err);
	if (ret)
		db_abort(made);
	else
		*writer = made;
	return ret;
}

static int add_marker(struct db_writer *writer, const struct kmem_event *ev)
{
	if (writer->marker_count == writer->marker_cap) {
		size_t cap = writer->marker_cap ? writer->marker_cap * 2 : 64;
		struct marker *bigger =
		    realloc(writer->markers, cap * sizeof(*bigger));

		if (!bigger)
			return ERR_NOMEM;
		writer->markers = bigger;
		writer->marker_cap = cap;
	}
	writer->markers[writer->marker_count++] =
	    (struct marker){writer->event_count, ev->ts_ns, ev->name};
	return 0;
}

/* Notes what of the event its row and the ledger do not give. */
static void add_detail(struct db_writer *writer, const struct kmem_event *ev)
{
	struct event_batch *batch = writer->batch;
	struct event_detail *detail = &batch->details[batch->detail_count];
	struct kmem_event told = *ev;

	ledger_foretell(&writer->ledger, &told);
	*detail = (struct event_detail){
	    .event = writer->event_count,
	    .has_fallback = ev->fallback_order || ev->fallback_migratetype,
	    .has_alloc = told.alloc_ts_ns != ev->alloc_ts_ns ||
			 told.alloc_site != ev->alloc_site ||
			 told.alloc_cpu != ev->alloc_cpu,
	    .has_slot = told.slot != ev->slot,
	    .alloc_ts_ns = ev->alloc_ts_ns,
	    .alloc_site = ev->alloc_site,
	    .alloc_cpu = ev->alloc_cpu,
	    .slot = ev->slot,
	    .fallback_order = ev->fallback_order,
	    .fallback_migratetype = ev->fallback_migratetype};
	if (detail->has_fallback || detail->has_alloc || detail->has_slot)
		batch->detail_count++;
}

/* Adds one event to the batch. */
static int add_event(struct db_writer *writer, const struct kmem_event *ev)
{
	struct event_batch *batch = writer->batch;
	struct kmem_event *row = &batch->events[batch->count++];
	uint32_t site;
	int ret;

	writer->event_count++;
	*row = *ev;
	ret = site_list_id(&writer->sites, ev->call_site, &site);
	row->call_site = site;
	add_detail(writer, ev);
	timeline_add(&writer->timeline, ev);
	if (!ret)
		ret = ledger_note(&writer->ledger, ev);
	if (!ret && ev->kind == EV_MARKER)
		ret = add_marker(writer, ev);
	if (!ret && ev->name && event_is_object(ev) &&
	    !map_find(&writer->caches, ev->name))
		ret = map_put(&writer->caches, ev->name, 1);
	return ret;
}

int db_write_events(struct db_writer *writer, const struct kmem_event *events,
		    size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		int ret;

		if (!writer->batch)
			writer->batch = ring_blank(writer->ring);
		if (!writer->batch) {
			ret = join(writer, true, err);
			assert(ret);
			return ret;
		}
		ret = add_event(writer, &events[i]);
		if (ret)
			return err_set(err, ret, "event %llu: %s",
				       (unsigned long long)writer->event_count,
				       err_code_text(ret));
		if (writer->batch->count == BATCH_EVENTS) {
			ring_push(writer->ring);
			writer->batch = NULL;
		}
	}
	return 0;
}

/* Hands on the last batch and waits until all is inserted. */
static int drain(struct db_writer *writer, struct err *err)
{
	if (writer->batch) {
		ring_push(writer->ring);
		writer->batch = NULL;
	}
	return join(writer, false, err);
}

int db_write_sites(struct db_writer *writer, const struct site_summary *sites,
		   size_t count, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	int ret = drain(writer, err);

	if (!ret)
		ret = row_insert_prepare(writer->sql, &table_site_summary,
					 &stmt, err);
	for (size_t i = 0; i < count && !ret; i++)
		ret =
		    row_insert(stmt, &table_site_summary, NULL, &sites[i], err);
	sqlite3_finalize(stmt);
	return ret;
}

static int write_timeline(struct db_writer *writer, struct err *err)
{
	uint32_t count = timeline_finish(&writer->timeline);
	sqlite3_stmt *stmt = NULL;
	int ret = row_insert_prepare(writer->sql, &table_timeline, &stmt, err);

	for (uint32_t i = 0; i < count && !ret; i++)
		ret = row_insert(stmt, &table_timeline, NULL,
				 &writer->timeline.steps[i], err);
	sqlite3_finalize(stmt);
	return ret;
}

static int finish(struct db_writer *writer, struct trace *trace,
		  struct err *err)
{
	struct facts facts = {trace, &writer->sites, &writer->caches,
			      writer->markers, writer->marker_count};
	int ret = drain(writer, err);

	inserter_close(&writer->inserter);
	if (!ret)
		ret = write_timeline(writer, err);
	if (!ret)
		ret = facts_store(writer->sql, &facts, err);
	if (!ret)
		ret = row_exec(writer->sql, "COMMIT", err);
	if (!ret && sqlite3_close(writer->sql) != SQLITE_OK)
		ret = row_fail(writer->sql, "close", err);
	if (ret)
		return ret;
	writer->sql = NULL;
	return new_file_place(&writer->file, err);
}

int db_commit(struct db_writer *writer, struct trace *trace, struct err *err)
{
	int ret;

	assert(writer && trace);
	ret = finish(writer, trace, err);
	if (ret)
		db_abort(writer);
	else
		release(writer);
	return ret;
}
