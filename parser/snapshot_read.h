/*
 * snapshot_read: the files of before/ or after/ (and slab/) of a capture into
 * core/snapshot.h.
 *
 * Each file is a part of its own. One that is not there, or makes no sense, is
 * left out, and why_missing says so with capture.json's own reason ("unread")
 * where it gives one. Nothing that stands in a file can make this fail.
 */
#ifndef PARSER_SNAPSHOT_READ_H
#define PARSER_SNAPSHOT_READ_H

#include <stdbool.h>

#include "core/capture_info.h"
#include "core/err.h"
#include "core/snapshot.h"

/*
 * Reads dir/when, where "when" is "before" or "after"; kpageflags, which take
 * longer than all the rest, only if they are asked for. No such directory: the
 * snapshot stays empty (parts 0) with that reason. "snapshot" must be zeroed.
 * Fails with ERR_NOMEM only.
 */
MUST_CHECK int snapshot_read(const char *dir, const char *when, bool pageflags,
			     const struct capture_info *info,
			     struct snapshot *snapshot, struct err *err);

#endif
