/*
 * live_snapshot: the memory of this machine now, file by file.
 *
 * The files are read into memory that was touched before, by the recorder
 * itself, with a marker in the trace just before each; nothing is written to
 * disk until live_snapshot_write(). No child process is started.
 */
#ifndef COLLECTOR_LIVE_SNAPSHOT_H
#define COLLECTOR_LIVE_SNAPSHOT_H

#include "collector/bytes.h"
#include "collector/capture_dir.h"
#include "collector/unread.h"
#include "core/err.h"

enum {
	LIVE_SLABINFO,
	LIVE_VMSTAT,
	LIVE_BUDDYINFO,
	LIVE_PAGETYPEINFO,
	LIVE_ZONEINFO,
	LIVE_KPAGEFLAGS,
	LIVE_MEMINFO,
	LIVE_UNUSABLE_INDEX,
	LIVE_EXTFRAG_INDEX,
	LIVE_SLAB_TSV,
	LIVE_FILE_COUNT
};

struct live_file {
	struct bytes content;
	int error; /* errno of the reading, 0: there */
};

struct live_snapshot {
	struct live_file files[LIVE_FILE_COUNT];
};

/* Where the files are; opened once per recording. */
struct live_sources {
	int debugfs_fd; /* its root directory, -1: none */
	char debugfs_why[128];
};

/*
 * Finds debugfs, or mounts one that only this process sees (nothing appears in
 * the system's mount table; from kernel 5.2 on).
 */
void live_sources_open(struct live_sources *sources);
void live_sources_close(struct live_sources *sources);

/* Where a file in before/ and after/ comes from. */
const char *live_file_source(unsigned int file);

/* Reads one file, replacing what it held. ERR_NOMEM only. */
MUST_CHECK int live_file_read(const struct live_sources *sources,
			      unsigned int file, struct live_file *out);

/* Makes the kernel fold its per-CPU counters, so that vmstat is exact. */
void live_refresh_counters(void);

/*
 * Reads all of them. Writes "PREFIX:begin", "PREFIX:FILE" before each and
 * "PREFIX:end" to marker_fd (-1: no markers).
 */
MUST_CHECK int live_snapshot_take(struct live_snapshot *snapshot,
				  const struct live_sources *sources,
				  int marker_fd, const char *prefix,
				  struct err *err);

/*
 * Makes and touches the room that a snapshot of the size of like will need,
 * and some to spare.
 */
MUST_CHECK int live_snapshot_prepare(struct live_snapshot *snapshot,
				     const struct live_snapshot *like,
				     struct err *err);

/*
 * Writes folder/FILE for each that was read, kpageflags compressed as
 * kpageflags.zst; the others go to unread.
 */
MUST_CHECK int live_snapshot_write(const struct live_snapshot *snapshot,
				   const struct live_sources *sources,
				   struct capture_dir *dir, const char *folder,
				   struct unread *unread, struct err *err);

/* A zeroed struct is a valid empty snapshot. */
void live_snapshot_fini(struct live_snapshot *snapshot);

#endif
