/*
 * bytes: a growing buffer whose memory is touched before it is needed.
 *
 * A snapshot is read into memory that the kernel has already given, so that
 * reading it makes no page faults of its own.
 */
#ifndef COLLECTOR_BYTES_H
#define COLLECTOR_BYTES_H

#include <stddef.h>

#include "core/err.h"

struct bytes {
	char *data;
	size_t len, cap;
};

/* A zeroed struct is a valid empty buffer. */
void bytes_fini(struct bytes *bytes);

/* Room for cap bytes in all, every page of it written to once. */
MUST_CHECK int bytes_reserve(struct bytes *bytes, size_t cap);

MUST_CHECK int bytes_append(struct bytes *bytes, const char *data, size_t len);
MUST_CHECK int bytes_printf(struct bytes *bytes, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Appends a whole file. dirfd as for openat(). On failure errno says why and
 * bytes keep their old length; ERR_IO or ERR_NOMEM.
 */
MUST_CHECK int bytes_read_file(struct bytes *bytes, int dirfd,
			       const char *path);

/*
 * Reads a small file as a string without its last newline. ERR_IO with errno,
 * or ERR_LIMIT where it has size bytes or more.
 */
MUST_CHECK int file_read_line(int dirfd, const char *path, char *text,
			      size_t size);

#endif
