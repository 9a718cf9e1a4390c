/*
 * new_file: an output file that appears whole or not at all.
 */
#ifndef CLI_NEW_FILE_H
#define CLI_NEW_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "core/err.h"

enum { NEW_FILE_PATH_MAX = 4096 };

struct new_file {
	FILE *file; /* write here */
	/* Private */
	const char *path;
	bool overwrite;
	char partial[NEW_FILE_PATH_MAX + 32];
};

/*
 * Starts a file beside path, readable by its owner alone: PATH.partial-XXXXXX.
 * ERR_EXISTS if path exists and overwrite is false. path lives until
 * new_file_finish().
 */
MUST_CHECK int new_file_open(struct new_file *new_file, const char *path,
			     bool overwrite, struct err *err);

/*
 * Gives the finished file its name once it is on the disk, if rc is 0; removes
 * it otherwise. Returns rc, or what went wrong. *bytes is its size.
 */
MUST_CHECK int new_file_finish(struct new_file *new_file, int rc, long *bytes,
			       struct err *err);

#endif
