/*
 * bare_insert: what import is measured against. A plain loop in one thread that
 * inserts rows it already has in memory: one prepared INSERT, bind, step,
 * reset, in one transaction without a journal, then fsync, as import does.
 */
#ifndef BENCH_BARE_INSERT_H
#define BENCH_BARE_INSERT_H

#include "bench/bench_clock.h"
#include "core/err.h"

/*
 * Reads all rows of event from database, and writes them to the new file
 * output with the same schema. *time: for the writing, from opening the file
 * to its last byte on the disk. ERR_SQL, ERR_NOMEM.
 */
MUST_CHECK int bare_insert(const char *database, const char *output,
			   struct bench_time *time, struct err *err);

#endif
