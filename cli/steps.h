/*
 * steps: what run and report do with a capture before they can show it.
 */
#ifndef CLI_STEPS_H
#define CLI_STEPS_H

#include "core/err.h"

/* A new database of all that input holds; it must not exist. */
MUST_CHECK int steps_import(const char *input, const char *database,
			    struct err *err);

/* Replays a database as recorded and on SLUB, and keeps both in it. */
MUST_CHECK int steps_replay(const char *database, struct err *err);

#endif
