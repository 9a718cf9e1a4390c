/*
 * capture_dir: a directory that appears whole or not at all.
 *
 * It is made beside its final place as DIR.partial-PID and renamed when it is
 * complete. Directories have mode 0700 and files 0600, whatever the umask:
 * they hold kernel addresses.
 */
#ifndef COLLECTOR_CAPTURE_DIR_H
#define COLLECTOR_CAPTURE_DIR_H

#include <limits.h>
#include <stddef.h>

#include "core/err.h"

struct capture_dir {
	char path[PATH_MAX];	/* final place, absolute */
	char partial[PATH_MAX]; /* where it is made */
	int fd;			/* of the partial directory, -1: none */
};

/*
 * Works out the paths without making anything. ERR_EXISTS if path is taken,
 * ERR_MISSING if its parent is not there.
 */
MUST_CHECK int capture_dir_plan(struct capture_dir *dir, const char *path,
				struct err *err);

MUST_CHECK int capture_dir_create(struct capture_dir *dir, struct err *err);

/* Opens a new file for writing; makes the folders of name. */
MUST_CHECK int capture_dir_open(struct capture_dir *dir, const char *name,
				int *fd, struct err *err);

/* Writes a whole new file. */
MUST_CHECK int capture_dir_write(struct capture_dir *dir, const char *name,
				 const void *data, size_t len, struct err *err);

/* Renames it to its final place. ERR_EXISTS if that was taken meanwhile. */
MUST_CHECK int capture_dir_commit(struct capture_dir *dir, struct err *err);

/* Removes what was made and not committed. */
void capture_dir_discard(struct capture_dir *dir);

/* Removes a directory and all in it, not following links. */
void capture_dir_remove(const char *path);

#endif
