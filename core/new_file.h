/*
 * new_file: an output file that appears whole or not at all.
 *
 * It is made beside its name, PATH.partial-XXXXXX, readable by its owner alone
 * (it holds kernel addresses), and gets its name once it is on the disk.
 */
#ifndef CORE_NEW_FILE_H
#define CORE_NEW_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/err.h"

enum { NEW_FILE_PATH_MAX = 4096 };

/* A zeroed struct is no file. */
struct new_file {
	char partial[NEW_FILE_PATH_MAX + 32]; /* "": there is none */
	FILE *file;			      /* of new_file_open() */
	/* Private */
	const char *path;
	bool overwrite;
};

/*
 * Makes the empty partial file. path must outlive it. ERR_EXISTS if path exists
 * and overwrite is false, or is a directory; ERR_MISSING: there is no folder for
 * it; ERR_PERM, ERR_LIMIT, ERR_IO.
 */
MUST_CHECK int new_file_make(struct new_file *new_file, const char *path,
			     bool overwrite, struct err *err);

/*
 * Gives the partial file, which nobody has open, its name; removes it where
 * that fails.
 */
MUST_CHECK int new_file_place(struct new_file *new_file, struct err *err);

/* Removes the partial file, if there is one. */
void new_file_drop(struct new_file *new_file);

/* new_file_make(), and file to write it. */
MUST_CHECK int new_file_open(struct new_file *new_file, const char *path,
			     bool overwrite, struct err *err);

/*
 * Closes file, then new_file_place() if rc is 0, else new_file_drop(). Returns
 * rc, or what went wrong. *bytes is the file's size.
 */
MUST_CHECK int new_file_finish(struct new_file *new_file, int rc,
			       uint64_t *bytes, struct err *err);

#endif
