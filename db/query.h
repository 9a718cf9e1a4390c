/*
 * query: what plots and commands ask a database, as plain arrays.
 *
 * Every list is a new array that the caller frees with free(); it may be NULL
 * if *count is 0. Name ids in the rows are ids in the names that the caller
 * gives, to which names of the database are added as they are met.
 *
 * Errors: ERR_FORMAT, the file is damaged; ERR_NOMEM; ERR_IO, ERR_SQL.
 */
#ifndef DB_QUERY_H
#define DB_QUERY_H

#include "db/db.h"

/*
 * Fills trace (which must be zeroed; the caller frees it, after a failure too)
 * with all that is known about the recording; see db_source_open().
 */
MUST_CHECK int db_query_trace(struct db *db, struct trace *trace,
			      struct err *err);

enum db_site_order {
	DB_SITES_AS_STORED,
	DB_SITES_BY_WASTE, /* bytes_alloc - bytes_req, most first */
};

/* Call sites × caches, and page events; at most limit rows, 0: all. */
MUST_CHECK int db_query_sites(struct db *db, struct names *names,
			      enum db_site_order order, size_t limit,
			      struct site_summary **sites, size_t *count,
			      struct err *err);

struct db_run_row {
	int64_t id;
	struct replay_result result;
};

/* All replays that are kept, the oldest first. */
MUST_CHECK int db_query_runs(struct db *db, struct db_run_row **runs,
			     size_t *count, struct err *err);

/* Samples of a run by time, complete with their orders. */
MUST_CHECK int db_query_samples(struct db *db, int64_t run,
				struct replay_sample **samples, size_t *count,
				struct err *err);

/* Samples of a run's caches, in the order they were given in. */
MUST_CHECK int db_query_cache_samples(struct db *db, struct names *names,
				      int64_t run,
				      struct replay_cache_sample **samples,
				      size_t *count, struct err *err);

/* Writes WATERFALL_MOMENTS elements. */
MUST_CHECK int db_query_waterfall(struct db *db, int64_t run,
				  struct replay_waterfall *moments,
				  struct err *err);

/* Caches of a run by their peak of slab pages, most first; limit 0: all. */
MUST_CHECK int db_query_caches(struct db *db, struct names *names, int64_t run,
			       size_t limit,
			       struct replay_cache_result **caches,
			       size_t *count, struct err *err);

#endif
