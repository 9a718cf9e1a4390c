/*
 * snapshot_check: whether the files of a snapshot can belong together.
 *
 * The files are read one after another while the machine runs, so they never
 * agree to the page. What they may differ by is bounded: more than a 64th of
 * the memory does not change hands between reading two of them.
 */
#ifndef REPLAY_SNAPSHOT_CHECK_H
#define REPLAY_SNAPSHOT_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "core/snapshot.h"

enum { SNAPSHOT_WHY_MAX = 200 };

/*
 * False if two files of the snapshot contradict each other; why says which, and
 * the numbers. Files that are not there contradict nothing.
 */
bool snapshot_agrees(const struct snapshot *snapshot,
		     char why[SNAPSHOT_WHY_MAX]);

/*
 * False if the two are of machines whose zones lie elsewhere; why says which
 * zone. Zones that are managed in part only at first (deferred initialisation)
 * are the same ones.
 */
bool snapshot_same_machine(const struct snapshot *before,
			   const struct snapshot *after,
			   char why[SNAPSHOT_WHY_MAX]);

#endif
