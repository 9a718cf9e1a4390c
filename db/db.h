/*
 * db: a recording, its statistics and its replays in one SQLite file.
 *
 * Written once, whole or not at all, by a db_writer; read as a source of the
 * same events by db_source_open(); asked by db/query.h. The schema is
 * db/schema.sql, explained in docs/schema.md.
 *
 * Everything read from a file is foreign input and is checked: a file that is
 * none of ours, of a newer version or damaged ends in an error that says so.
 *
 * Errors: ERR_FORMAT for such a file; ERR_IO, ERR_PERM, ERR_SQL and
 * ERR_INTERRUPTED as SQLite had them; ERR_NOMEM.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/err.h"
#include "core/event.h"
#include "core/result.h"
#include "core/source.h"
#include "core/trace.h"

/*
 * Starts a database. It is built beside path (core/new_file.h, and its errors)
 * and appears as path in db_commit() only. ERR_EXISTS if path exists and
 * overwrite is false.
 *
 * Rows are inserted by a thread of the writer, while the caller decodes the
 * next events; a failure there is returned by the next call. The functions of
 * one writer are called by one thread at a time.
 */
struct db_writer;
MUST_CHECK int db_create(const char *path, bool overwrite,
			 struct db_writer **writer, struct err *err);

/* Takes events in the order of their source. */
MUST_CHECK int db_write_events(struct db_writer *writer,
			       const struct kmem_event *events, size_t count,
			       struct err *err);

/* The summary of all events by call site; once, before db_commit(). */
MUST_CHECK int db_write_sites(struct db_writer *writer,
			      const struct site_summary *sites, size_t count,
			      struct err *err);

/*
 * Writes what is known about the recording as a whole, makes the file durable
 * and gives it its name. Cache names of the snapshots are added to the trace's
 * names. Frees the writer, after a failure too; then no file is left.
 */
MUST_CHECK int db_commit(struct db_writer *writer, struct trace *trace,
			 struct err *err);

/* Ends without a result: nothing is left. NULL is allowed. */
void db_abort(struct db_writer *writer);

/* True if the file begins as every SQLite file does. */
bool db_is_database(const char *path);

/*
 * Opens a database as a source. Fills trace (which must be zeroed; the caller
 * frees it, after a failure too) with all that was known when it was written;
 * symbols are those of the call sites only. The events read are those that
 * were written, equal in every member but pad_. Reading a database counts no
 * anomaly again.
 */
MUST_CHECK int db_source_open(const char *path, struct trace *trace,
			      struct source **source, struct err *err);

/* A database open for queries (db/query.h) and, if writable, for new runs. */
struct db;
MUST_CHECK int db_open(const char *path, bool writable, struct db **db,
		       struct err *err);

/* NULL is allowed. */
void db_close(struct db *db);

/* What one replay gave. Name ids are those of names. */
struct db_run {
	const struct names *names;
	const struct replay_result *result;
	const struct replay_sample *samples;
	size_t sample_count;
	const struct replay_cache_sample *cache_samples;
	size_t cache_sample_count;
	const struct replay_cache_result *caches;
	size_t cache_count;
	const struct replay_waterfall *waterfall; /* WATERFALL_MOMENTS */
};

/*
 * Keeps a replay, all of it or nothing, in the place of an earlier one of the
 * same model and settings.
 */
MUST_CHECK int db_put_run(struct db *db, const struct db_run *run,
			  struct err *err);

#endif
