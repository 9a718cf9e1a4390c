/*
 * db_support: a source made of an array, and databases in a directory that is
 * removed at the end.
 */
#ifndef TESTS_DB_DB_SUPPORT_H
#define TESTS_DB_DB_SUPPORT_H

#include <stddef.h>

#include "core/source.h"
#include "core/trace.h"
#include "db/db.h"

/* A path in this process's own directory; static storage, four in turn. */
const char *db_path(const char *name);

/* How many files of that directory begin with name. */
unsigned int db_files(const char *name);

/* A capture of tests/data, opened and linked. */
void open_capture(const char *name, struct trace *trace,
		  struct source **source);

/* Writes all of a source to path, which must not exist. */
void write_source(const char *path, struct source *source, struct trace *trace);

/* Compares every member; says which differs. */
void expect_same_event(const struct kmem_event *got,
		       const struct kmem_event *want, size_t number);

/* Runs SQL that gives one integer. */
int64_t query_integer(const char *path, const char *text);

/* Runs SQL on a database of ours from outside: what a user may do to it. */
void run_sql(const char *path, const char *text);

#endif
